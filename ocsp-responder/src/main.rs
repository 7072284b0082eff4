//! The public OCSP responder.

fn main() {}
