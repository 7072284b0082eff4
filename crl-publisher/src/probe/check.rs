//! What is judged, one property each.

pub mod caching;
pub mod freshest;
pub mod freshness;
pub mod list;
pub mod media_type;
pub mod number;
pub mod standing;
pub mod union;
