//! What operators rely on.

#[cfg(test)]
mod privacy;
#[cfg(test)]
mod running;
