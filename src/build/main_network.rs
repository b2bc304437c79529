//! Network of a build: loaded, with what the manifest will say of it.

use std::path::{Path, PathBuf};

use super::comparator::Comparator;
use super::config::{Comparison, NetworkSource, SharesNetwork};
use super::description::Description;
use super::input_error::{InputError, bytes};
use microseg_history::Taxonomy;
use microseg_model::{NetworkDocument, NetworkOutline, SharesDocument};
use microseg_runtime::{Backend, KnownSizes, Network, NetworkError, backend_for_file};
use microseg_space::Shape;

/// The most steps of the run that checks the signature.
const CHECKED_STEPS: usize = 64;

/// A loaded network, and what the manifest will say of it.
pub(super) struct MainNetwork {
    pub(super) file: PathBuf,
    pub(super) bytes: Vec<u8>,
    pub(super) backend: &'static dyn Backend,
    pub(super) network: Box<dyn Network>,
    /// What the manifest will say of it.
    pub(super) document: NetworkDocument,
    /// The same, checked.
    pub(super) outline: NetworkOutline,
    /// The names of its outputs.
    pub(super) outputs: Vec<String>,
}

impl MainNetwork {
    /// Loads the network of a build whose taxonomy has these spending classes, and runs it once.
    pub(super) fn load(
        source: &NetworkSource,
        taxonomy: &Taxonomy,
        classes: &[String],
    ) -> Result<Self, InputError> {
        let loaded = match source {
            NetworkSource::Shares(source) => Self::discover(source, taxonomy, classes)?,
            NetworkSource::Described(file) => Self::described(file, classes)?,
        };
        loaded.check_signature(&*loaded.network, &loaded.file)?;
        Ok(loaded)
    }

    fn discover(
        source: &SharesNetwork,
        taxonomy: &Taxonomy,
        classes: &[String],
    ) -> Result<Self, InputError> {
        let document = |layers, hidden_size| {
            NetworkDocument::Shares(SharesDocument {
                period: source.period,
                window: source.window,
                layers,
                hidden_size,
            })
        };
        // The sizes are checked before anything of that size is allocated.
        let (layers, hidden_size) = (source.layers.unwrap_or(1), source.hidden_size.unwrap_or(1));
        NetworkOutline::new(&document(layers, hidden_size), classes, 1)?;

        let file = source.file.clone();
        let bytes = bytes(&file)?;
        let backend = backend_for_file(&file);
        let known = KnownSizes {
            layers: source.layers,
            hidden_size: source.hidden_size,
        };
        let network = backend.discover(&bytes, classes.len(), known);
        let network = network.map_err(network_fault(&file))?;
        let shape = network.shape();
        let document = document(shape.layers(), shape.hidden_size);
        Ok(Self {
            outline: NetworkOutline::new(&document, classes, shape.outputs)?,
            outputs: output_names(&source.outputs, taxonomy, shape.outputs)?,
            file,
            bytes,
            backend,
            network,
            document,
        })
    }

    fn described(description: &Path, classes: &[String]) -> Result<Self, InputError> {
        let described = Description::parse(&bytes(description)?);
        let Description {
            network,
            outputs,
            document,
        } = described.map_err(|source| InputError::Description {
            file: description.to_owned(),
            source,
        })?;
        let document = NetworkDocument::Declared(document);
        let outline = NetworkOutline::new(&document, classes, outputs.len());
        let outline = outline.map_err(|source| InputError::Declaration {
            file: description.to_owned(),
            source,
        })?;
        let file = description.with_file_name(network);
        let bytes = bytes(&file)?;
        let backend = backend_for_file(&file);
        let network = backend.load(&bytes, &outline.shape);
        Ok(Self {
            network: network.map_err(network_fault(&file))?,
            file,
            bytes,
            backend,
            document,
            outline,
            outputs,
        })
    }

    /// The sizes of the network.
    pub(super) fn shape(&self) -> &Shape {
        &self.outline.shape
    }

    /// A network to compare with, which reads the same.
    pub(super) fn comparator(&self, comparison: &Comparison) -> Result<Comparator, InputError> {
        let Comparison { label, file } = comparison;
        let bytes = bytes(file)?;
        let backend = backend_for_file(file);
        let shape = self.shape();
        let network = match &self.document {
            // A network without an LSTM module takes any sizes: it is tried with those of the main network.
            NetworkDocument::Shares(_) => backend
                .discover(&bytes, shape.numbers, KnownSizes::default())
                .or_else(|_| backend.discover(&bytes, shape.numbers, known_sizes(shape))),
            NetworkDocument::Declared(_) => backend.load(&bytes, shape),
        };
        let network = network.map_err(network_fault(file))?;
        self.check_signature(&*network, file)?;
        Ok(Comparator {
            label: label.clone(),
            file: file.clone(),
            network,
        })
    }

    fn check_signature(&self, network: &dyn Network, file: &Path) -> Result<(), InputError> {
        let steps = self.outline.most_steps().unwrap_or(CHECKED_STEPS);
        let steps = match &self.document {
            NetworkDocument::Shares(_) => steps,
            NetworkDocument::Declared(_) => steps.min(CHECKED_STEPS),
        };
        network.check_signature(steps).map_err(network_fault(file))
    }
}

fn known_sizes(shape: &Shape) -> KnownSizes {
    KnownSizes {
        layers: Some(shape.layers()),
        hidden_size: Some(shape.hidden_size),
    }
}

fn output_names(
    given: &[String],
    taxonomy: &Taxonomy,
    outputs: usize,
) -> Result<Vec<String>, InputError> {
    match given.len() {
        0 if taxonomy.traits().len() == outputs => Ok(taxonomy.traits().to_vec()),
        0 => Ok((0..outputs)
            .map(|output| format!("output_{output}"))
            .collect()),
        names if names == outputs => Ok(given.to_vec()),
        names => Err(InputError::Outputs { outputs, names }),
    }
}

fn network_fault(file: &Path) -> impl FnOnce(NetworkError) -> InputError {
    move |source| InputError::Network {
        file: file.to_owned(),
        source,
    }
}
