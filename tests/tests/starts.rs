//! What a start finds and records: an orderly stop, a crash, another configuration.

use std::fs;

use blackbox_tests::{Daemon, World};

fn kinds_after_restart(world: &World, end: impl FnOnce(&World)) -> Vec<String> {
    let log = world.audit_from_now();
    end(world);
    world.start_again(Daemon::Ca);
    let mut kinds: Vec<_> = log.news().into_iter().map(|event| event.event).collect();
    kinds.retain(|kind| {
        [
            "daemon-stopped",
            "daemon-started",
            "crash-found",
            "configuration-changed",
        ]
        .contains(&kind.as_str())
    });
    kinds
}

#[test]
fn a_start_tells_a_crash_from_a_stop_and_names_another_configuration() {
    let world = World::start();
    let stopped = kinds_after_restart(&world, |world| world.stop(Daemon::Ca));
    assert_eq!(stopped, ["daemon-stopped", "daemon-started"]);

    let killed = kinds_after_restart(&world, |world| world.kill(Daemon::Ca));
    assert_eq!(killed, ["crash-found", "daemon-started"]);

    let changed = kinds_after_restart(&world, |world| {
        world.stop(Daemon::Ca);
        let path = world.run().join("ca/ca-daemon.toml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("max_body_bytes = 32768\n{text}")).unwrap();
    });
    assert_eq!(
        changed,
        ["daemon-stopped", "configuration-changed", "daemon-started"]
    );
}
