//! Ports on the loopback interface.

use std::net::TcpListener;

/// A port on 127.0.0.1 that nobody listened on a moment ago. Give a program port 0 instead
/// wherever it can say which one it got.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port can be bound");
    let address = listener
        .local_addr()
        .expect("a bound socket has an address");
    address.port()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_can_be_bound() {
        TcpListener::bind(("127.0.0.1", free_port())).unwrap();
    }
}
