//! Answers for people: whether a browser asks, pages as answers, and the documents that pages are made from.

mod accept;
mod answer;
mod course;
mod problems;
mod tables;

pub(crate) use accept::prefers_page;
pub(crate) use answer::{frame, live_page, page, page_with_status, picture};
pub(crate) use course::{NoCourse, course, of_record};
pub(crate) use problems::answer_as_page;
pub(crate) use tables::model_documents;
