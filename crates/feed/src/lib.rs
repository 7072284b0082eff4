//! The status feed: its entries, the server's and the follower's half.
