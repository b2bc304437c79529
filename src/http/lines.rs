//! The lines of a body, in chunks: as many as have arrived, and never more than a chunk holds.

use std::ops::Range;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::FutureExt as _;
use http_body_util::BodyExt as _;
use memchr::memchr;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::{ApiError, App};

/// As many histories as fill a batch of the network.
const MOST_LINES: usize = 128;

/// Enough for some thirty histories of 2,000 transactions, whatever the number of lines.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// One line of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// From 1; blank lines count too.
    pub(super) number: u64,
    /// Where it lies in the chunk; `None` when it is larger than a line may be.
    place: Option<Range<usize>>,
}

/// Some lines that follow each other; blank ones are not among them.
pub(super) struct Chunk {
    bytes: Vec<u8>,
    pub(super) lines: Vec<Line>,
    /// Room for the bytes, given back with them.
    _held: Option<OwnedSemaphorePermit>,
}

impl Chunk {
    /// How many bytes it holds.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes of one of its lines; `None` when it is larger than a line may be.
    pub(super) fn text(&self, line: &Line) -> Option<&[u8]> {
        self.bytes.get(line.place.clone()?)
    }
}

/// What comes next of a body.
enum Part {
    /// Some bytes; nothing for what is no data.
    Data(Option<Bytes>),
    Broken,
    End,
}

async fn next_part(body: &mut Body) -> Part {
    match body.frame().await {
        Some(Ok(frame)) => Part::Data(frame.into_data().ok()),
        Some(Err(_)) => Part::Broken,
        None => Part::End,
    }
}

/// Reads a body line by line. Whoever drops the future of [`BodyLines::next`] loses nothing.
pub(super) struct BodyLines {
    body: Body,
    app: App,
    /// How long nothing may arrive, and how long a line may take.
    patience: Duration,
    limit: usize,
    /// When the unfinished line began to arrive.
    unfinished_since: Option<Instant>,
    /// A part of the body that there is no room for yet.
    arrived: Option<Bytes>,
    bytes: Vec<u8>,
    held: Option<OwnedSemaphorePermit>,
    lines: Vec<Line>,
    number: u64,
    /// Where the unfinished line begins.
    begin: usize,
    /// How far the unfinished line has been searched for its end.
    searched: usize,
    /// The unfinished line is too large: the rest of it is passed over.
    too_large: bool,
    ended: bool,
    /// Why nothing more can be read; told once the lines before it have been handed over.
    broken: bool,
}

impl BodyLines {
    /// The lines of a body, none of them larger than `limit` bytes.
    pub(super) fn new(body: Body, app: &App, limit: usize) -> Self {
        Self {
            body,
            app: app.clone(),
            patience: app.body_timeout(),
            limit,
            unfinished_since: None,
            arrived: None,
            bytes: Vec::new(),
            held: None,
            lines: Vec::new(),
            number: 0,
            begin: 0,
            searched: 0,
            too_large: false,
            ended: false,
            broken: false,
        }
    }

    /// The lines that have arrived, at least one; `None` after the last. Waits only when there is none.
    pub(super) async fn next(&mut self) -> Result<Option<Chunk>, ApiError> {
        loop {
            self.split();
            if self.lines.is_empty() && self.begin > 0 {
                // Blank lines only: they need not be kept.
                self.take();
            }
            if self.is_full() || self.ended {
                return Ok(self.take());
            }
            if self.broken {
                return match self.take() {
                    Some(chunk) => Ok(Some(chunk)),
                    None => Err(ApiError::BodyUnreadable),
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
                    Part::Broken => self.broken = true,
                    Part::End => self.end(),
                }
            }
            if let Some(size) = self.arrived.as_ref().map(Bytes::len) {
                let room = match self.app.hold_line(size) {
                    Ok(room) => room,
                    Err(_) if !self.lines.is_empty() => return Ok(self.take()),
                    Err(_) => {
                        let room = self.app.hold_line_when_free(size);
                        let room = tokio::time::timeout(self.patience, room).await;
                        room.map_err(|_| ApiError::Busy)??
                    }
                };
                self.keep(room);
            }
        }
    }

    /// Waits for more of the body, as long as the server is not about to end.
    async fn wait(&mut self) -> Result<Part, ApiError> {
        let is_unfinished = self.begin < self.bytes.len() || self.too_large;
        let since = if is_unfinished {
            *self.unfinished_since.get_or_insert_with(Instant::now)
        } else {
            Instant::now()
        };
        tokio::select! {
            biased;
            () = self.app.drained() => Err(ApiError::NotReady),
            part = tokio::time::timeout_at(since + self.patience, next_part(&mut self.body)) => {
                part.map_err(|_| ApiError::BodyTimeout)
            }
        }
    }

    fn is_full(&self) -> bool {
        self.lines.len() >= MOST_LINES || (self.begin >= MOST_BYTES && !self.lines.is_empty())
    }

    /// Takes in what has arrived, now that there is room for it.
    fn keep(&mut self, room: OwnedSemaphorePermit) {
        if let Some(data) = self.arrived.take() {
            self.bytes.extend_from_slice(&data);
            match &mut self.held {
                Some(held) => held.merge(room),
                None => self.held = Some(room),
            }
        }
    }

    /// Finds the ends of lines in what has arrived, as far as the chunk has room for lines.
    fn split(&mut self) {
        while !self.is_full() {
            let Some(offset) = memchr(b'\n', &self.bytes[self.searched..]) else {
                self.searched = self.bytes.len();
                if self.searched - self.begin > self.limit {
                    self.too_large = true;
                }
                if self.too_large {
                    self.forget_unfinished();
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
        let place = self.begin..end;
        if too_large || !self.bytes[place.clone()].trim_ascii().is_empty() {
            self.lines.push(Line {
                number: self.number,
                place: (!too_large).then_some(place),
            });
        }
    }

    fn forget_unfinished(&mut self) {
        let forgotten = self.bytes.len() - self.begin;
        self.bytes.truncate(self.begin);
        self.bytes.shrink_to(self.begin);
        self.searched = self.begin;
        // Dropping what is split off gives the room back.
        drop(self.held.as_mut().and_then(|held| held.split(forgotten)));
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
        let held = self.held.take();
        let (held, rest) = match held {
            Some(mut all) => (all.split(bytes.len()), Some(all)),
            None => (None, None),
        };
        self.held = rest;
        self.searched -= self.begin;
        self.begin = 0;
        (!lines.is_empty()).then_some(Chunk {
            bytes,
            lines,
            _held: held,
        })
    }
}
