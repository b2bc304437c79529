//! HTTP as bytes on one connection: requests that no client library would send, and answers as they are framed.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::ApiClient;
use crate::wait::in_time;

/// The head of a request that every server answers with 200.
pub const LIVE: &str = "GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";

/// A connection, and what has been read of it beyond the last answer.
pub struct RawConnection {
    stream: TcpStream,
    unread: Vec<u8>,
}

/// An answer of a known length.
#[derive(Debug)]
pub struct RawAnswer {
    /// The status.
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl RawAnswer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// Whether the connection ends with this answer.
    pub fn closes(&self) -> bool {
        self.header("connection") == Some("close")
    }
}

impl RawConnection {
    /// A new connection to a server.
    pub async fn open(server: &ApiClient) -> Self {
        Self {
            stream: TcpStream::connect(server.address()).await.unwrap(),
            unread: Vec::new(),
        }
    }

    /// Sends some bytes.
    ///
    /// # Errors
    /// When the server has closed the connection.
    pub async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await
    }

    /// Sends some bytes.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).await.unwrap();
    }

    /// Reads one answer; `None` when the connection ends before it is whole.
    pub async fn answer(&mut self) -> Option<RawAnswer> {
        let end = self.read_until(b"\r\n\r\n").await?;
        let head = String::from_utf8(end).unwrap();
        let mut answer = RawAnswer {
            status: head[9..12].parse().unwrap(),
            head,
            body: Vec::new(),
        };
        let length = answer.header("content-length").unwrap();
        let length: usize = length.parse().unwrap();
        while self.unread.len() < length {
            self.read_more().await?;
        }
        answer.body = self.unread.drain(..length).collect();
        Some(answer)
    }

    /// Sends a request, and reads its answer.
    pub async fn ask(&mut self, request: impl AsRef<[u8]>) -> RawAnswer {
        self.send(request).await;
        self.answer().await.unwrap()
    }

    /// Reads up to the end of a text, which must come; `None` when the connection ends before.
    pub async fn read_until(&mut self, text: &[u8]) -> Option<Vec<u8>> {
        loop {
            let mut windows = self.unread.windows(text.len());
            if let Some(begin) = windows.position(|window| window == text) {
                return Some(self.unread.drain(..begin + text.len()).collect());
            }
            self.read_more().await?;
        }
    }

    /// Waits until the server ends the connection, in order.
    pub async fn await_end(&mut self) {
        while self.read_more().await.is_some() {}
    }

    /// Both directions, for a test that sends and reads at once.
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }

    async fn read_more(&mut self) -> Option<()> {
        let read = in_time(self.stream.read_buf(&mut self.unread)).await;
        (read.unwrap_or(0) > 0).then_some(())
    }
}
