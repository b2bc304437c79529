//! Declarations of operations, and the table of their routes and required scopes.
//!
//! Each resource declares its operations beside their handlers. The routes, the table of required scopes, the methods
//! that a 405 lists and the document are folds over the list of all operations.

mod answer;
mod content;
mod declaration;
pub(crate) mod examples;
mod parameter;
pub(crate) mod parameters;
mod required_scope;
mod route_table;
mod tag;

pub(crate) use answer::{Answer, Header};
pub(crate) use content::{Content, Form, SchemaOf, json, lines, raw};
pub(crate) use declaration::Operation;
pub(crate) use parameter::Parameter;
pub(crate) use required_scope::RequiredScope;
pub(crate) use route_table::RouteTable;
pub(crate) use tag::Tag;
