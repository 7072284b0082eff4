//! The JSON of the RA and officer API: requests, answers, problems.
