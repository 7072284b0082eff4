//! The three daemons under three system users: what one may read, the others may not.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use blackbox_tests::{Daemon, World, run, run_well};
use testkit::wait_until;

use crate::process::Process;
use crate::query::{self, CertStatus};
use crate::scene::{issue_device, plain_http, quick_world};

/// Users without names, far from those that a machine gives out; one for each daemon.
const USERS: [(Daemon, u32); 3] = [
    (Daemon::Ca, 64_101),
    (Daemon::Ocsp, 64_102),
    (Daemon::Crl, 64_103),
];

/// A world that was set up and whose daemons are to run under users of their own.
struct Separation {
    world: World,
    binaries: PathBuf,
}

impl Separation {
    fn new() -> Self {
        let world = quick_world();
        for daemon in Daemon::ALL {
            world.stop(daemon);
        }
        // The repository may lie where only its owner can go.
        let binaries = world.scratch().join("bin");
        std::fs::create_dir(&binaries).unwrap();
        for daemon in Daemon::ALL {
            let program = world.program(daemon.program());
            let copy = binaries.join(daemon.program());
            std::fs::copy(program.get_program(), &copy).unwrap();
            set_mode(&copy, 0o755);
        }
        set_mode(&world.run(), 0o711);
        set_mode(world.run().parent().unwrap(), 0o711);
        for (daemon, user) in USERS {
            let directory = world.run().join(daemon.directory());
            set_mode(&directory, 0o700);
            let config = config(&world, daemon);
            let text = std::fs::read_to_string(&config).unwrap();
            let strict = text.replace("allow_root = true", "allow_root = false");
            assert_ne!(text, strict);
            std::fs::write(&config, strict).unwrap();
            let owner = format!("{user}:{user}");
            run_well(Command::new("chown").arg("-R").arg(owner).arg(directory));
        }
        Self { world, binaries }
    }

    fn start(&self, daemon: Daemon) -> Process {
        let directory = self.world.run().join(daemon.directory());
        let mut command = as_user(user_of(daemon));
        command
            .arg(self.binaries.join(daemon.program()))
            .arg("--config")
            .arg(config(&self.world, daemon))
            .arg("run")
            .env("SOFTHSM2_CONF", directory.join("softhsm2.conf"));
        let process = Process::start(&mut command, &directory.join("log"));
        self.world.wait_until_ready(daemon);
        process
    }
}

fn config(world: &World, daemon: Daemon) -> PathBuf {
    let file = format!("{}.toml", daemon.program());
    world.run().join(daemon.directory()).join(file)
}

fn user_of(daemon: Daemon) -> u32 {
    USERS.iter().find(|(of, _)| *of == daemon).unwrap().1
}

/// A command that will be run by a user, without groups and privileges.
fn as_user(user: u32) -> Command {
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={user}"), &format!("--regid={user}")]);
    command.args(["--clear-groups", "--no-new-privs"]);
    command
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Whether a user can read a file, or list a directory, to its end.
fn can_read(user: u32, path: &Path) -> bool {
    let reader = if path.is_dir() { "ls" } else { "cat" };
    run(as_user(user).arg(reader).arg(path)).code == 0
}

#[test]
fn three_daemons_run_under_three_users_and_keep_their_secrets_from_each_other() {
    if !rustix::process::getuid().is_root() {
        eprintln!("skipped: only root can run the daemons under users of their own");
        return;
    }
    let separation = Separation::new();
    let world = &separation.world;
    refused_as_root(&separation);
    let daemons = [Daemon::Ca, Daemon::Ocsp, Daemon::Crl];
    let processes = daemons.map(|daemon| (daemon, separation.start(daemon)));
    for (daemon, process) in &processes {
        let user = user_of(*daemon);
        let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
        for (label, id) in [("Uid:", user), ("Gid:", user)] {
            let line = status.lines().find(|line| line.starts_with(label)).unwrap();
            let ids: Vec<&str> = line.split_whitespace().skip(1).collect();
            assert_eq!(ids, [id.to_string().as_str(); 4], "{}", daemon.program());
        }
        let capabilities = status.lines().find(|line| line.starts_with("CapEff:"));
        assert_eq!(capabilities.unwrap(), "CapEff:\t0000000000000000");
    }
    the_ca_works(world);
    secrets_are_kept(world, &processes);
}

/// Without leave no daemon runs with uid 0.
fn refused_as_root(separation: &Separation) {
    for daemon in Daemon::ALL {
        let mut command = Command::new(separation.binaries.join(daemon.program()));
        command
            .arg("--config")
            .arg(config(&separation.world, daemon));
        let said = run(command.arg("run"));
        assert_ne!(said.code, 0);
        assert!(said.all().contains("root"), "{}", said.all());
    }
}

fn the_ca_works(world: &World) {
    let issued = issue_device(world);
    let ocsp = plain_http(world, &world.ocsp_url());
    let asked = query::about(world, &issued);
    query::wait_until_known(&ocsp, &asked, &issued);
    let status = || query::status(&ocsp, &asked, &issued.serial);
    issued.revoke(world, "sub.key_lost_or_leaked");
    assert_eq!(status(), CertStatus::Revoked);
    let serial = hex::decode(&issued.serial).unwrap();
    let url = format!("{}/crl/internal-ca.crl", world.crl_url());
    wait_until("it is on the list", || {
        crate::der::find(&world.fetch(&url).unwrap(), &serial).is_some()
    });
}

fn secrets_are_kept(world: &World, processes: &[(Daemon, Process)]) {
    let secrets = [
        (Daemon::Ca, "."),
        (Daemon::Ca, "tokens"),
        (Daemon::Ca, "ca.db"),
        (Daemon::Ca, "issuing.pin"),
        (Daemon::Ca, "server.key"),
        (Daemon::Ocsp, "tokens"),
        (Daemon::Ocsp, "ocsp.pin"),
        (Daemon::Ocsp, "ocsp-1.key"),
        (Daemon::Ocsp, "copy.db"),
        (Daemon::Crl, "crl-1.key"),
        (Daemon::Crl, "copy.db"),
    ];
    for (owner, name) in secrets {
        let path = world.run().join(owner.directory()).join(name);
        for (daemon, user) in USERS {
            let may = daemon == owner;
            let program = daemon.program();
            assert_eq!(can_read(user, &path), may, "{program}: {}", path.display());
        }
    }
    // The offline root, and the keys of people, are nobody's of these.
    for offline in [
        "root/tokens",
        "root/root.pin",
        "officer/officer-1.key",
        "ra/ra-1.key",
    ] {
        for (daemon, user) in USERS {
            let path = world.run().join(offline);
            assert!(!can_read(user, &path), "{}: {offline}", daemon.program());
        }
    }
    // Nor can one look into another's process.
    for (owner, process) in processes {
        for (daemon, user) in USERS {
            let environment = PathBuf::from(format!("/proc/{}/environ", process.id()));
            if daemon != *owner {
                assert!(!can_read(user, &environment), "{}", daemon.program());
            }
        }
    }
}
