//! Content of a request or an answer: a media type, the schema of its type, and an example.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

/// Makes the schema of a type known to a generator, and refers to it.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What stands under one media type. Schemas and examples are made when the document is, and not for each router.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Content {
    pub(crate) media_type: &'static str,
    pub(crate) form: Form,
}

/// How a content is described.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// One document.
    Document {
        schema: SchemaOf,
        example: fn() -> Value,
    },
    /// A document a line, of which OpenAPI 3.1 can only describe the text.
    Lines {
        schema: SchemaOf,
        examples: fn() -> Vec<Value>,
    },
    /// No type of this program: the members `schema` and `example` as they are in the document.
    Raw(fn() -> Value),
}

/// One JSON document of the type `T`.
pub(crate) fn json<T: JsonSchema>(example: fn() -> Value) -> Content {
    Content {
        media_type: "application/json",
        form: Form::Document {
            schema: SchemaGenerator::subschema_for::<T>,
            example,
        },
    }
}

/// JSON documents of the type `T`, one a line.
pub(crate) fn lines<T: JsonSchema>(
    media_type: &'static str,
    examples: fn() -> Vec<Value>,
) -> Content {
    Content {
        media_type,
        form: Form::Lines {
            schema: SchemaGenerator::subschema_for::<T>,
            examples,
        },
    }
}

/// Content of no type of this program.
pub(crate) fn raw(media_type: &'static str, described: fn() -> Value) -> Content {
    Content {
        media_type,
        form: Form::Raw(described),
    }
}
