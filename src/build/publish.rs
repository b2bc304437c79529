//! From tables to a bundle in its place.

use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::derive::Derived;
use super::folder::Stage;
use super::recipe::Ingredients;
use super::{BuildError, card, golden};
use microseg_history::Limits;
use microseg_model::{Capacity, Manifest, ManifestDocument, Model, files};
use microseg_reasons::{Language, english};

/// Writes every file beside the bundle's place, loads the result as a server would, and moves it there.
pub(super) fn publish(
    ingredients: &Ingredients,
    derived: Derived,
    limits: Limits,
) -> Result<PathBuf, BuildError> {
    let mut text = ingredients.card.clone();
    text.push_str(&card::sections(&ingredients.outputs, &derived));
    let (golden, golden_from) = if let Some(golden) = &ingredients.golden {
        (golden.clone(), "given with the network")
    } else {
        let made = golden::make(&*ingredients.network, &derived.journeys);
        let made = made.map_err(|source| ingredients.network_fault(source))?;
        (made, "made by model build with its own libtorch")
    };
    let reasons_file = Language::english().file();
    let reasons = english(&ingredients.taxonomy, &ingredients.outputs);
    let reasons = reasons.map_err(BuildError::Reasons)?;
    let contents: [(&str, &[u8]); 5] = [
        (
            ingredients.backend.network_file(),
            &ingredients.network_bytes,
        ),
        (files::TAXONOMY, ingredients.taxonomy_text.as_bytes()),
        (files::GOLDEN, &golden),
        (files::CARD, text.as_bytes()),
        (&reasons_file, &reasons),
    ];
    let document = manifest(ingredients, derived, &contents, golden_from);
    let mut manifest = serde_json::to_vec_pretty(&document)?;
    manifest.push(b'\n');

    let place = ingredients.recipe.place();
    let fault = |source| BuildError::Write {
        folder: place.clone(),
        source,
    };
    let stage = Stage::open(&place).map_err(fault)?;
    for (name, bytes) in contents {
        stage.write(name, bytes).map_err(fault)?;
    }
    stage.write(files::MANIFEST, &manifest).map_err(fault)?;
    // Nothing takes the place of a bundle before it has loaded.
    Model::load(stage.folder(), Capacity::single(limits))?;
    stage.settle().map_err(fault)?;
    Ok(place)
}

fn manifest(
    ingredients: &Ingredients,
    derived: Derived,
    contents: &[(&str, &[u8])],
    golden_from: &str,
) -> ManifestDocument {
    let Ingredients {
        recipe,
        network,
        taxonomy,
        outputs,
        ..
    } = ingredients;
    let mut provenance = recipe.provenance.clone();
    provenance.insert("created_by".to_owned(), "microseg model build".into());
    provenance.insert("seed".to_owned(), recipe.seed.into());
    provenance.insert("golden_cases".to_owned(), golden_from.into());
    let classes = taxonomy.classes().iter().map(|class| class.id.clone());
    ManifestDocument {
        schema_version: Manifest::SCHEMA_VERSION,
        name: recipe.name.clone(),
        version: recipe.version.to_string(),
        files: contents
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), hex::encode(Sha256::digest(bytes))))
            .collect(),
        classes: classes.collect(),
        period: recipe.period,
        window: recipe.window,
        layers: network.shape().layers,
        hidden_size: network.shape().hidden_size,
        outputs: outputs.clone(),
        population: derived.population,
        segments: derived.segments,
        attractors: derived.attractors,
        surrogate: derived.surrogate,
        provenance,
    }
}
