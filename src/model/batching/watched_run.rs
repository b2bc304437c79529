//! Run of a network thread as its watchdog sees it: how long it may take, and the callers that wait for it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::pending_batch::Member;

/// What one network thread does at the moment. The thread and its watchdog share it, and one of the two answers the members
/// of a run: the thread when the run has ended, or else the watchdog when its time is over.
#[derive(Default)]
pub(super) struct WatchedRun(Mutex<State>);

#[derive(Default)]
enum State {
    /// The thread waits for a batch.
    #[default]
    Idle,
    Running {
        /// When the thread is given up.
        until: Option<Instant>,
        members: VecDeque<Member>,
    },
    /// The run took too long: the thread has been replaced, and ends if its run does.
    GivenUp,
}

/// The run took longer than it may, so its members have their answers, and another thread runs what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GivenUp;

impl WatchedRun {
    /// Begins a run for some members.
    pub(super) fn begin(&self, members: VecDeque<Member>, limit: Duration) {
        // A limit beyond what the clock can hold is none.
        let until = Instant::now().checked_add(limit);
        *self.0.lock() = State::Running { until, members };
    }

    /// Ends the run: the members to be answered.
    pub(super) fn end(&self) -> Result<VecDeque<Member>, GivenUp> {
        let mut state = self.0.lock();
        match std::mem::take(&mut *state) {
            State::Running { members, .. } => Ok(members),
            State::Idle => Ok(VecDeque::new()),
            State::GivenUp => {
                *state = State::GivenUp;
                Err(GivenUp)
            }
        }
    }

    /// Gives the thread up if its run is late: the members to be answered.
    pub(super) fn give_up_if_late(&self, now: Instant) -> Option<VecDeque<Member>> {
        let mut state = self.0.lock();
        let is_late = matches!(&*state, State::Running { until: Some(until), .. } if now >= *until);
        if !is_late {
            return None;
        }
        match std::mem::replace(&mut *state, State::GivenUp) {
            State::Running { members, .. } => Some(members),
            State::Idle | State::GivenUp => None,
        }
    }

    /// Whether the thread was given up.
    pub(super) fn is_given_up(&self) -> bool {
        matches!(&*self.0.lock(), State::GivenUp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_run_is_given_up_once_and_its_thread_is_told() {
        let watched = WatchedRun::default();
        let now = Instant::now();
        assert!(watched.give_up_if_late(now).is_none());
        watched.begin(VecDeque::new(), Duration::from_mins(1));
        assert!(watched.give_up_if_late(now).is_none());
        assert!(watched.end().is_ok());
        watched.begin(VecDeque::new(), Duration::ZERO);
        let later = now + Duration::from_mins(1);
        assert!(watched.give_up_if_late(later).is_some());
        assert!(watched.give_up_if_late(later).is_none());
        assert!(watched.is_given_up());
        assert_eq!(watched.end().err(), Some(GivenUp));
        assert_eq!(watched.end().err(), Some(GivenUp));
    }
}
