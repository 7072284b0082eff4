//! For tests: a token and a database of their own, outside judges.
