//! Connections: the socket, HTTP/1.1 with or without TLS, time limits, and the end of the server.

mod connection;
mod head;
mod lifecycle;
mod listen;
mod paced;
mod serve;
mod unread_body;

pub use connection::Peer;
pub use head::HeadFault;
pub(crate) use lifecycle::Lifecycle;
pub use listen::{ListenError, MissingProtections, listen, listen_for_metrics};
pub use serve::ServerConfig;
pub(crate) use serve::{Routers, serve};
