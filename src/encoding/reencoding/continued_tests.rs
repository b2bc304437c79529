//! Histories that go on from a state without a window, encoded again with what comes before them and without it.

use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::{Before, EventReencoder, Reencoder};
use crate::events_tests::encoder_of_classes;
use crate::{CHECKPOINT_STEPS, Continuation, Encoder, History, Tokens};

const CLASSES: &str =
    "class,title,group,mcc,source\nrent,Rent,home,6513,\nsalary,Salary,income,,\n";

fn encoder() -> Encoder {
    let inputs = json!({
        "numbers": [{"of": "amount"}, {"of": "days_since_previous", "missing": -1}],
        "categories": [{"of": "class", "vocabulary": {"rent": 1}, "padding": 0, "unknown": 2, "missing": 3}],
    });
    encoder_of_classes(CLASSES, "event", json!("all"), inputs)
}

/// One a day, in the zone of New York.
fn history(range: std::ops::Range<usize>) -> Value {
    let transactions = range.map(|number| {
        let date = format!("{}-{:02}-{:02}", 2019 + number / 336, 1 + number / 28 % 12, 1 + number % 28);
        json!({"timestamp": date, "amount": -3.5 - f64::from(u32::try_from(number % 7).unwrap()), "class": "rent"})
    });
    json!({"time_zone": "America/New_York", "transactions": transactions.collect::<Vec<_>>()})
}

/// The history of all transactions after the first ones, which are in the state that it goes on from.
fn continued(encoder: &Encoder, first: usize, all: usize) -> History {
    let open = |_: &str, _: Option<&_>| Err(String::new());
    let tokens = Tokens {
        open: &open,
        keep: true,
    };
    let bytes = history(0..first).to_string();
    let mut earlier = encoder.read_continued(bytes.as_bytes(), tokens).unwrap();
    let mut state: Continuation = earlier.take_continuation().unwrap();
    state.set_state(vec![0.25, -1.5e-30]);
    let mut rest = history(first..all);
    rest["state_token"] = json!("t");
    let open = |_: &str, _: Option<&_>| Ok(state.clone());
    let tokens = Tokens {
        open: &open,
        keep: false,
    };
    let read = encoder.read_continued_with::<IgnoredAny>(rest.to_string().as_bytes(), "x", tokens);
    read.unwrap().0
}

fn alone(encoder: &Encoder, range: std::ops::Range<usize>) -> History {
    let bytes = history(range).to_string();
    encoder.read_to_explain(bytes.as_bytes()).unwrap()
}

fn events<'a>(reencoder: &'a Reencoder<'a>) -> &'a EventReencoder<'a> {
    match reencoder {
        Reencoder::Events(events) => events,
        Reencoder::Periods(_) => panic!("steps are events"),
    }
}

#[test]
fn steps_follow_what_comes_before_them_until_it_is_gone() {
    let encoder = encoder();
    let (first, all) = (CHECKPOINT_STEPS + 9, CHECKPOINT_STEPS + 20);
    let history = continued(&encoder, first, all);
    let reencoder = encoder.reencoder(&history).unwrap();
    let events = events(&reencoder);
    let unchanged = vec![1.0; 20];
    let steps = events.steps(&unchanged);
    assert_eq!(steps.len(), 20);
    let inputs = |before| events.inputs(&steps, 0, (&unchanged, before)).unwrap();
    let of_whole = alone(&encoder, 0..all).inputs().last(20);
    assert_eq!(inputs(Before::Kept), of_whole);
    assert_eq!(history.inputs(), of_whole);
    let of_rest = alone(&encoder, CHECKPOINT_STEPS..all).inputs();
    assert_eq!(inputs(Before::Gone), of_rest);
    assert_ne!(of_rest, of_whole);

    // Without the first of them, the second one follows what comes before.
    let steps = &steps[1..];
    let kept = events.inputs(steps, 0, (&unchanged, Before::Kept)).unwrap();
    assert_eq!(kept.numbers[(0, 1)].to_bits(), 2.0_f32.to_bits());
    let gone = events.inputs(steps, 0, (&unchanged, Before::Gone)).unwrap();
    assert_eq!(gone.numbers[(0, 1)].to_bits(), (-1.0_f32).to_bits());
}

#[test]
fn canonical_form_holds_the_state_and_is_read_again() {
    let encoder = encoder();
    let history = continued(&encoder, CHECKPOINT_STEPS + 9, CHECKPOINT_STEPS + 20);
    let stored = history.to_json(&encoder).unwrap();
    let restored = encoder.restore_history(&stored).unwrap();
    assert_eq!(restored.checkpoint(), history.checkpoint());
    assert_eq!(restored.inputs(), history.inputs());
    assert_eq!(restored.to_json(&encoder).unwrap(), stored);
    let periods = |history: &History| {
        let periods = history.totals.periods();
        periods
            .map(|(period, _)| period.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(periods(&restored), periods(&history));
    let digest = |history: &History| history.digest(&encoder).unwrap();
    assert_eq!(digest(&restored), digest(&history));
    // The same transactions with nothing before them are another input.
    let rest = alone(&encoder, CHECKPOINT_STEPS..CHECKPOINT_STEPS + 20);
    assert_ne!(digest(&rest), digest(&history));

    let document: Value = serde_json::from_slice(&stored).unwrap();
    let state = document["state_token"].as_str().unwrap();
    assert!(state.starts_with("256 2019-10-"), "{state}");
    for altered in [
        "",
        "256",
        "x 2019-10-04T04:00:00Z 00",
        "256 2019-10-04T04:00:00Z 0",
    ] {
        let mut document = document.clone();
        document["state_token"] = json!(altered);
        let restored = encoder.restore_history(document.to_string().as_bytes());
        assert!(restored.is_err(), "{altered}");
    }
}
