//! Ports of a world.

use testkit::free_port;

/// Ports on the loopback interface. No other world and no outgoing connection is given one of them
/// while this process lives, so that a daemon finds its own free again after a restart.
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
    /// Finds free ports.
    pub fn find() -> Self {
        Self {
            api: free_port(),
            feed: free_port(),
            ocsp: free_port(),
            crl: free_port(),
            ca_operations: free_port(),
            ocsp_operations: free_port(),
            crl_operations: free_port(),
        }
    }
}
