//! C-30: killed between the steps that make a list and publish it, both daemons go on where they
//! were: numbers go strictly up, no list is lost, and a delta builds on what was acknowledged.

use std::path::{Path, PathBuf};

use api::{AuditEntryBody, CrlBody, routes};
use blackbox_tests::{Client, Daemon, World};
use testkit::{wait_for, wait_until};

use crate::list::List;
use crate::scene::{Issued, issue_device, plain_http};
use crate::scopes::world;

const ISSUER: &str = "internal-ca";
const FULL: &str = "/crl/internal-ca.crl";
const DELTA: &str = "/crl/internal-ca/delta.crl";
/// Attempts after which a crash must have hit the place that is meant.
const ROUNDS: usize = 12;

struct Scene {
    world: World,
    public: Client,
    issued: Issued,
}

impl Scene {
    fn new() -> Self {
        let world = world();
        let public = plain_http(&world, &world.crl_url());
        let issued = issue_device(&world);
        let scene = Self {
            world,
            public,
            issued,
        };
        wait_until("there is a delta", || scene.public.get(DELTA).status == 200);
        scene
    }

    fn list(&self, path: &str) -> List {
        let answer = self.public.get(path).expect(200);
        List::read(&answer.body, &self.world.issuer(ISSUER))
    }

    /// Puts the certificate on hold, or releases it.
    fn change(&self) -> bool {
        let held = self.list(FULL).has(&self.issued);
        if held {
            self.issued.release(&self.world);
        } else {
            self.issued.hold(&self.world);
        }
        !held
    }

    fn wait_until_listed(&self, held: bool) -> List {
        wait_for("the change is on the complete list", || {
            Some(self.list(FULL)).filter(|list| list.has(&self.issued) == held)
        })
    }

    /// The numbers of complete lists in audit events of a kind.
    fn numbers(&self, kind: &str) -> Vec<u64> {
        let events = self.world.audit().of_kind(kind);
        let of_issuer = |event: &&AuditEntryBody| {
            event
                .issuer
                .as_ref()
                .is_some_and(|name| name.as_str() == ISSUER)
                && event.details["scope"] == "full"
        };
        let number = |event: &AuditEntryBody| event.details["number"].as_u64();
        events.iter().filter(of_issuer).filter_map(number).collect()
    }

    /// The number of the newest complete list, if the publisher has acknowledged it.
    fn acknowledged(&self) -> Option<u64> {
        let lists: Vec<CrlBody> = self.world.officer().get(routes::CRLS).expect(200).read();
        let found = lists
            .into_iter()
            .find(|list| list.issuer.as_str() == ISSUER && list.scope.to_string() == "full");
        let found = found.expect("there is a complete list");
        (!found.published_by.is_empty()).then(|| found.number.get())
    }
}

#[test]
fn a_list_that_was_made_when_the_ca_died_is_published_later() {
    let scene = Scene::new();
    scene.world.kill(Daemon::Crl);
    let before = scene.numbers("crl-issued").last().copied();
    scene.issued.hold(&scene.world);
    let made = wait_for("a list is made", || {
        let last = scene.numbers("crl-issued").last().copied();
        last.filter(|_| last > before)
    });
    scene.world.kill(Daemon::Ca);
    scene.world.start_again(Daemon::Crl);
    assert_eq!(
        Some(scene.list(FULL).number),
        before,
        "nobody brings a list"
    );
    scene.world.start_again(Daemon::Ca);
    let list = scene.wait_until_listed(true);
    assert!(list.number >= made);
    wait_until("it is acknowledged", || scene.acknowledged() >= Some(made));
    // A delta builds on a list that relying parties can have.
    scene.issued.release(&scene.world);
    wait_until("a delta builds on it", || {
        scene.list(DELTA).base >= Some(made)
    });
}

/// Kills the publisher as soon as something is seen; gives whether the change was a hold.
fn kill_on_sight(scene: &Scene, seen: impl Fn() -> bool + Sync) -> bool {
    let held = scene.change();
    let began = std::time::Instant::now();
    // No pause: what is looked for is gone after a moment.
    while !seen() && began.elapsed() < std::time::Duration::from_secs(20) {}
    scene.world.kill(Daemon::Crl);
    held
}

#[test]
fn a_publisher_that_dies_while_it_writes_leaves_whole_lists_and_goes_on() {
    let scene = Scene::new();
    let directory = scene.world.run().join("crl/public/crl");
    let mut last = scene.list(FULL);
    for _ in 0..ROUNDS {
        let held = kill_on_sight(&scene, || !unfinished(&directory).is_empty());
        let left = unfinished(&directory);
        for path in files_in(&directory) {
            if path.extension().is_some_and(|end| end == "crl") && !is_unfinished(&path) {
                let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                let name = match path.parent().unwrap().file_name().unwrap().to_str() {
                    Some("crl") => name,
                    parent => parent.unwrap().to_owned(),
                };
                let issuer = match name.as_str() {
                    "root" => scene.world.root(),
                    name => scene.world.issuer(name),
                };
                List::read(&std::fs::read(&path).unwrap(), &issuer);
            }
        }
        scene.world.start_again(Daemon::Crl);
        let list = scene.wait_until_listed(held);
        assert!(list.number > last.number, "{list:?} after {last:?}");
        last = list;
        assert!(left.iter().all(|path| !path.exists()), "{left:?}");
        if !left.is_empty() {
            return;
        }
    }
    panic!("no crash hit the writing of a list");
}

#[test]
fn a_publisher_that_dies_before_it_acknowledges_does_so_later() {
    let scene = Scene::new();
    let file = scene.world.run().join("crl/public").join(&FULL[1..]);
    for _ in 0..ROUNDS {
        let standing = std::fs::read(&file).unwrap();
        let held = kill_on_sight(&scene, || std::fs::read(&file).unwrap() != standing);
        let list = std::fs::read(&file).unwrap();
        let number = List::read(&list, &scene.world.issuer(ISSUER)).number;
        let hit = scene.acknowledged() < Some(number);
        scene.world.start_again(Daemon::Crl);
        wait_until("it is acknowledged", || {
            scene.acknowledged() >= Some(number)
        });
        assert!(scene.wait_until_listed(held).number >= number);
        // The next delta builds on it, or on a later one.
        scene.change();
        wait_until("a delta builds on it", || {
            scene.list(DELTA).base >= Some(number)
        });
        if hit {
            return;
        }
        wait_until("the lists agree", || {
            scene.list(FULL).has(&scene.issued) != held
        });
    }
    panic!("no crash hit the time before the acknowledgement");
}

fn files_in(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            files.extend(files_in(&path));
        } else {
            files.push(path);
        }
    }
    files
}

fn unfinished(directory: &Path) -> Vec<PathBuf> {
    let mut files = files_in(directory);
    files.retain(|path| is_unfinished(path));
    files
}

fn is_unfinished(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    name.is_some_and(|name| name.starts_with(".new-"))
}
