//! Requests that wait for units of a resource, each caller's in their order, and the callers by turns.

use std::collections::{HashMap, VecDeque};

use tokio::sync::oneshot;

use crate::state::Account;

/// One request that waits for units, which it gets as a `T`.
#[derive(Debug)]
pub(super) struct Waiter<T> {
    pub(super) units: usize,
    pub(super) sender: oneshot::Sender<T>,
}

/// The requests that wait. A caller with many of them is served as often as a caller with one.
#[derive(Debug)]
pub(super) struct WaitingRequests<T> {
    /// The callers, in the order in which they have their turns.
    turns: VecDeque<Account>,
    of_caller: HashMap<Account, VecDeque<Waiter<T>>>,
}

impl<T> WaitingRequests<T> {
    pub(super) fn new() -> Self {
        Self {
            turns: VecDeque::new(),
            of_caller: HashMap::new(),
        }
    }

    /// Adds a request behind the caller's others.
    pub(super) fn add(&mut self, account: &Account, waiter: Waiter<T>) {
        if let Some(waiters) = self.of_caller.get_mut(account) {
            waiters.push_back(waiter);
        } else {
            self.turns.push_back(account.clone());
            self.of_caller
                .insert(account.clone(), VecDeque::from([waiter]));
        }
    }

    /// Takes the first request that fits, of the caller whose turn it is; the caller's next turn is the last.
    pub(super) fn next(
        &mut self,
        fits: impl Fn(&Account, usize) -> bool,
    ) -> Option<(Account, Waiter<T>)> {
        let mut turn = 0;
        while turn < self.turns.len() {
            let account = &self.turns[turn];
            let Some(waiters) = self.of_caller.get_mut(account) else {
                self.turns.remove(turn);
                continue;
            };
            // Their clients have left.
            while waiters
                .front()
                .is_some_and(|waiter| waiter.sender.is_closed())
            {
                waiters.pop_front();
            }
            let has_turn = waiters
                .front()
                .is_none_or(|waiter| fits(account, waiter.units));
            if !has_turn {
                turn += 1;
                continue;
            }
            let waiter = waiters.pop_front();
            let is_last = waiters.is_empty();
            let account = self.turns.remove(turn)?;
            if is_last {
                self.of_caller.remove(&account);
            } else {
                self.turns.push_back(account.clone());
            }
            if let Some(waiter) = waiter {
                return Some((account, waiter));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(name: &str) -> Account {
        Account::Name(name.into())
    }

    /// Adds a request of a caller; it waits for as long as the receiver lives.
    fn add(
        waiting: &mut WaitingRequests<()>,
        account: &Account,
        units: usize,
    ) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        waiting.add(account, Waiter { units, sender });
        receiver
    }

    #[test]
    fn callers_are_served_by_turns() {
        let mut waiting = WaitingRequests::new();
        let (greedy, modest) = (caller("greedy"), caller("modest"));
        let mut receivers: Vec<_> = (1..=3)
            .map(|units| add(&mut waiting, &greedy, units))
            .collect();
        receivers.push(add(&mut waiting, &modest, 9));
        let mut served = Vec::new();
        while let Some((account, waiter)) = waiting.next(|_, _| true) {
            served.push((account, waiter.units));
        }
        let expected = [(&greedy, 1), (&modest, 9), (&greedy, 2), (&greedy, 3)];
        assert_eq!(
            served,
            expected.map(|(account, units)| (account.clone(), units))
        );
        assert!(waiting.turns.is_empty() && waiting.of_caller.is_empty());
    }

    #[test]
    fn request_that_does_not_fit_holds_up_no_other_caller() {
        let mut waiting = WaitingRequests::new();
        let (large, small) = (caller("large"), caller("small"));
        let _receivers = [add(&mut waiting, &large, 10), add(&mut waiting, &small, 1)];
        let few = |_: &Account, units| units <= 5;
        assert_eq!(waiting.next(few).unwrap().0, small);
        assert!(waiting.next(few).is_none());
        assert_eq!(waiting.next(|_, _| true).unwrap().0, large);
    }

    #[test]
    fn requests_whose_clients_have_left_are_passed_over() {
        let mut waiting = WaitingRequests::new();
        let (gone, here) = (caller("gone"), caller("here"));
        drop(add(&mut waiting, &gone, 1));
        let _receiver = add(&mut waiting, &here, 1);
        assert_eq!(waiting.next(|_, _| true).unwrap().0, here);
        assert!(waiting.turns.is_empty() && waiting.of_caller.is_empty());
    }
}
