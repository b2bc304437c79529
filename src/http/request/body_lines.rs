//! Lines of a body in chunks: as many as have arrived, and never more than a chunk holds.

use std::ops::Range;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use futures_util::FutureExt as _;
use http_body_util::BodyExt as _;
use memchr::memchr;
use tokio::time::Instant;

use crate::ApiError;
use crate::state::{Bodies, BodyMemory, Held, KeptBody};

/// Lines of a chunk: as many histories as fill a batch of the network.
const MOST_LINES: usize = 128;

/// Bytes of a chunk: enough for some thirty histories of 2,000 transactions.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// One line of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// From 1; blank lines count too.
    pub(crate) number: u64,
    /// Where it lies in the chunk; `None` when it is larger than a line may be.
    range: Option<Range<usize>>,
}

/// Some lines that follow each other; blank ones are not among them.
pub(crate) struct Chunk {
    bytes: Bytes,
    pub(crate) lines: Vec<Line>,
    /// Memory for the bytes, given back with them.
    memory: BodyMemory,
}

impl Chunk {
    /// How many bytes it holds.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes of one of its lines; `None` when it is larger than a line may be.
    pub(crate) fn text(&self, line: &Line) -> Option<&[u8]> {
        self.bytes.get(line.range.clone()?)
    }

    /// The same, with the memory of the whole chunk.
    pub(crate) fn keep(&self, line: &Line) -> Option<KeptBody> {
        let range = line.range.clone()?;
        Some(KeptBody::new(self.bytes.slice(range), self.memory.clone()))
    }
}

/// The next part of a body.
enum Part {
    /// Some bytes; `None` for a frame without data.
    Data(Option<Bytes>),
    Broken(ApiError),
    End,
}

async fn next_part(body: &mut Body) -> Part {
    match body.frame().await {
        Some(Ok(frame)) => Part::Data(frame.into_data().ok()),
        Some(Err(error)) => Part::Broken(ApiError::of_body(&error)),
        None => Part::End,
    }
}

/// Reads a body line by line. Nothing is lost when the future of [`BodyLines::next`] is dropped.
pub(crate) struct BodyLines {
    body: Body,
    bodies: Bodies,
    /// The largest line, in bytes.
    limit: usize,
    /// When the unfinished line began to arrive.
    unfinished_since: Option<Instant>,
    /// A part of the body that there is no memory for yet.
    arrived: Option<Bytes>,
    bytes: Vec<u8>,
    memory: Option<Held>,
    lines: Vec<Line>,
    number: u64,
    /// Where the unfinished line begins.
    begin: usize,
    /// How far the unfinished line has been searched for its end.
    searched: usize,
    /// The unfinished line is too large: the rest of it is passed over.
    too_large: bool,
    ended: bool,
    /// Nothing more can be read: an error once the lines before it have been handed over.
    broken: Option<ApiError>,
}

impl BodyLines {
    /// The lines of a body, none of them larger than `limit` bytes.
    pub(crate) fn new(body: Body, bodies: &Bodies, limit: usize) -> Self {
        Self {
            body,
            bodies: bodies.clone(),
            limit,
            unfinished_since: None,
            arrived: None,
            bytes: Vec::new(),
            memory: None,
            lines: Vec::new(),
            number: 0,
            begin: 0,
            searched: 0,
            too_large: false,
            ended: false,
            broken: None,
        }
    }

    /// The lines that have arrived, at least one; `None` after the last. Waits only when there is none.
    pub(crate) async fn next(&mut self) -> Result<Option<Chunk>, ApiError> {
        loop {
            self.split();
            if self.lines.is_empty() && self.begin > 0 {
                // Blank lines only: they need not be kept.
                self.take();
            }
            if self.is_full() || self.ended {
                return Ok(self.take());
            }
            if self.broken.is_some() {
                let chunk = self.take();
                return match self.broken.take_if(|_| chunk.is_none()) {
                    Some(error) => Err(error),
                    None => Ok(chunk),
                };
            }
            if self.arrived.is_none() {
                let part = if self.lines.is_empty() {
                    self.wait().await?
                } else {
                    match next_part(&mut self.body).now_or_never() {
                        Some(part) => part,
                        None => return Ok(self.take()),
                    }
                };
                match part {
                    Part::Data(data) => self.arrived = data,
                    Part::Broken(error) => self.broken = Some(error),
                    Part::End => self.end(),
                }
            }
            if let Some(size) = self.arrived.as_ref().map(Bytes::len) {
                let memory = match self.bodies.reserve_for_lines(size) {
                    Ok(memory) => memory,
                    Err(_) if !self.lines.is_empty() => return Ok(self.take()),
                    Err(_) => self.bodies.wait_for_line_memory(size).await?,
                };
                self.keep(memory);
            }
        }
    }

