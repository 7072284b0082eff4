//! Ports of a world.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};

/// Ports on the loopback interface, all free a moment ago. They lie below those that the kernel
/// gives to outgoing connections, so that a daemon finds its own free again after a restart.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// RA and officer API of ca-daemon.
    pub api: u16,
    /// Its status feed.
    pub feed: u16,
    /// OCSP.
    pub ocsp: u16,
    /// CRLs, CA certificates, CPS.
    pub crl: u16,
    /// Metrics and health of ca-daemon.
    pub ca_operations: u16,
    /// Metrics and health of ocsp-responder.
    pub ocsp_operations: u16,
    /// Metrics and health of crl-publisher.
    pub crl_operations: u16,
}

impl Ports {
    /// Finds a row of free ports; processes begin to look at different places.
    pub fn find() -> Self {
        static ASKED: AtomicU32 = AtomicU32::new(0);
        loop {
            let asked = ASKED.fetch_add(1, Ordering::Relaxed);
            assert!(asked < ROWS, "there is no row of free ports");
            let row = (std::process::id() + asked * 97) % ROWS;
            let first = FIRST + u16::try_from(row).expect("rows are few") * WIDTH;
            if (first..first + WIDTH).all(is_free) {
                return Self::from_first(first);
            }
        }
    }

    const fn from_first(first: u16) -> Self {
        Self {
            api: first,
            feed: first + 1,
            ocsp: first + 2,
            crl: first + 3,
            ca_operations: first + 4,
            ocsp_operations: first + 5,
            crl_operations: first + 6,
        }
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

const FIRST: u16 = 12_000;
const WIDTH: u16 = 7;
/// Up to port 32 000: the kernel's own begin at 32 768.
const ROWS: u32 = 2857;
