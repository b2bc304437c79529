//! libtorch, through the crate `tch`: TorchScript networks on the processor. The only folder that names `tch`.

mod cause;
mod file_kind;
mod lstm;
mod network;
mod tensors;
mod version;

use crate::{Backend, KnownSizes, Network, NetworkError, RuntimeIdentity};
use microseg_space::Shape;
use network::LibtorchNetwork;
use version::NAME;

pub use version::LIBTORCH_VERSION;

/// libtorch on the processor.
#[derive(Debug)]
pub(crate) struct Libtorch;

impl Backend for Libtorch {
    fn identity(&self) -> RuntimeIdentity {
        RuntimeIdentity {
            backend: NAME,
            version: LIBTORCH_VERSION.to_owned(),
            device: "cpu".to_owned(),
        }
    }

    fn network_file(&self) -> &'static str {
        "model.pt"
    }

    fn load(&self, bytes: &[u8], shape: &Shape) -> Result<Box<dyn Network>, NetworkError> {
        Ok(Box::new(LibtorchNetwork::load(bytes, shape.clone())?))
    }

    fn discover(
        &self,
        bytes: &[u8],
        numbers: usize,
        known: KnownSizes,
    ) -> Result<Box<dyn Network>, NetworkError> {
        Ok(Box::new(LibtorchNetwork::discover(bytes, numbers, known)?))
    }
}
