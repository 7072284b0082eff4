//! The command line of RAs, officers and auditors.

fn main() {}
