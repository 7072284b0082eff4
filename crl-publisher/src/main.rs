//! Follows the feed, checks each CRL and publishes it.

fn main() {}
