//! Window of events: the last so many, and those of the last so many days.

use super::declaration::EventWindow;
use microseg_history::Moment;

const NANOSECONDS_PER_DAY: i128 = 86_400_000_000_000;

/// The last of the events, which are in their order: so many, and those less than so many days before `as_of`, or before
/// the newest event.
pub(super) fn in_window<T>(
    events: &[T],
    moment: impl Fn(&T) -> Moment,
    window: EventWindow,
    as_of: Option<Moment>,
) -> &[T] {
    let most = window.events.unwrap_or(usize::MAX);
    let events = &events[events.len().saturating_sub(most)..];
    let end = as_of.or_else(|| events.last().map(&moment));
    let (Some(days), Some(end)) = (window.days, end) else {
        return events;
    };
    let length = i128::from(days) * NANOSECONDS_PER_DAY;
    let older = events.partition_point(|event| end.nanoseconds_since(moment(event)) >= length);
    &events[older..]
}
