//! Problems as pages, where a browser asks.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::middleware::Next;

use super::accept::prefers_page;
use super::answer::{frame, page_with_status};
use crate::RequestId;
use crate::request::Caller;
use microseg_pages::{ProblemPage, problem_page};
use microseg_problem::{Problem, ProblemKind};

/// Headers of a problem that its page has too.
const KEPT: [header::HeaderName; 3] =
    [header::WWW_AUTHENTICATE, header::RETRY_AFTER, header::ALLOW];

/// Middleware: a browser gets a problem as a page, and where a key is missing, a form that asks for it.
pub(crate) async fn answer_as_page(request: Request, next: Next) -> Response<Body> {
    if !prefers_page(request.headers()) {
        return next.run(request).await;
    }
    let caller = request.extensions().get::<Caller>().cloned();
    let id = request.extensions().get::<RequestId>().cloned();
    let asked = request.uri().path_and_query().map(ToString::to_string);
    let to = asked
        .filter(|_| request.method().is_safe())
        .unwrap_or("/".to_owned());
    let response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>().cloned() else {
        return response;
    };
    let caller = caller.unwrap_or(Caller::Unauthenticated);
    let shown = shown(&problem, &caller, id.as_ref(), &to, response.headers());
    shown.unwrap_or(response)
}

/// The problem as a page; `None` when it cannot be made, so that the problem stays as it is.
fn shown(
    problem: &Problem,
    caller: &Caller,
    id: Option<&RequestId>,
    to: &str,
    headers: &HeaderMap,
) -> Option<Response<Body>> {
    let kind = problem.kind();
    let view = ProblemPage {
        title: kind.title(),
        detail: problem.detail(),
        status: kind.status(),
        request_id: id.map(RequestId::as_str),
    };
    let to = (kind == ProblemKind::Unauthorized).then_some(to);
    let page = problem_page(&view, to, &frame(caller, ""));
    let status = StatusCode::from_u16(kind.status()).ok()?;
    let mut response = page_with_status(status, page).ok()?;
    for name in KEPT {
        if let Some(value) = headers.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    Some(response)
}
