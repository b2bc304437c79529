//! The socket: bound first, and opened only where that is no danger.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be accepted; the system may allow fewer.
const WAITING: u32 = 4_096;

/// What protects a server on a network, where it is missing and nobody has said that this is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lacks {
    /// Everybody may do everything.
    pub keys: bool,
    /// Keys and histories can be read on their way.
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
    #[error("{}", refusal(*.address, *.lacks))]
    Open {
        /// What it would listen on.
        address: SocketAddr,
        /// What is missing.
        lacks: Lacks,
    },
    /// The metrics would be open to a network.
    #[error(
        "--metrics-addr {address} can be reached from a network, and asks nobody for a key: say --allow-open-metrics where only \
         those can reach it who may read the metrics.\nOr listen on this machine alone, with --metrics-addr 127.0.0.1:PORT."
    )]
    OpenMetrics {
        /// What it would listen on.
        address: SocketAddr,
    },
}

fn refusal(address: SocketAddr, lacks: Lacks) -> String {
    let mut text = format!("--addr {address} can be reached from a network.");
    if lacks.keys {
        text.push_str(
            "\nThere are no API keys, so everybody could do everything: make some with `microseg key` and give their entries in \
             MICROSEG_API_KEYS or --api-keys-file, or say --allow-no-keys.",
        );
    }
    if lacks.tls {
        text.push_str(
            "\nThere is no TLS, so keys and histories could be read on their way: give --tls-certificate and --tls-key, or say \
             --allow-no-tls, where TLS ends before this server.",
        );
    }
    text.push_str("\nOr listen on this machine alone, with --addr 127.0.0.1:PORT.");
    text
}

/// Listens on `address`, if it is loopback or nothing is lacking.
///
/// # Errors
/// [`ListenError`] when the address cannot be had, or may not be.
pub async fn listen(address: &str, lacks: Lacks) -> Result<TcpListener, ListenError> {
    let socket = bound("--addr", address).await?;
    if (lacks.keys || lacks.tls) && !is_loopback(socket.address.ip()) {
        let address = socket.address;
        return Err(ListenError::Open { address, lacks });
    }
    socket.listen()
}

/// Listens on `address` for those who read metrics, if it is loopback or `open` to whoever can reach it.
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

/// A socket that has its address. Nobody can connect yet: a server that may not be open is not even for a moment.
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
    fn only_loopback_is_loopback() {
        let loopback = |text: &str| is_loopback(text.parse().unwrap());
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(loopback(address), "{address}");
        }
        for address in ["0.0.0.0", "::", "192.168.0.7", "::ffff:10.0.0.1", "fe80::1"] {
            assert!(!loopback(address), "{address}");
        }
    }
}
