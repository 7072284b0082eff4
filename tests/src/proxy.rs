//! A TCP proxy between a follower and ca-daemon, for networks that are slow, cut or partitioned.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

/// What the network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Passes everything on.
    Well,
    /// Passes each piece on after this time.
    Slow(Duration),
    /// Connections stand and are made, and nothing arrives.
    Partitioned,
    /// Connections are closed, and none are made.
    Cut,
}

/// The proxy. It ends with the process.
#[derive(Debug, Clone)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    network: Network,
    target: u16,
    open: Vec<TcpStream>,
}

impl Proxy {
    /// Listens on a port of its own and passes connections on to `target`.
    pub fn start(target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let state = State {
            network: Network::Well,
            target,
            open: Vec::new(),
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
        });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                of_thread.connect(connection);
            }
        });
        Self { port, shared }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on the network is like this.
    pub fn set(&self, network: Network) {
        let mut state = self.shared.state();
        state.network = network;
        if network == Network::Cut {
            for connection in state.open.drain(..) {
                // It may be closed already.
                drop(connection.shutdown(Shutdown::Both));
            }
        }
        self.shared.changed.notify_all();
    }

    /// New connections go to another port; those that are open are cut.
    pub fn switch_to(&self, target: u16) {
        self.set(Network::Cut);
        self.shared.state().target = target;
        self.set(Network::Well);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no other thread panicked")
    }

    fn connect(self: &Arc<Self>, inner: TcpStream) {
        let mut state = self.state();
        if state.network == Network::Cut {
            return;
        }
        let Ok(outer) = TcpStream::connect(("127.0.0.1", state.target)) else {
            return;
        };
        for (from, to) in [(&inner, &outer), (&outer, &inner)] {
            let share = |stream: &TcpStream| stream.try_clone().expect("a socket can be shared");
            let (from, to, shared) = (share(from), share(to), Arc::clone(self));
            thread::spawn(move || shared.pump(from, to));
        }
        state.open.extend([inner, outer]);
    }

    fn pump(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut piece = vec![0; 16 * 1024];
        loop {
            let length = match from.read(&mut piece) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Ok(0) | Err(_) => break,
                Ok(length) => length,
            };
            self.wait_to_pass();
            if to.write_all(&piece[..length]).is_err() {
                break;
            }
        }
        drop(to.shutdown(Shutdown::Both));
    }

    fn wait_to_pass(&self) {
        let held = |state: &mut State| state.network == Network::Partitioned;
        let state = self.changed.wait_while(self.state(), held);
        let state = state.expect("no other thread panicked");
        if let Network::Slow(pause) = state.network {
            drop(self.changed.wait_timeout(state, pause));
        }
    }
}
