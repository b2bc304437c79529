//! Histories that are continued: in one request or in several, at once or as they arrive, what the network reads is the same.

use std::sync::Arc;

use ndarray::{Array2, Axis, concatenate};
use serde_json::{Value, json};

use crate::events_tests::{CLASSES, encoder};
use crate::{
    Arrived, CHECKPOINT_STEPS, Checkpoint, Closed, Continuation, Encoder, History, Inputs,
    LiveHistory, PeriodKind, Tokens, Window,
};
use microseg_history::{HistoryError, HistorySettings, Limits, Taxonomy};

/// Transactions in the order of time, several a day, some at the same moment.
fn transactions(count: usize) -> Vec<Value> {
    let classes = ["groceries", "rent", "salary", "nothing", "vets"];
    let of = |number: usize| {
        let (day, hour) = (number / 5, number % 5 / 2);
        let amount = if number.is_multiple_of(11) {
            3.1
        } else {
            -0.1 * f64::from(u8::try_from(number % 90 + 1).unwrap())
        };
        json!({
            "timestamp": format!("20{:02}-{:02}-{:02}T{hour:02}:00:00Z", 10 + day / 336, 1 + day / 28 % 12, 1 + day % 28),
            "amount": amount,
            "class": classes[number * 7 % 5],
            "id": format!("t-{}", number * 13 % 17),
            "balance": number % 23,
        })
    };
    (0..count).map(of).collect()
}

/// Models of each kind, with windows that are shorter than the histories, or without one.
fn encoders() -> Vec<Encoder> {
    let taxonomy = Arc::new(Taxonomy::from_csv(CLASSES).unwrap());
    let of_field = |of: &str| json!({"of": of, "field": "balance"});
    let events = json!({
        "numbers": [{"of": "amount"}, {"of": "days_since_previous", "missing": -1}, of_field("field")],
        "categories": [{"of": "class", "vocabulary": {"rent": 1, "salary": 4}, "padding": 0, "unknown": 2, "missing": 3}],
    });
    let periods = json!({"numbers": [{"of": "share"}, {"of": "income"}, of_field("last"), {"of": "active_days"}]});
    vec![
        Encoder::new(taxonomy, PeriodKind::Month, 3, Limits::default()),
        encoder("week", json!(4), periods),
        encoder("event", json!({"events": 12}), events.clone()),
        encoder("event", json!({"days": 9}), events.clone()),
        encoder("event", json!("all"), events),
    ]
}

fn is_of_all(encoder: &Encoder) -> bool {
    matches!(encoder.declaration().window(), Window::Events(window) if window.is_unlimited())
}

/// Reads a history that goes on from a state.
fn read(
    encoder: &Encoder,
    state: Option<&Continuation>,
    transactions: &[Value],
) -> Result<History, HistoryError> {
    let mut document = json!({"unknown_class": "skip", "transactions": transactions});
    if state.is_some() {
        document["state_token"] = json!("t");
    }
    let open = |_: &str, _: Option<&_>| Ok(state.cloned().unwrap());
    let tokens = Tokens {
        open: &open,
        keep: true,
    };
    let bytes = serde_json::to_vec(&document).unwrap();
    encoder.read_continued(&bytes, tokens)
}

