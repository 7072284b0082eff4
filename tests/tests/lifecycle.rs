//! The life of a certificate, from the first request to its end.
#![expect(missing_docs, reason = "tests")]

use blackbox_tests::World;

#[test]
fn a_world_starts() {
    let world = World::start();
    let profiles = world.ra().get("/v1/profiles").expect(200).json();
    assert_eq!(profiles.as_array().unwrap().len(), 5);
}
