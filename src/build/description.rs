//! Description of a network, `network.json`: what it reads and carries, as it was exported.

use std::path::PathBuf;

use serde::Deserialize;

use microseg_encoding::{FieldsDocument, InputsDocument, SequenceDocument};
use microseg_model::{DeclaredDocument, StateDocument};

/// The form of descriptions that this program reads.
const VERSION: u32 = 1;

/// Why a description was refused.
#[derive(Debug, thiserror::Error)]
pub enum DescriptionError {
    /// Not JSON, a member missing, unknown, or of another type.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// Written for another program.
    #[error("description_version is {0}, this program reads {VERSION}")]
    Version(u32),
}

/// The description as it stands in its file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DescriptionDocument {
    description_version: u32,
    /// The network's file, from the folder of the description.
    network: PathBuf,
    sequence: SequenceDocument,
    #[serde(default)]
    fields: FieldsDocument,
    inputs: InputsDocument,
    state: Vec<StateDocument>,
    state_size: usize,
    outputs: Vec<String>,
}

/// What a description says.
pub(super) struct Description {
    /// The network's file, from the folder of the description.
    pub(super) network: PathBuf,
    /// The names of its outputs.
    pub(super) outputs: Vec<String>,
    /// What the manifest will say.
    pub(super) document: DeclaredDocument,
}

impl Description {
    /// Reads a description; what it declares is checked later.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, DescriptionError> {
        let DescriptionDocument {
            description_version,
            network,
            sequence,
            fields,
            inputs,
            state,
            state_size,
            outputs,
        } = serde_json::from_slice(bytes)?;
        if description_version != VERSION {
            return Err(DescriptionError::Version(description_version));
        }
        Ok(Self {
            network,
            outputs,
            document: DeclaredDocument {
                sequence,
                fields,
                inputs,
                state,
                state_size,
            },
        })
    }
}
