//! The TorchScript network, run through libtorch on the thread that loaded it.

use std::cell::Cell;

use ndarray::{Array3, Axis};
use tch::{CModule, Device, IValue, Kind, TchError, Tensor};

use super::{Batch, Memory, Trajectories};
use microseg_space::Shape;

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
    /// Nothing says how many layers and dimensions the LSTM has.
    #[error(
        "no parameters of one LSTM (weight_hh_l0, weight_hh_l1, …, all of one size) tell its layers and hidden size: name both"
    )]
    Sizes,
    /// The network gives no number but its state.
    #[error("outputs has the size 0 at its end: a network needs at least one output")]
    NoOutputs,
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

/// One loaded network, run on the thread that calls, by one at a time.
pub struct Network {
    module: CModule,
    shape: Shape,
}

impl Network {
    /// Loads the bytes of `model.pt` and settles how this thread runs it.
    ///
    /// # Errors
    /// [`NetworkError::Libtorch`] when the bytes are no TorchScript module that this libtorch can load.
    pub fn load(bytes: &[u8], shape: Shape) -> Result<Self, NetworkError> {
        let module = load(bytes)?;
        Ok(Self { module, shape })
    }

    /// Loads a network of which only the number of classes is known; `layers` and `hidden_size`, where they are not
    /// given, are read from the parameters of its LSTM, and the outputs from what it gives.
    ///
    /// # Errors
    /// [`NetworkError::Sizes`] when the parameters do not tell; else what the network does wrong.
    pub fn discover(
        bytes: &[u8],
        classes: usize,
        layers: Option<usize>,
        hidden_size: Option<usize>,
    ) -> Result<Self, NetworkError> {
        let module = load(bytes)?;
        let (layers, hidden_size) = match (layers, hidden_size) {
            (Some(layers), Some(hidden_size)) => (layers, hidden_size),
            (layers, hidden_size) => {
                let found = recurrent_sizes(&module)?;
                (layers.unwrap_or(found.0), hidden_size.unwrap_or(found.1))
            }
        };
        let mut network = Self {
            module,
            shape: Shape {
                classes,
                layers,
                hidden_size,
                outputs: 0,
            },
        };
        let [_, outputs, _, _] = network.forward(&Batch::new(Array3::zeros((1, 1, classes))))?;
        let size = outputs.size();
        let [1, 1, count] = size[..] else {
            return Err(NetworkError::Shape {
                tensor: "outputs",
                expected: vec![1, 1, 1],
                found: size,
            });
        };
        network.shape.outputs = usize::try_from(count).unwrap_or_default();
        if network.shape.outputs == 0 {
            return Err(NetworkError::NoOutputs);
        }
        Ok(network)
    }

    /// Runs nothing but zeros through the network, over `periods`: a network of another signature or shape is told so.
    ///
    /// # Errors
    /// What the network does wrong.
    pub fn try_out(&self, periods: usize) -> Result<(), NetworkError> {
        // Two sequences at once: a network that takes one only would fail later.
        let nothing = Array3::zeros((2, periods.max(1), self.shape.classes));
        self.run(&Batch::new(nothing)).map(drop)
    }

    /// The sizes of its input and outputs.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Runs the sequences of a batch through the network.
    ///
    /// # Errors
    /// [`NetworkError`] when libtorch refuses, or the network gives other shapes than it should, or no number.
    pub fn run(&self, batch: &Batch) -> Result<Trajectories, NetworkError> {
        let (sequences, steps, _) = batch.inputs().dim();
        let Shape {
            layers,
            hidden_size,
            outputs,
            ..
        } = self.shape;
        let memory = (layers, sequences, hidden_size);
        let [states, predictions, hidden, cell] = self.forward(batch)?;
        Ok(Trajectories {
            states: array("states", &states, (sequences, steps, hidden_size))?,
            outputs: array("outputs", &predictions, (sequences, steps, outputs))?,
            memory: Memory {
                hidden: array("h", &hidden, memory)?,
                cell: array("c", &cell, memory)?,
            },
        })
    }

    fn forward(&self, batch: &Batch) -> Result<[Tensor; 4], NetworkError> {
        settle_thread()?;
        let _guard = tch::no_grad_guard();
        let sequences = batch.inputs().len_of(Axis(0));
        let memory = (self.shape.layers, sequences, self.shape.hidden_size);
        let (hidden, cell) = match batch.memory() {
            Some(before) => (tensor(&before.hidden)?, tensor(&before.cell)?),
            None => (zeros(memory)?, zeros(memory)?),
        };
        let arguments = [tensor(batch.inputs())?, hidden, cell].map(IValue::Tensor);
        let IValue::Tuple(results) = self.module.forward_is(&arguments)? else {
            return Err(NetworkError::Signature);
        };
        let tensors: Vec<Tensor> = results
            .into_iter()
            .filter_map(|value| match value {
                IValue::Tensor(tensor) => Some(tensor),
                _ => None,
            })
            .collect();
        tensors.try_into().map_err(|_| NetworkError::Signature)
    }
}

fn load(mut bytes: &[u8]) -> Result<CModule, NetworkError> {
    settle_thread()?;
    let mut module = CModule::load_data_on_device(&mut bytes, Device::Cpu)?;
    module.f_set_eval()?;
    Ok(module)
}

/// How libtorch is to run what this thread runs; it keeps that for each thread by itself.
fn settle_thread() -> Result<(), NetworkError> {
    thread_local! {
        static IS_SETTLED: Cell<bool> = const { Cell::new(false) };
    }
    if !IS_SETTLED.get() {
        // One thread a network: many small customers at once beat one customer on many threads.
        tch::set_num_threads(1);
        // Optimising for each new shape makes the first calls slow and gains nothing on one LSTM.
        tch::jit::f_set_graph_executor_optimize(false)?;
        IS_SETTLED.set(true);
    }
    Ok(())
}

/// L and H, as PyTorch names and shapes the parameters of an LSTM: `weight_hh_l0` to `weight_hh_l{L-1}`, `[4 H, H]`.
fn recurrent_sizes(module: &CModule) -> Result<(usize, usize), NetworkError> {
    let parameters = module.named_parameters()?;
    let recurrent: Vec<_> = parameters
        .iter()
        .filter(|(name, _)| {
            name.rsplit('.')
                .next()
                .is_some_and(|name| name.starts_with("weight_hh_l"))
        })
        .map(|(_, weight)| weight.size())
        .collect();
    let Some(&[rows, columns]) = recurrent.first().map(Vec::as_slice) else {
        return Err(NetworkError::Sizes);
    };
    if rows != 4 * columns || recurrent.iter().any(|size| size[..] != [rows, columns]) {
        return Err(NetworkError::Sizes);
    }
    Ok((
        recurrent.len(),
        usize::try_from(columns).unwrap_or_default(),
    ))
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