/// The state of a history, written and read again.
fn state(history: &History) -> Continuation {
    let text = serde_json::to_string(history.continuation().unwrap()).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The last steps of some inputs.
fn last(inputs: &Inputs, steps: usize) -> Inputs {
    let from = inputs.steps() - steps;
    let part = |range: std::ops::RangeFrom<usize>| {
        (
            inputs
                .numbers
                .slice_axis(Axis(0), ndarray::Slice::from(range.clone()))
                .to_owned(),
            inputs
                .categories
                .slice_axis(Axis(0), ndarray::Slice::from(range))
                .to_owned(),
        )
    };
    let (numbers, categories) = part(from..);
    Inputs {
        numbers,
        categories,
    }
}

fn assert_same_end(continued: &History, whole: &History, what: &str) {
    let inputs = continued.inputs();
    let steps = inputs.steps();
    assert_eq!(inputs, last(&whole.inputs(), steps), "{what}");
    let before = continued.checkpoint().map_or(0, Checkpoint::steps);
    assert_eq!(
        before + steps as u64,
        whole.inputs().steps() as u64,
        "{what}"
    );
    assert_eq!(continued.quality, whole.quality, "{what}");
    let periods = continued.totals.periods().collect::<Vec<_>>();
    let of_whole = whole.totals.periods().collect::<Vec<_>>();
    assert_eq!(
        periods,
        of_whole[of_whole.len() - periods.len()..],
        "{what}"
    );
}

#[test]
fn history_in_several_requests_is_read_as_in_one() {
    let all = transactions(700);
    for (place, encoder) in encoders().into_iter().enumerate() {
        let whole = read(&encoder, None, &all).unwrap();
        for cuts in [
            vec![700],
            vec![1, 2, 700],
            vec![100, 300, 301, 557, 700],
            (0..=70).map(|cut| cut * 10).skip(1).collect(),
        ] {
            let (mut before, mut from, mut found) = (None, 0, None);
            for cut in cuts.iter().copied() {
                let history = match read(&encoder, before.as_ref(), &all[from..cut]) {
                    Ok(history) => history,
                    // No spending yet: the next request has these transactions too.
                    Err(_) if before.is_none() => continue,
                    Err(error) => panic!("{place}: {error:?}"),
                };
                before = Some(state(&history));
                from = cut;
                found = Some(history);
            }
            assert_same_end(&found.unwrap(), &whole, &format!("{place} {cuts:?}"));
        }
    }
}

#[test]
fn window_that_ends_takes_late_transactions_and_one_that_does_not_refuses_them() {
    let all = transactions(600);
    for (place, encoder) in encoders().into_iter().enumerate() {
        let late: Vec<_> = all.iter().step_by(3).cloned().collect();
        let first: Vec<_> = (all.iter().enumerate())
            .filter(|(place, _)| place % 3 != 0)
            .map(|(_, one)| one.clone())
            .collect();
        let begun = read(&encoder, None, &first).unwrap();
        let continued = read(&encoder, Some(&state(&begun)), &late);
        if is_of_all(&encoder) {
            let Err(HistoryError::Invalid { pointer, .. }) = continued else {
                panic!("{continued:?}");
            };
            assert_eq!(pointer, "/transactions/0/timestamp");
        } else {
            let whole = read(&encoder, None, &all).unwrap();
            assert_same_end(&continued.unwrap(), &whole, &place.to_string());
        }
    }
}

#[test]
fn state_has_the_size_of_a_window_or_of_the_steps_since_a_checkpoint() {
    for (encoder, most) in
        encoders()
            .into_iter()
            .zip([0, 4 * 7 * 5, 12, 9 * 5, CHECKPOINT_STEPS + 3])
    {
        let history = read(&encoder, None, &transactions(3_000)).unwrap();
        let state = history.continuation().unwrap();
        assert!(state.events.len() <= most, "{}", state.events.len());
        let checkpoint = state.checkpoint().map(Checkpoint::steps);
        assert_eq!(checkpoint, is_of_all(&encoder).then_some(2_816));
    }
}

#[test]
fn state_of_other_settings_is_refused() {
    for encoder in encoders() {
        let begun = read(&encoder, None, &transactions(300)).unwrap();
        let state = state(&begun);
        let refused = |document: Value| {
            let open = |_: &str, _: Option<&_>| Ok(state.clone());
            let tokens = Tokens {
                open: &open,
                keep: false,
            };
            let bytes = serde_json::to_vec(&document).unwrap();
            match encoder.read_continued(&bytes, tokens) {
                Err(HistoryError::Invalid { pointer, .. }) => pointer,
                other => panic!("{other:?}"),
            }
        };
        let zone = json!({"state_token": "t", "time_zone": "Europe/Berlin", "transactions": []});
        assert_eq!(refused(zone), "/time_zone");
        let early = json!({"state_token": "t", "as_of": "2010-01-05", "transactions": []});
        assert_eq!(refused(early), "/as_of");
    }
}

fn settings() -> HistorySettings {
    HistorySettings {
        unknown_class: microseg_history::UnknownClass::Count,
        ..HistorySettings::default()
    }
}

/// The numbers of steps that close while transactions arrive, each step for itself; of events in a window those of the last.
fn follow(live: &mut LiveHistory, transactions: &[Value], ends: bool) -> Vec<Array2<f32>> {
    let mut closed = Vec::new();
    for one in transactions {
        match live.add(one.to_string().as_bytes()).unwrap() {
            Arrived::Added(steps) => closed.extend(steps),
            late @ Arrived::Late { .. } => panic!("{late:?}"),
        }
    }
    if ends {
        closed.extend(live.close().unwrap());
    }
    let of = |step| match step {
        Closed::Period(period) => Some(period.inputs.numbers),
        Closed::Event(event) => Some(live.inputs_of_events(event.count, 0).unwrap().numbers),
        Closed::Month { .. } => None,
    };
    closed.into_iter().filter_map(of).collect()
}

#[test]
fn gap_of_more_days_than_can_close_at_once_is_refused_at_its_end() {
    let inputs = json!({"numbers": [{"of": "income"}]});
    let mut live = LiveHistory::new(&encoder("day", json!(4), inputs), settings());
    let mut add = |timestamp: &str| {
        let transaction = json!({"timestamp": timestamp, "amount": -1, "class": "rent"});
        live.add(transaction.to_string().as_bytes())
    };
    add("1900-01-01").unwrap();
    match add("1954-10-05").unwrap() {
        Arrived::Added(closed) => assert_eq!(closed.len(), 20_000),
        late @ Arrived::Late { .. } => panic!("{late:?}"),
    }
    match add("2262-01-01") {
        Err(HistoryError::Invalid { pointer, .. }) => assert_eq!(pointer, "/timestamp"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn steps_close_as_transactions_arrive_with_the_numbers_of_the_history_so_far() {
    let all = transactions(120);
    for encoder in encoders() {
        let mut live = LiveHistory::new(&encoder, settings());
        let steps = follow(&mut live, &all, true);
        let history = live.into_history(None, false).unwrap();
        assert_same_end(&history, &read(&encoder, None, &all).unwrap(), "end");
        if encoder.declaration().step() == crate::Step::Event {
            assert_eq!(steps.len(), 120);
            for (number, step) in (1..).zip(&steps).skip(4).step_by(7) {
                // Those of one moment are in their order only when all are there.
                let whole = read(&encoder, None, &all).unwrap();
                if step.nrows() == number {
                    let first = whole.inputs().numbers;
                    if first.nrows() == 120 {
                        assert_eq!(
                            step,
                            first.slice_axis(Axis(0), ndarray::Slice::from(..number))
                        );
                    }
                }
            }
        } else {
            let views: Vec<_> = steps.iter().map(Array2::view).collect();
            let numbers = concatenate(Axis(0), &views).unwrap();
            let whole = read(&encoder, None, &all).unwrap().inputs().numbers;
            let from = numbers.nrows() - whole.nrows();
            assert_eq!(
                numbers.slice_axis(Axis(0), ndarray::Slice::from(from..)),
                whole
            );
        }
    }
}

#[test]
fn stream_goes_on_from_the_state_of_an_earlier_one() {
    let all = transactions(700);
    for (place, encoder) in encoders().into_iter().enumerate() {
        let mut at_once = LiveHistory::new(&encoder, settings());
        let steps = follow(&mut at_once, &all, true);
        let whole = at_once.into_history(None, false).unwrap();
        for cut in [290, 603] {
            let mut first = LiveHistory::new(&encoder, settings());
            let mut found = follow(&mut first, &all[..cut], true);
            let kept = first.into_history(None, true).unwrap();
            let mut second = LiveHistory::continued(&encoder, settings(), state(&kept)).unwrap();
            if let Some(earlier) = second.inputs_of_earlier_periods().unwrap() {
                assert_eq!(
                    earlier.numbers.row(earlier.steps() - 1),
                    found[found.len() - 2].row(0)
                );
                // The open period is closed once more.
                found.pop();
            }
            found.extend(follow(&mut second, &all[cut..], true));
            assert_eq!(found.len(), steps.len(), "{place} {cut}");
            for (one, other) in found
                .iter()
                .zip(&steps)
                .skip(cut.min(found.len().saturating_sub(20)))
            {
                let shared = one.nrows().min(other.nrows());
                let end = |steps: &Array2<f32>| {
                    steps
                        .slice_axis(Axis(0), ndarray::Slice::from(steps.nrows() - shared..))
                        .to_owned()
                };
                assert_eq!(end(one), end(other), "{place} {cut}");
            }
            let continued = second.into_history(None, true).unwrap();
            assert_same_end(&continued, &whole, &format!("{place} {cut}"));
        }
    }
}
