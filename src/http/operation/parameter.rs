//! Parameter of a path, a query or a head.

use serde_json::Value;

use super::content::SchemaOf;

/// One parameter of an operation.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    pub(crate) description: &'static str,
    pub(crate) is_required: bool,
    pub(crate) schema: SchemaOf,
    pub(crate) example: Value,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

impl Place {
    /// As the document has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

impl Parameter {
    /// A part of the path.
    pub(crate) fn in_path(
        name: &'static str,
        description: &'static str,
        schema: SchemaOf,
        example: &'static str,
    ) -> Self {
        Self {
            is_required: true,
            ..Self::new(name, Place::Path, description, schema, example)
        }
    }

    /// A parameter of the query that may be absent.
    pub(crate) fn in_query(
        name: &'static str,
        description: &'static str,
        schema: SchemaOf,
        example: impl Into<Value>,
    ) -> Self {
        Self::new(name, Place::Query, description, schema, example)
    }

    /// A header of the request that may be absent.
    pub(crate) fn in_header(
        name: &'static str,
        description: &'static str,
        schema: SchemaOf,
        example: &'static str,
    ) -> Self {
        Self::new(name, Place::Header, description, schema, example)
    }

    fn new(
        name: &'static str,
        place: Place,
        description: &'static str,
        schema: SchemaOf,
        example: impl Into<Value>,
    ) -> Self {
        Self {
            name,
            place,
            description,
            is_required: false,
            schema,
            example: example.into(),
        }
    }

    /// A parameter that may not be absent.
    pub(crate) fn required(mut self) -> Self {
        self.is_required = true;
        self
    }
}
