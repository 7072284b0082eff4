//! Ports on the loopback interface.

use std::{
    fs::{self, File},
    net::TcpListener,
    sync::{
        Mutex,
        atomic::{AtomicU16, Ordering},
    },
};

/// Below the range from which the system takes ports for outgoing connections (32768 on), so that
/// none of those can come between the choice and the use.
const FIRST: u16 = 20_000;
const LAST: u16 = 31_999;

/// Where the next search begins; somewhere else in every process.
static NEXT: AtomicU16 = AtomicU16::new(0);

/// Locks on the ports that this process was given: held until it ends.
static HELD: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// A port on 127.0.0.1 that nobody listens on, and that no other process of the tests is given
/// while this one lives. Give a program port 0 instead wherever it can say which one it got.
pub fn free_port() -> u16 {
    let places = LAST - FIRST + 1;
    let begin = u16::try_from(std::process::id() % u32::from(places)).expect("below u16::MAX");
    for _ in 0..places {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let place = (u32::from(begin) * 37 + u32::from(step)) % u32::from(places);
        let port = FIRST + u16::try_from(place).expect("below u16::MAX");
        if is_ours(port) && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between {FIRST} and {LAST}");
}

/// Takes the lock on a port, unless another process of the tests has it.
fn is_ours(port: u16) -> bool {
    let directory = std::env::temp_dir().join("chancery-test-ports");
    fs::create_dir_all(&directory).expect("a directory for locks on ports");
    let lock = File::create(directory.join(port.to_string())).expect("a lock on a port");
    let taken = lock.try_lock().is_ok();
    if taken {
        HELD.lock().expect("no thread panicked").push(lock);
    }
    taken
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ports_can_be_bound_and_differ() {
        let ports: BTreeSet<_> = (0..50).map(|_| free_port()).collect();
        assert_eq!(ports.len(), 50);
        for port in ports {
            assert!((FIRST..=LAST).contains(&port));
            TcpListener::bind(("127.0.0.1", port)).unwrap();
        }
    }
}
