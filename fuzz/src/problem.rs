//! What must be true of a refusal, as the client sees it.

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
    match problem.members("detail").next() {
        Some(Json::Text(detail)) => check_sentence(detail),
        _ => panic!("a problem has no detail: {problem:?}"),
    }
    for error in problem.members("errors").flat_map(Json::elements) {
        let Some(Json::Text(pointer)) = error.members("pointer").next() else {
            panic!("a fault points nowhere: {problem:?}");
        };
        if let Some(body) = body {
            // A member that is missing is pointed to where it should be.
            let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            assert!(body.has(parent), "there is nothing at `{pointer}`");
        }
    }
}
