//! Records of explanations in a hash chain: how they are sealed, listed and audited, and what they ask of a database.

pub(crate) mod audit;
pub(crate) mod auditor;
pub(crate) mod chain;
pub(crate) mod check;
pub(crate) mod database;
pub(crate) mod document_fields;
pub(crate) mod entry;
pub(crate) mod erasure_document;
pub(crate) mod kept_input;
pub(crate) mod new_record;
pub(crate) mod page;
pub(crate) mod seal;
pub(crate) mod stored_entry;
pub(crate) mod summary;