    /// Waits for more of the body, until the server ends.
    async fn wait(&mut self) -> Result<Part, ApiError> {
        let is_unfinished = self.begin < self.bytes.len() || self.too_large;
        let since = if is_unfinished {
            *self.unfinished_since.get_or_insert_with(Instant::now)
        } else {
            Instant::now()
        };
        tokio::select! {
            biased;
            () = self.bodies.lifecycle.ending() => Err(ApiError::NotReady),
            part = tokio::time::timeout_at(since + self.bodies.timeout, next_part(&mut self.body)) => {
                part.map_err(|_| ApiError::BodyTimeout)
            }
        }
    }

    fn is_full(&self) -> bool {
        self.lines.len() >= MOST_LINES || (self.begin >= MOST_BYTES && !self.lines.is_empty())
    }

    /// Takes in what has arrived, now that there is memory for it.
    fn keep(&mut self, more: Held) {
        if let Some(data) = self.arrived.take() {
            self.bytes.extend_from_slice(&data);
            match &mut self.memory {
                Some(memory) => memory.merge(more),
                None => self.memory = Some(more),
            }
        }
    }

    /// Finds the ends of lines in what has arrived, until the chunk is full.
    fn split(&mut self) {
        while !self.is_full() {
            let Some(offset) = memchr(b'\n', &self.bytes[self.searched..]) else {
                self.searched = self.bytes.len();
                if self.searched - self.begin > self.limit {
                    self.too_large = true;
                }
                if self.too_large {
                    self.drop_unfinished();
                }
                return;
            };
            let end = self.searched + offset;
            self.finish_line(end);
            self.begin = end + 1;
            self.searched = self.begin;
        }
    }

    fn finish_line(&mut self, end: usize) {
        self.number += 1;
        self.unfinished_since = None;
        let too_large = std::mem::take(&mut self.too_large) || end - self.begin > self.limit;
        let range = self.begin..end;
        if too_large || !self.bytes[range.clone()].trim_ascii().is_empty() {
            self.lines.push(Line {
                number: self.number,
                range: (!too_large).then_some(range),
            });
        }
    }

    fn drop_unfinished(&mut self) {
        let dropped = self.bytes.len() - self.begin;
        self.bytes.truncate(self.begin);
        self.bytes.shrink_to(self.begin);
        self.searched = self.begin;
        // Dropping what is split off gives the memory back.
        drop(
            self.memory
                .as_mut()
                .and_then(|memory| memory.split(dropped)),
        );
    }

    /// The body is over: what is left of it is a line too.
    fn end(&mut self) {
        self.ended = true;
        if self.too_large || self.begin < self.bytes.len() {
            self.finish_line(self.bytes.len());
            self.begin = self.bytes.len();
            self.searched = self.begin;
        }
    }

    /// Hands over the lines so far; the unfinished one stays.
    fn take(&mut self) -> Option<Chunk> {
        let lines = std::mem::take(&mut self.lines);
        let rest = self.bytes.split_off(self.begin);
        let bytes = std::mem::replace(&mut self.bytes, rest);
        let memory = self.memory.as_mut();
        let memory = memory.and_then(|memory| memory.split(bytes.len()));
        self.searched -= self.begin;
        self.begin = 0;
        (!lines.is_empty()).then_some(Chunk {
            bytes: bytes.into(),
            lines,
            memory: Arc::new(memory),
        })
    }
}
