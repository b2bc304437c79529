//! Numbers with names: a JSON object whose members stand in the order of the network's outputs.

use std::sync::Arc;

use serde::{Serialize, Serializer};

/// One number for each name.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    names: Arc<[String]>,
    values: Vec<f32>,
}

impl Named {
    /// As many values as names.
    #[must_use]
    pub fn new(names: Arc<[String]>, values: Vec<f32>) -> Self {
        Self { names, values }
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f32)> {
        self.names
            .iter()
            .map(String::as_str)
            .zip(self.values.iter().copied())
    }
}

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
