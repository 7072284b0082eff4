//! C-38: whoever fetches while lists replace each other gets a whole one, never an older one, over
//! HTTP and in the directory, of every scope.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use blackbox_tests::{Client, World};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use testkit::wait_for;

use crate::list::{List, path_named_by};
use crate::scene::{Ended, Issued, issue_device, plain_http};
use crate::scopes::world;

const ISSUER: &str = "internal-ca";
const FULL: &str = "/crl/internal-ca.crl";
const DELTA: &str = "/crl/internal-ca/delta.crl";
const ROUNDS: usize = 3;

/// What somebody got, without repetitions.
#[derive(Debug, Default)]
struct Seen {
    path: String,
    bodies: Vec<Vec<u8>>,
    /// `ETag` and Last-Modified of each.
    validators: Vec<(String, Timestamp)>,
}

struct Scene {
    world: World,
    public: Client,
    issued: Issued,
    /// Complete list, delta, and the shard of the certificate.
    paths: [String; 3],
}

impl Scene {
    fn new() -> Self {
        let world = world();
        let public = plain_http(&world, &world.crl_url());
        let issued = issue_device(&world);
        let shard = path_named_by(&issued);
        assert!(shard.contains("/shard-"), "{shard}");
        let scene = Self {
            world,
            public,
            issued,
            paths: [FULL.to_owned(), DELTA.to_owned(), shard],
        };
        for path in &scene.paths {
            wait_for("every list is there", || {
                (scene.public.get(path).status == 200).then_some(())
            });
        }
        scene
    }

    fn lists(&self) -> [List; 3] {
        let issuer = self.world.issuer(ISSUER);
        let paths = &self.paths;
        [0, 1, 2].map(|at| List::read(&self.public.get(&paths[at]).body, &issuer))
    }

    /// Puts the certificate on hold or releases it, and waits until all lists say so.
    fn change(&self) {
        let held = self.lists()[0].has(&self.issued);
        let before = self.lists().map(|list| list.number);
        if held {
            self.issued.release(&self.world);
        } else {
            self.issued.hold(&self.world);
        }
        wait_for("all lists tell the change", || {
            let [full, delta, shard] = self.lists();
            let new = [&full, &delta, &shard].map(|list| list.number);
            let all_new = new.iter().zip(before).all(|(new, before)| *new > before);
            let told = full.has(&self.issued) != held && shard.has(&self.issued) != held;
            (all_new && told).then_some(())
        });
    }

    fn over_http(&self, path: &str, enough: &AtomicBool) -> Seen {
        let mut seen = Seen::new(path);
        loop {
            // Asked before looking: the last list is looked at too.
            let last = enough.load(Ordering::Acquire);
            let answer = self.public.get(path);
            assert_eq!(answer.status, 200, "{path}");
            let etag = answer.header("etag").unwrap().to_owned();
            let modified = answer.header("last-modified").unwrap();
            let modified = DateTimeParser::new().parse_timestamp(modified).unwrap();
            if seen.keep(answer.body) {
                seen.validators.push((etag, modified));
            } else {
                assert_eq!(seen.validators.last(), Some(&(etag, modified)), "{path}");
            }
            if last {
                return seen;
            }
        }
    }

    fn in_the_directory(&self, path: &str, enough: &AtomicBool) -> Seen {
        let public = self.world.run().join("crl/public");
        let file: PathBuf = public.join(path.trim_start_matches('/'));
        let mut seen = Seen::new(path);
        loop {
            let last = enough.load(Ordering::Acquire);
            seen.keep(std::fs::read(&file).unwrap());
            if last {
                return seen;
            }
        }
    }
}

impl Seen {
    fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..Self::default()
        }
    }

    fn keep(&mut self, body: Vec<u8>) -> bool {
        let new = self.bodies.last() != Some(&body);
        if new {
            self.bodies.push(body);
        }
        new
    }

    /// Each whole, each newer than all before, each with validators of its own.
    fn judge(&self, world: &World) {
        let issuer = world.issuer(ISSUER);
        let lists = self.bodies.iter().map(|body| List::read(body, &issuer));
        let numbers: Vec<u64> = lists.map(|list| list.number).collect();
        let path = &self.path;
        assert!(numbers.len() > ROUNDS, "{path}: {numbers:?}");
        let go_up = numbers.is_sorted_by(|one, next| one < next);
        assert!(go_up, "{path}: {numbers:?}");
        let validators = &self.validators;
        let tags: BTreeMap<&str, usize> = validators
            .iter()
            .enumerate()
            .map(|(place, (etag, _))| (etag.as_str(), place))
            .collect();
        assert_eq!(tags.len(), validators.len(), "{path}: {validators:?}");
        let times: Vec<Timestamp> = validators.iter().map(|(_, modified)| *modified).collect();
        assert!(times.is_sorted(), "{path}: {times:?}");
    }
}

#[test]
fn lists_of_every_scope_are_replaced_at_once_and_never_by_older_ones() {
    let scene = Scene::new();
    let enough = AtomicBool::new(false);
    let all: Vec<Seen> = std::thread::scope(|scope| {
        let mut watchers = Vec::new();
        for path in &scene.paths {
            watchers.push(scope.spawn(|| scene.over_http(path, &enough)));
            watchers.push(scope.spawn(|| scene.in_the_directory(path, &enough)));
        }
        let ended = Ended(&enough);
        for _ in 0..ROUNDS {
            scene.change();
        }
        drop(ended);
        watchers
            .into_iter()
            .map(|watcher| watcher.join().unwrap())
            .collect()
    });
    for seen in &all {
        seen.judge(&scene.world);
    }
    // What a cache asks with an old tag is answered with the new list.
    for seen in all.iter().filter(|seen| !seen.validators.is_empty()) {
        let ask = |tag: &str| {
            let headers = [("if-none-match", tag)];
            let path = &seen.path;
            scene
                .public
                .send(reqwest::Method::GET, path, &headers, Vec::new())
        };
        let (first, _) = seen.validators.first().unwrap();
        assert_eq!(ask(first).status, 200, "{}", seen.path);
        let (last, _) = seen.validators.last().unwrap();
        assert_eq!(ask(last).status, 304, "{}", seen.path);
    }
}
