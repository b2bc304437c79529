//! The TorchScript network, run through libtorch on the thread that loaded it.

use ndarray::Array3;
use tch::{CModule, Device, IValue, Kind, TchError, Tensor};

use super::{Batch, Memory, Trajectories};
use crate::space::Shape;

/// The libtorch that `tch` is built for.
pub const LIBTORCH_VERSION: &str = "2.13.0";

/// Why the network could not be loaded or run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// libtorch refused; its own words, cut to the first line.
    #[error("libtorch: {0}")]
    Libtorch(String),
    /// `forward` gave something else than four tensors.
    #[error("forward must give (states, outputs, h, c), four tensors")]
    Signature,
    /// A tensor is not of the shape that the manifest promises.
    #[error("{tensor} has the shape {found:?}, the manifest makes it {expected:?}")]
    Shape {
        /// `states`, `outputs`, `h` or `c`.
        tensor: &'static str,
        /// What the manifest says.
        expected: Vec<i64>,
        /// What the network gave.
        found: Vec<i64>,
    },
    /// The run panicked; the log says where.
    #[error("the run panicked")]
    Panicked,
    /// The network gave NaN or an infinity.
    #[error("{tensor} holds a number that is not finite")]
    NotFinite {
        /// `states`, `outputs`, `h` or `c`.
        tensor: &'static str,
    },
}

impl From<TchError> for NetworkError {
    fn from(error: TchError) -> Self {
        // libtorch appends a stack trace of its own; the first line says what was wrong.
        let text = error.to_string();
        let line = text
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default();
        Self::Libtorch(line.chars().take(400).collect())
    }
}

/// One loaded network. It stays on its thread: libtorch's modules are not made to be shared.
pub struct Network {
    module: CModule,
    shape: Shape,
}

impl Network {
    /// Loads the bytes of `model.pt` and settles how this thread runs it.
    pub fn load(mut bytes: &[u8], shape: Shape) -> Result<Self, NetworkError> {
        // One thread a network: many small customers at once beat one customer on many threads.
        tch::set_num_threads(1);
        // Optimising for each new shape makes the first calls slow and gains nothing on one LSTM.
        tch::jit::f_set_graph_executor_optimize(false)?;
        let mut module = CModule::load_data_on_device(&mut bytes, Device::Cpu)?;
        module.f_set_eval()?;
        Ok(Self { module, shape })
    }

    /// Runs the sequences of a batch through the network.
    pub fn run(&self, batch: &Batch) -> Result<Trajectories, NetworkError> {
        let _guard = tch::no_grad_guard();
        let (sequences, steps, _) = batch.inputs().dim();
        let Shape {
            layers,
            hidden_size,
            outputs,
            ..
        } = self.shape;
        let memory = (layers, sequences, hidden_size);
        let (hidden, cell) = match batch.memory() {
            Some(before) => (tensor(&before.hidden)?, tensor(&before.cell)?),
            None => (zeros(memory)?, zeros(memory)?),
        };
        let arguments = [tensor(batch.inputs())?, hidden, cell].map(IValue::Tensor);
        let IValue::Tuple(results) = self.module.forward_is(&arguments)? else {
            return Err(NetworkError::Signature);
        };
        let [
            IValue::Tensor(states),
            IValue::Tensor(predictions),
            IValue::Tensor(hidden),
            IValue::Tensor(cell),
        ] = results.as_slice()
        else {
            return Err(NetworkError::Signature);
        };
        Ok(Trajectories {
            states: array("states", states, (sequences, steps, hidden_size))?,
            outputs: array("outputs", predictions, (sequences, steps, outputs))?,
            memory: Memory {
                hidden: array("h", hidden, memory)?,
                cell: array("c", cell, memory)?,
            },
        })
    }
}

type Dimensions = (usize, usize, usize);

#[expect(clippy::cast_possible_wrap, reason = "sizes of arrays in memory")]
fn sizes((first, second, third): Dimensions) -> [i64; 3] {
    [first as i64, second as i64, third as i64]
}

fn zeros(dimensions: Dimensions) -> Result<Tensor, NetworkError> {
    Ok(Tensor::f_zeros(
        sizes(dimensions),
        (Kind::Float, Device::Cpu),
    )?)
}

fn tensor(array: &Array3<f32>) -> Result<Tensor, NetworkError> {
    let standard = array.as_standard_layout();
    let flat = standard.as_slice().unwrap_or_default();
    Ok(Tensor::f_from_slice(flat)?.f_view(sizes(array.dim()))?)
}

fn expect_shape(
    name: &'static str,
    tensor: &Tensor,
    dimensions: Dimensions,
) -> Result<(), NetworkError> {
    let expected = sizes(dimensions);
    if tensor.size() == expected {
        return Ok(());
    }
    Err(NetworkError::Shape {
        tensor: name,
        expected: expected.to_vec(),
        found: tensor.size(),
    })
}

fn array(
    name: &'static str,
    tensor: &Tensor,
    dimensions: Dimensions,
) -> Result<Array3<f32>, NetworkError> {
    expect_shape(name, tensor, dimensions)?;
    let mut numbers = vec![0.0_f32; dimensions.0 * dimensions.1 * dimensions.2];
    let length = numbers.len();
    tensor
        .f_to_kind(Kind::Float)?
        .f_contiguous()?
        .f_copy_data(&mut numbers, length)?;
    if !numbers.iter().all(|number| number.is_finite()) {
        return Err(NetworkError::NotFinite { tensor: name });
    }
    // The length was made to fit a line above.
    Array3::from_shape_vec(dimensions, numbers).map_err(|_| NetworkError::Signature)
}
