//! Memory for answers: the bytes that are computed and that their clients have not read yet.

use std::time::Duration;

use axum::body::{Bytes, HttpBody as _};
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::response::Response;

use super::account::Account;
use super::shares::{Held, Resource, SharePolicy, SharedResource};
use crate::ApiError;
use crate::held_body::hold_until_written;
use microseg_config::ServiceSettings;

/// Answers up to this size, in bytes, are not counted: the number of requests at once bounds them.
const SMALL: usize = 64 * 1024;

/// One answer counts at most as one part of so many of the memory, so that it has a place in its caller's share.
const PARTS: usize = 4;

/// The bytes of answers that may be held; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct AnswerMemory {
    memory: SharedResource,
    /// What the largest answer counts as, in bytes.
    largest: usize,
    /// How long a part of an answer may wait for memory.
    timeout: Duration,
}

/// The answer's memory is counted already.
#[derive(Debug, Clone, Copy)]
struct Counted;

impl AnswerMemory {
    pub(super) fn new(settings: &ServiceSettings) -> Self {
        let policy = SharePolicy::new(&settings.traffic);
        let bytes = settings.limits.held_answer_bytes();
        Self::of(bytes, policy, settings.server.body_timeout)
    }

    fn of(bytes: usize, policy: SharePolicy, timeout: Duration) -> Self {
        let largest = bytes / PARTS;
        Self {
            memory: SharedResource::with_least(Resource::Answers, bytes, policy, largest),
            largest,
            timeout,
        }
    }

    /// The memory for the answers of one caller.
    pub(crate) fn of_caller(&self, account: Account) -> Answers {
        Answers {
            memory: self.clone(),
            account,
        }
    }
}

/// Memory for the answers of one caller.
#[derive(Debug, Clone)]
pub(crate) struct Answers {
    memory: AnswerMemory,
    account: Account,
}

impl<S> FromRequestParts<S> for Answers
where
    S: Send + Sync,
    AnswerMemory: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let account = Account::of_request(&parts.extensions)?;
        Ok(AnswerMemory::from_ref(state).of_caller(account))
    }
}

impl Answers {
    /// Memory for an answer, or for what it is made of.
    ///
    /// # Errors
    /// [`ApiError::Busy`] when there is none, [`ApiError::ShareFull`] when the caller holds its share already.
    pub(crate) fn reserve(&self, bytes: usize) -> Result<Held, ApiError> {
        let bytes = bytes.min(self.memory.largest);
        self.memory.memory.take(&self.account, bytes)
    }

    /// Memory for a part of an answer, once clients have read enough of other answers.
    ///
    /// # Errors
    /// [`ApiError::Busy`] when they read nothing for as long as a body may take.
    pub(crate) async fn wait(&self, bytes: usize) -> Result<Held, ApiError> {
        let bytes = bytes.min(self.memory.largest);
        let memory = self.memory.memory.wait_for(&self.account, bytes);
        let memory = tokio::time::timeout(self.memory.timeout, memory).await;
        memory.map_err(|_| ApiError::Busy)?
    }

    /// The same answer; its memory is given back once it has been written.
    pub(crate) fn hold(response: Response, memory: Held) -> Response {
        let mut response = response.map(|body| hold_until_written(body, memory));
        response.extensions_mut().insert(Counted);
        response
    }

    /// The same answer, its memory counted until it has been written.
    ///
    /// # Errors
    /// As [`Self::reserve`]: too many answers wait for their clients.
    pub(crate) fn count(&self, response: Response) -> Result<Response, ApiError> {
        let size = response.body().size_hint().exact();
        let size = size.and_then(|size| usize::try_from(size).ok());
        let is_counted = response.extensions().get::<Counted>().is_some();
        match size {
            Some(size) if size > SMALL && !is_counted => {
                Ok(Self::hold(response, self.reserve(size)?))
            }
            _ => Ok(response),
        }
    }
}

/// Bytes of an answer, with the memory that they take until they are written.
struct CountedText {
    text: Vec<u8>,
    _memory: Held,
}

impl AsRef<[u8]> for CountedText {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

/// The text of a part of an answer; its memory is given back when the connection has taken it.
pub(crate) fn counted(text: Vec<u8>, memory: Held) -> Bytes {
    Bytes::from_owner(CountedText {
        text,
        _memory: memory,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn answers(bytes: usize) -> Answers {
        let minute = Duration::from_mins(1);
        let memory = AnswerMemory::of(bytes, SharePolicy::unlimited(), minute);
        memory.of_caller(Account::Jobs)
    }

    #[test]
    fn large_answer_holds_its_memory_until_it_is_dropped() {
        let answers = answers(800_000);
        let answer = || answers.count(Response::new(Body::from(vec![0; 200_000])));
        let held: Vec<_> = (0..4).map(|_| answer().unwrap()).collect();
        assert!(matches!(answer(), Err(ApiError::Busy)));
        let small = answers.count(Response::new(Body::from(vec![0; SMALL])));
        assert!(small.is_ok());
        drop(held);
        assert!(answer().is_ok());
    }

    #[test]
    fn answer_larger_than_all_memory_counts_as_a_part_of_it() {
        let answers = answers(100_000);
        let answer = || answers.count(Response::new(Body::from(vec![0; 200_000])));
        let held: Vec<_> = (0..PARTS).map(|_| answer().unwrap()).collect();
        assert!(matches!(answer(), Err(ApiError::Busy)));
        drop(held);
        assert!(answer().is_ok());
    }

    #[test]
    fn part_of_an_answer_holds_its_memory_until_it_is_written() {
        let answers = answers(40);
        let parts: Vec<_> = (0..4)
            .map(|_| counted(vec![1, 2, 3], answers.reserve(8).unwrap()))
            .collect();
        assert_eq!(&parts[0][..], [1, 2, 3]);
        assert!(answers.reserve(10).is_err());
        drop(parts);
        assert!(answers.reserve(10).is_ok());
    }
}
