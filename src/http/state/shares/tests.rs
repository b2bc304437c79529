//! Tests of shared resources.

use super::*;
use microseg_access::Share;

fn caller(name: &str) -> Account {
    Account::Name(name.into())
}

fn halves() -> SharePolicy {
    SharePolicy::of_keys(Share::percent(50))
}

fn resource(whole: usize) -> SharedResource {
    SharedResource::new(Resource::Streams, whole, halves())
}

/// Takes units of one until there are no more for this caller.
fn take_all(resource: &SharedResource, account: &Account) -> (Vec<Held>, ApiError) {
    let mut held = Vec::new();
    loop {
        match resource.take(account, 1) {
            Ok(one) => held.push(one),
            Err(error) => return (held, error),
        }
    }
}

#[test]
fn caller_with_its_share_leaves_units_for_others() {
    let places = resource(8);
    let (greedy, error) = take_all(&places, &caller("greedy"));
    assert_eq!(greedy.len(), 4);
    assert!(matches!(error, ApiError::ShareFull { .. }));
    let (modest, _) = take_all(&places, &caller("modest"));
    assert_eq!(modest.len(), 2);
    let (third, _) = take_all(&places, &caller("third"));
    assert_eq!(third.len(), 1);
    drop(greedy);
    assert_eq!(take_all(&places, &caller("third")).0.len(), 2);
}

#[test]
fn peers_without_shares_may_take_all() {
    let places = resource(8);
    let peer = Account::of_peer("192.0.2.1".parse().unwrap());
    let (held, error) = take_all(&places, &peer);
    assert_eq!(held.len(), 8);
    assert!(matches!(error, ApiError::Busy));
}

#[test]
fn units_that_are_given_back_leave_no_trace() {
    let places = resource(8);
    let mut held = places.take(&caller("a"), 2).unwrap();
    held.grow(1).unwrap();
    let part = held.split(2).unwrap();
    assert!(held.split(2).is_none());
    assert_eq!((held.units(), part.units()), (1, 2));
    held.merge(part);
    assert!(held.grow(4).is_err());
    drop(held);
    assert_eq!(places.0.state.lock().counts.free_and_callers(), (8, 0));
}

#[test]
fn units_beyond_shares_are_each_callers() {
    let places = SharedResource::with(Resource::Explanations, 33, halves(), 32);
    assert_eq!(take_all(&places, &caller("only")).0.len(), 33);
    let places = SharedResource::with(Resource::Explanations, 1 + 64, halves(), 1);
    assert_eq!(take_all(&places, &caller("greedy")).0.len(), 33);
}

#[test]
fn caller_alone_can_hold_the_least_that_must_fit() {
    let bytes = SharedResource::with_least(Resource::Bytes, 100, halves(), 80);
    assert!(bytes.take(&caller("a"), 80).is_ok());
}

#[tokio::test]
async fn waiting_callers_are_served_by_turns_when_units_are_given_back() {
    let threads = SharedResource::new(Resource::Explanations, 1, SharePolicy::unlimited());
    let (greedy, modest) = (caller("greedy"), caller("modest"));
    let running = threads.take(&greedy, 1).unwrap();
    let mut first = Box::pin(threads.wait_for(&greedy, 1));
    let mut second = Box::pin(threads.wait_for(&greedy, 1));
    let mut others = Box::pin(threads.wait_for(&modest, 1));
    // Each waits from its first poll on.
    for waiting in [&mut first, &mut second, &mut others] {
        assert!(futures_util::poll!(waiting).is_pending());
    }
    drop(running);
    let running = first.await.unwrap();
    assert!(futures_util::poll!(&mut others).is_pending());
    drop(running);
    let running = others.await.unwrap();
    assert!(futures_util::poll!(&mut second).is_pending());
    drop(running);
    drop(second.await.unwrap());
}

#[tokio::test]
async fn units_of_a_client_that_has_left_are_handed_on() {
    let threads = SharedResource::new(Resource::Explanations, 1, SharePolicy::unlimited());
    let [first, second, third] = ["a", "b", "c"].map(caller);
    let running = threads.take(&first, 1).unwrap();
    let mut leaves = Box::pin(threads.wait_for(&second, 1));
    let mut stays = Box::pin(threads.wait_for(&third, 1));
    assert!(futures_util::poll!(&mut leaves).is_pending());
    assert!(futures_util::poll!(&mut stays).is_pending());
    drop(running);
    // It was served, and leaves before it looks.
    drop(leaves);
    drop(stays.await.unwrap());
    assert!(threads.take(&caller("d"), 1).is_ok());
}
