//! Listening sockets: bound first, and opened only where that is safe.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be accepted; the system may allow fewer.
const WAITING: u32 = 4_096;

/// Protections that a server on a network needs and that are missing without `--allow-no-keys` or `--allow-no-tls`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingProtections {
    /// Every caller may do everything.
    pub keys: bool,
    /// Keys and histories can be read on the network.
    pub tls: bool,
}

/// Why the server does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address cannot be had.
    #[error("{flag} {address}: {error}")]
    Address {
        /// What asks for it.
        flag: &'static str,
        /// What was asked for.
        address: String,
        /// What the system says.
        error: io::Error,
    },
    /// The address is open to a network, and the server would be too.
    #[error("{}", refusal(*.address, *.missing))]
    Open {
        /// What it would listen on.
        address: SocketAddr,
        /// What is missing.
        missing: MissingProtections,
    },
    /// The metrics would be open to a network.
    #[error(
        "--metrics-addr {address} can be reached from a network, and needs no key: say --allow-open-metrics where only clients \
         that may read the metrics can reach it.\nOr listen on this machine alone, with --metrics-addr 127.0.0.1:PORT."
    )]
    OpenMetrics {
        /// What it would listen on.
        address: SocketAddr,
    },
}

fn refusal(address: SocketAddr, missing: MissingProtections) -> String {
    let mut text = format!("--addr {address} can be reached from a network.");
    if missing.keys {
        text.push_str(
            "\nThere are no API keys, so every client could do everything: make some with `microseg key` and give their entries in \
             MICROSEG_API_KEYS or --api-keys-file, or say --allow-no-keys.",
        );
    }
    if missing.tls {
        text.push_str(
            "\nThere is no TLS, so keys and histories could be read on the network: give --tls-certificate and --tls-key, or say \
             --allow-no-tls, where TLS ends before this server.",
        );
    }
    text.push_str("\nOr listen on this machine alone, with --addr 127.0.0.1:PORT.");
    text
}

/// Listens on `address`, if it is loopback or no protection is missing.
///
/// # Errors
/// [`ListenError`] when the address cannot be had, or may not be.
pub async fn listen(
    address: &str,
    missing: MissingProtections,
) -> Result<TcpListener, ListenError> {
    let socket = bound("--addr", address).await?;
    if (missing.keys || missing.tls) && !is_loopback(socket.address.ip()) {
        let address = socket.address;
        return Err(ListenError::Open { address, missing });
    }
    socket.listen()
}

/// Listens on `address` for metrics and probes, if it is loopback or `open` to every client that can reach it.
///
/// # Errors
/// [`ListenError`] when the address cannot be had, or may not be.
pub async fn listen_for_metrics(address: &str, open: bool) -> Result<TcpListener, ListenError> {
    let socket = bound("--metrics-addr", address).await?;
    if !open && !is_loopback(socket.address.ip()) {
        let address = socket.address;
        return Err(ListenError::OpenMetrics { address });
    }
    socket.listen()
}

/// A socket that has its address. No client can connect yet: a server that may not be open is never open.
struct Bound {
    flag: &'static str,
    socket: TcpSocket,
    address: SocketAddr,
}

impl Bound {
    fn listen(self) -> Result<TcpListener, ListenError> {
        let Self {
            flag,
            socket,
            address,
        } = self;
        socket
            .listen(WAITING)
            .map_err(|error| ListenError::Address {
                flag,
                address: address.to_string(),
                error,
            })
    }
}

/// The first socket that can be had of those that `address` stands for.
async fn bound(flag: &'static str, address: &str) -> Result<Bound, ListenError> {
    let failed = |error| ListenError::Address {
        flag,
        address: address.to_owned(),
        error,
    };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "it stands for no address");
    for candidate in tokio::net::lookup_host(address).await.map_err(failed)? {
        match bind(candidate) {
            Ok(socket) => {
                let address = socket.local_addr().map_err(failed)?;
                return Ok(Bound {
                    flag,
                    socket,
                    address,
                });
            }
            Err(error) => last = error,
        }
    }
    Err(failed(last))
}

fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // A server that was just ended leaves the address to the next one.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_networks_are_not_loopback() {
        let loopback = |text: &str| is_loopback(text.parse().unwrap());
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(loopback(address), "{address}");
        }
        for address in ["0.0.0.0", "::", "192.168.0.7", "::ffff:10.0.0.1", "fe80::1"] {
            assert!(!loopback(address), "{address}");
        }
    }
}
