//! Publication of a bundle: its files written, loaded for a check, and moved to their place.

use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::error::BuildError;
use super::inputs::BuildInputs;
use super::staging::Stage;
use super::tables::Tables;
use super::{golden, model_card};
use microseg_history::Limits;
use microseg_model::{Capacity, ManifestDocument, Model, files, histories_of_golden_cases};
use microseg_reasons::{Language, english};

/// A bundle that was built and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Its folder.
    pub place: PathBuf,
    /// Whether histories that came with the network became the inputs that they must become.
    pub encoding_is_verified: bool,
}

/// Writes every file beside the bundle's place, loads the result as a server would, and moves it there.
pub(super) fn publish(
    inputs: &BuildInputs,
    tables: Tables,
    limits: Limits,
) -> Result<Published, BuildError> {
    let (golden, golden_from) = if let Some(golden) = &inputs.golden {
        (golden.clone(), "given with the network")
    } else {
        let made = golden::make(&inputs.main, &tables.trajectories);
        let made = made.map_err(BuildError::network(&inputs.main.file))?;
        (made, "made by model build with its own libtorch")
    };
    let histories = histories_of_golden_cases(&golden);
    let mut text = inputs.card.clone();
    if !inputs.main.outline.declaration.is_shares_alone() {
        text.push_str(&model_card::encoding(histories));
    }
    text.push_str(&model_card::sections(&inputs.main.outputs, &tables));
    let reasons_file = Language::english().file();
    let reasons = english(&inputs.taxonomy, &inputs.main.outputs);
    let reasons = reasons.map_err(BuildError::Reasons)?;
    let contents: [(&str, &[u8]); 5] = [
        (inputs.main.backend.network_file(), &inputs.main.bytes),
        (files::TAXONOMY, inputs.taxonomy_text.as_bytes()),
        (files::GOLDEN, &golden),
        (files::CARD, text.as_bytes()),
        (&reasons_file, &reasons),
    ];
    let document = manifest(inputs, tables, &contents, golden_from);
    let mut manifest = serde_json::to_vec_pretty(&document)?;
    manifest.push(b'\n');

    let place = inputs.config.place();
    let fault = |source| BuildError::Write {
        folder: place.clone(),
        source,
    };
    let stage = Stage::open(&place).map_err(fault)?;
    for (name, bytes) in contents {
        stage.write(name, bytes).map_err(fault)?;
    }
    stage.write(files::MANIFEST, &manifest).map_err(fault)?;
    // A bundle is replaced only by one that loads.
    let model = Model::load(stage.folder(), Capacity::single(limits))?;
    stage.commit().map_err(fault)?;
    Ok(Published {
        place,
        encoding_is_verified: model.encoding_is_verified(),
    })
}

fn manifest(
    inputs: &BuildInputs,
    tables: Tables,
    contents: &[(&str, &[u8])],
    golden_from: &str,
) -> ManifestDocument {
    let BuildInputs {
        config,
        taxonomy,
        main,
        ..
    } = inputs;
    let mut provenance = config.provenance.clone();
    provenance.insert("created_by".to_owned(), "microseg model build".into());
    provenance.insert("seed".to_owned(), config.seed.into());
    provenance.insert("golden_cases".to_owned(), golden_from.into());
    let classes = taxonomy.classes().iter().map(|class| class.id.clone());
    ManifestDocument {
        schema_version: main.document.schema_version(),
        name: config.name.clone(),
        version: config.version.to_string(),
        files: contents
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), hex::encode(Sha256::digest(bytes))))
            .collect(),
        classes: classes.collect(),
        network: main.document.clone(),
        outputs: main.outputs.clone(),
        population: tables.population,
        segments: tables.segments,
        attractors: tables.attractors,
        surrogate: tables.surrogate,
        provenance,
    }
}
