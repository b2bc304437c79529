//! Events about a kept customer as `CloudEvents` (1.0, in JSON), each as an event of an event stream.

use serde::Serialize;

use microseg_store::SegmentChange;

/// The type of events about micro-segments.
const SEGMENT_CHANGED: &str = "microseg.segment.changed";

/// The type of events about positions.
const TRANSACTIONS_CHANGED: &str = "microseg.transactions.changed";

#[derive(Serialize)]
struct CloudEvent<T> {
    specversion: &'static str,
    id: String,
    source: &'static str,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    datacontenttype: &'static str,
    data: T,
}

#[derive(Serialize)]
struct ChangeData<'a> {
    customer_id: &'a str,
    position: u64,
    model: &'a str,
    from: Option<&'a str>,
    to: Option<&'a str>,
}

#[derive(Serialize)]
struct PositionData<'a> {
    customer_id: &'a str,
    position: u64,
}

/// A change of the micro-segment.
pub(super) fn segment_changed(customer_id: &str, change: &SegmentChange) -> String {
    let id = change.sequence.to_string();
    let time = Some(change.created_at.to_string());
    let data = ChangeData {
        customer_id,
        position: change.position,
        model: &change.model,
        from: change.from.as_deref(),
        to: change.to.as_deref(),
    };
    format!(
        "id: {id}\n{}",
        event(SEGMENT_CHANGED, id.clone(), time, data)
    )
}

/// A change of the transactions, without an `id` of the stream: a client that resumes names a change of the micro-segment.
pub(super) fn transactions_changed(customer_id: &str, position: u64) -> String {
    let data = PositionData {
        customer_id,
        position,
    };
    event(
        TRANSACTIONS_CHANGED,
        format!("position-{position}"),
        None,
        data,
    )
}

fn event(name: &'static str, id: String, time: Option<String>, data: impl Serialize) -> String {
    let event = CloudEvent {
        specversion: "1.0",
        id,
        source: "/v1/customers",
        r#type: name,
        time,
        datacontenttype: "application/json",
        data,
    };
    // Texts and numbers can always be written to memory, and JSON has no line feed of its own.
    let data = serde_json::to_string(&event).unwrap_or_default();
    format!("event: {name}\ndata: {data}\n\n")
}
