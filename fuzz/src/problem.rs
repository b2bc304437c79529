//! Properties of a refusal, as the client sees it.

use super::customer::check_sentence;
use super::json::Json;

/// The status that a problem names.
pub(crate) fn status(problem: &Json) -> u64 {
    match problem.members("status").next() {
        Some(Json::Positive(status)) => *status,
        _ => panic!("a problem has no status: {problem:?}"),
    }
}

/// The line that a problem names.
pub(crate) fn line(problem: &Json) -> Option<u64> {
    match problem.members("line").next() {
        Some(Json::Positive(line)) => Some(*line),
        _ => None,
    }
}

/// Says what is wrong in plain words, and points to something that is there; `None` when the body is no JSON.
pub(crate) fn check(problem: &Json, body: Option<&Json>) {
    assert!((400..500).contains(&status(problem)), "{problem:?}");
    let text = |of: &Json, member: &str| match of.members(member).next() {
        Some(Json::Text(text)) => text.clone(),
        _ => panic!("a problem has no {member}: {problem:?}"),
    };
    let mut detail = text(problem, "detail");
    for error in problem.members("errors").flat_map(Json::elements) {
        let pointer = text(error, "pointer");
        // It consists of the caller's own names, whatever they are; the rest is ours.
        detail = detail
            .strip_prefix(&pointer)
            .map_or(detail.clone(), str::to_owned);
        check_sentence(&text(error, "detail"));
        if let Some(body) = body {
            // A member that is missing is pointed to where it should be.
            let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            assert!(body.has(parent), "there is nothing at `{pointer}`");
        }
    }
    check_sentence(&detail);
}
