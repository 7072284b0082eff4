//! curl: what HTTP caches and careful clients see.

use std::collections::BTreeMap;
use std::process::Command;

use super::files::Files;
use super::{Refusal, Verdict};
use crate::command::run;

/// The program `curl`.
#[derive(Debug, Clone, Copy)]
pub struct Curl;

/// An answer over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The status.
    pub status: u16,
    /// Headers by name in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Fetched {
    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

impl Curl {
    /// Fetches a URL, with more headers, without following redirects.
    ///
    /// # Errors
    /// What curl says when there is no HTTP answer.
    pub fn fetch(url: &str, headers: &[&str]) -> Verdict<Fetched> {
        let files = Files::new();
        let (head, body) = (files.write("head", b""), files.write("body", b""));
        let mut command = Command::new("curl");
        command
            .args(["--silent", "--show-error", "--max-time", "5"])
            .arg("--dump-header")
            .arg(&head)
            .arg("--output")
            .arg(&body);
        for header in headers {
            command.args(["--header", header]);
        }
        let said = run(command.arg(url));
        if said.code != 0 {
            return Err(refusal(said.all()));
        }
        let head = std::fs::read_to_string(head).expect("curl wrote the head");
        let body = std::fs::read(body).expect("curl wrote the body");
        read(&head, body).ok_or_else(|| refusal(head))
    }

    /// Fetches what caches are to keep: 200 with this media type, `max-age`, `ETag`,
    /// `Last-Modified`; the same tag or time again gives 304 without a body, another tag 200.
    ///
    /// # Errors
    /// What of it is not so.
    pub fn judge_cacheable(url: &str, media_type: &str) -> Verdict<Fetched> {
        let fetched = Self::fetch(url, &[])?;
        let (tag, time) = (fetched.header("etag"), fetched.header("last-modified"));
        let sound = fetched.status == 200
            && fetched.header("content-type") == media_type
            && fetched.header("cache-control").contains("max-age=")
            && !tag.is_empty()
            && !time.is_empty();
        if !sound {
            return Err(refusal(format!("{url}: {fetched:?}")));
        }
        for (header, status) in [
            (format!("If-None-Match: {tag}"), 304),
            (format!("If-Modified-Since: {time}"), 304),
            ("If-None-Match: \"another\"".to_owned(), 200),
        ] {
            let again = Self::fetch(url, &[&header])?;
            if again.status != status || (status == 304 && !again.body.is_empty()) {
                return Err(refusal(format!("{url}, {header}: {again:?}")));
            }
        }
        Ok(fetched)
    }
}

/// The last head, if there were several: that of an interim answer comes first.
fn read(head: &str, body: Vec<u8>) -> Option<Fetched> {
    let head = head.trim_end().rsplit("\r\n\r\n").next()?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_lowercase(), value.trim().to_owned()))
    });
    Some(Fetched {
        status,
        headers: headers.collect(),
        body,
    })
}

fn refusal(said: String) -> Refusal {
    Refusal {
        judge: "curl",
        said,
    }
}
