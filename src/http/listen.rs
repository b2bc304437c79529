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
    #[error("--addr {address}: {error}")]
    Address {
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
    let failed = |error| ListenError::Address {
        address: address.to_owned(),
        error,
    };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "it stands for no address");
    for candidate in tokio::net::lookup_host(address).await.map_err(failed)? {
        let socket = match bind(candidate) {
            Ok(socket) => socket,
            Err(error) => {
                last = error;
                continue;
            }
        };
        let address = socket.local_addr().map_err(failed)?;
        // Before `listen` nobody can connect: a server that may not be open is not even for a moment.
        if (lacks.keys || lacks.tls) && !is_loopback(address.ip()) {
            return Err(ListenError::Open { address, lacks });
        }
        return socket.listen(WAITING).map_err(failed);
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
