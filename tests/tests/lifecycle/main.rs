//! The life of a certificate, from the first request to its end.

#[cfg(test)]
mod issuing;
#[cfg(test)]
mod renewal;
#[cfg(test)]
mod revocation;
