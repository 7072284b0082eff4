//! The only process that can use a CA key: RA and officer API, signing, the status feed.

fn main() {}
