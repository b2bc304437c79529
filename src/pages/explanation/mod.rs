//! Page of an explanation and its figures: of a record, of what a form has asked for, and of a report.

mod cards;
mod facts;
mod page;
mod parts;
mod request;

pub use page::{explanation_figure, explanation_page};
pub use parts::ExplanationDocuments;
