//! Pages for people: explanations, scorings and models as HTML and figures in SVG, made from their JSON documents.
//!
//! A page is a function of the documents that the interface answers: what is on it can be had as JSON too, and a new member
//! of a document changes nothing here until a page shows it. Nothing on a page is loaded from elsewhere.
//!
//! - `documents`: what is read of each document.
//! - `svg`: the writer of SVG; `figures`: each figure as a function of documents.
//! - `explanation`, `customer`, `model`, `population`, `forms`: the pages; `course`: what the first two share; `validation`: a
//!   table of the third; `render`: their templates, escaped.

mod course;
mod customer;
mod documents;
mod drawing;
mod explanation;
mod figures;
mod forms;
mod frame;
mod histogram;
mod model;
mod numbers;
mod population;
mod recourse;
mod render;
mod svg;
mod tally;
mod validation;
mod verdict;

pub use course::Course;
pub use customer::{ChangeRow, CustomerPage, customer_page};
pub use explanation::{ExplanationDocuments, explanation_figure, explanation_page};
pub use forms::{
    Choice, ChoiceOption, Field, Home, ListedModel, ProblemPage, ProblemText, RecordRow,
    RecordsPage, home_page, problem_page, records_page, sign_in_page,
};
pub use frame::Frame;
pub use model::{ModelDocuments, model_page};
pub use population::population_page;
pub use render::{PageError, STYLE};
pub use tally::Tally;

#[cfg(test)]
mod tests;
