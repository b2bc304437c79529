//! Waiting for a condition, with one time limit for all tests.

use std::time::{Duration, Instant};

/// Time limit of everything that a test waits for: far above what any of it takes, also on a busy machine.
pub const TIME_LIMIT: Duration = Duration::from_mins(2);

/// Pause between two evaluations of a condition.
const PAUSE: Duration = Duration::from_millis(5);

/// Evaluates a condition until it has a value.
///
/// # Panics
///
/// After [`TIME_LIMIT`], with the description.
pub async fn eventually<T>(description: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + TIME_LIMIT;
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(
            Instant::now() < deadline,
            "not within the time limit: {description}"
        );
        tokio::time::sleep(PAUSE).await;
    }
}

/// The same where there is no asynchronous runtime.
///
/// # Panics
///
/// After [`TIME_LIMIT`], with the description.
pub fn eventually_blocking<T>(description: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + TIME_LIMIT;
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(
            Instant::now() < deadline,
            "not within the time limit: {description}"
        );
        std::thread::sleep(PAUSE);
    }
}

/// The output of a future that must end within [`TIME_LIMIT`].
pub async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(TIME_LIMIT, future).await.unwrap()
}
