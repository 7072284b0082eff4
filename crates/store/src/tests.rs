//! The same behaviour on both engines.

mod crls;
mod epoch;
mod feed;
mod fixture;
mod issuing;
mod leading;
mod lists;
mod plans;
mod receipts;
mod registry;
mod revoking;
mod standing;
mod writing;
