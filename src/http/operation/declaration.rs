//! Declaration of one operation: method, path, required scope, handler, and all that the OpenAPI document states of it.

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{self, MethodRouter};

use super::answer::Answer;
use super::content::Content;
use super::parameter::Parameter;
use super::required_scope::RequiredScope;
use super::tag::Tag;
use crate::App;
use microseg_problem::ProblemKind;

/// One method of one path.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) method: Method,
    /// As the document has it; a verb may stand behind its last parameter, as in `/v1/models/{name}:predict`.
    pub(crate) path: &'static str,
    pub(crate) scope: RequiredScope,
    pub(crate) handler: MethodRouter<App>,
    /// Polled every few seconds: its requests are not traced.
    pub(crate) is_probe: bool,
    /// For people alone: it is not in the document.
    pub(crate) is_page: bool,
    /// Its name in generated clients.
    pub(crate) id: &'static str,
    pub(crate) tag: Tag,
    /// Its line in a list.
    pub(crate) summary: &'static str,
    /// More than the summary; may be empty.
    pub(crate) description: &'static str,
    pub(crate) parameters: Vec<Parameter>,
    /// Each media type that its body may have; empty without a body.
    pub(crate) bodies: Vec<Content>,
    pub(crate) answers: Vec<Answer>,
    /// Problems beyond those that every operation of its kind has.
    pub(crate) problems: Vec<ProblemKind>,
    /// Whether its problems have the text in `error`, too, as clients of the Open Inference Protocol read it.
    pub(crate) has_inference_problems: bool,
}

impl Operation {
    /// `GET` of a path, and with it `HEAD`.
    pub(crate) fn get<H: Handler<T, App>, T: 'static>(
        path: &'static str,
        scope: impl Into<RequiredScope>,
        handler: H,
    ) -> Self {
        Self::new(Method::GET, path, scope.into(), routing::get(handler))
    }

    /// `POST` to a path.
    pub(crate) fn post<H: Handler<T, App>, T: 'static>(
        path: &'static str,
        scope: impl Into<RequiredScope>,
        handler: H,
    ) -> Self {
        Self::new(Method::POST, path, scope.into(), routing::post(handler))
    }

    /// `DELETE` of a path.
    pub(crate) fn delete<H: Handler<T, App>, T: 'static>(
        path: &'static str,
        scope: impl Into<RequiredScope>,
        handler: H,
    ) -> Self {
        Self::new(Method::DELETE, path, scope.into(), routing::delete(handler))
    }

    fn new(
        method: Method,
        path: &'static str,
        scope: RequiredScope,
        handler: MethodRouter<App>,
    ) -> Self {
        Self {
            method,
            path,
            scope,
            handler,
            is_probe: false,
            is_page: false,
            id: "",
            tag: Tag::Operations,
            summary: "",
            description: "",
            parameters: Vec::new(),
            bodies: Vec::new(),
            answers: Vec::new(),
            problems: Vec::new(),
            has_inference_problems: false,
        }
    }

    /// Its name in generated clients, its group, and its line in a list.
    pub(crate) fn named(mut self, id: &'static str, tag: Tag, summary: &'static str) -> Self {
        (self.id, self.tag, self.summary) = (id, tag, summary);
        self
    }

    /// More than the summary.
    pub(crate) fn description(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    /// A parameter of the path, the query or the head.
    pub(crate) fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// A body of this media type; an operation may read several.
    pub(crate) fn body(mut self, content: Content) -> Self {
        self.bodies.push(content);
        self
    }

    /// An answer that is not a problem; one for each status.
    pub(crate) fn answer(mut self, answer: Answer) -> Self {
        self.answers.push(answer);
        self
    }

    /// Problems beyond those that every operation of its kind has.
    pub(crate) fn problems(mut self, problems: &[ProblemKind]) -> Self {
        self.problems.extend_from_slice(problems);
        self
    }

    /// Its problems have the form of the Open Inference Protocol.
    pub(crate) fn inference_problems(mut self) -> Self {
        self.has_inference_problems = true;
        self
    }

    /// It is for people alone: the document of the interface does not have it.
    pub(crate) fn page(mut self) -> Self {
        self.is_page = true;
        self
    }

    /// Its path is polled every few seconds.
    pub(crate) fn probe(mut self) -> Self {
        self.is_probe = true;
        self
    }

    /// The pattern that requests are routed by: the path without its verb, which no pattern tells apart.
    pub(crate) fn route(&self) -> &'static str {
        match self.verb_at() {
            Some(colon) => &self.path[..colon],
            None => self.path,
        }
    }

    /// The verb behind the path's last parameter.
    pub(crate) fn verb(&self) -> Option<&'static str> {
        self.verb_at().map(|colon| &self.path[colon + 1..])
    }

    fn verb_at(&self) -> Option<usize> {
        self.path.rfind("}:").map(|brace| brace + 1)
    }
}
