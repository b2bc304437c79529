//! TorchScript network, run on the thread that calls.

use std::cell::Cell;

use ndarray::Array3;
use tch::{CModule, Device, IValue, Tensor};

use super::file_kind::kind_of_other_file;
use super::lstm;
use super::tensors::{Dimensions, to_array, to_tensor, zeros};
use crate::{
    Batch, Guarantees, KnownSizes, Network, NetworkError, RecurrentState, StateTensor, Trajectories,
};
use microseg_space::Shape;

/// The tensors of an LSTM's recurrent state, in the order of `forward`.
const STATE: [&str; 2] = ["h", "c"];

/// `forward(x [B,T,K], h [L,B,H], c [L,B,H]) -> (states [B,T,H], outputs [B,T,O], h, c)`.
pub(super) struct LibtorchNetwork {
    module: CModule,
    shape: Shape,
}

impl LibtorchNetwork {
    /// Loads a network of a known shape.
    pub(super) fn load(bytes: &[u8], shape: Shape) -> Result<Self, NetworkError> {
        let module = load_module(bytes)?;
        Ok(Self { module, shape })
    }

    /// Loads a network whose sizes are found in its parameters and in a run.
    pub(super) fn discover(
        bytes: &[u8],
        classes: usize,
        known: KnownSizes,
    ) -> Result<Self, NetworkError> {
        let module = load_module(bytes)?;
        let (layers, hidden_size) = match (known.layers, known.hidden_size) {
            (Some(layers), Some(hidden_size)) => (layers, hidden_size),
            (layers, hidden_size) => {
                let found = lstm::sizes(&module)?;
                (layers.unwrap_or(found.0), hidden_size.unwrap_or(found.1))
            }
        };
        let shape = Shape {
            classes,
            layers,
            hidden_size,
            outputs: 0,
        };
        let mut network = Self { module, shape };
        network.shape.outputs = network.count_outputs()?;
        Ok(network)
    }

    /// O, from a run of one step.
    fn count_outputs(&self) -> Result<usize, NetworkError> {
        let zeros = Array3::zeros((1, 1, self.shape.classes));
        let [_, outputs, _, _] = self.forward(&Batch::new(zeros))?;
        let size = outputs.size();
        let [1, 1, count] = size[..] else {
            return Err(NetworkError::Shape {
                tensor: "outputs".into(),
                expected: vec![1, 1, 1],
                found: size,
            });
        };
        match usize::try_from(count).unwrap_or_default() {
            0 => Err(NetworkError::NoOutputs),
            outputs => Ok(outputs),
        }
    }

    /// The dimensions of each tensor of the recurrent state.
    fn state_dimensions(&self, sequences: usize) -> Dimensions {
        (self.shape.layers, sequences, self.shape.hidden_size)
    }

    fn forward(&self, batch: &Batch) -> Result<[Tensor; 4], NetworkError> {
        prepare_thread()?;
        let _guard = tch::no_grad_guard();
        let dimensions = self.state_dimensions(batch.sequences());
        let state = |name| match batch.recurrent_state() {
            Some(state) => to_tensor(state.get(name).ok_or(NetworkError::Signature)?),
            None => zeros(dimensions),
        };
        let [hidden, cell] = STATE.map(state);
        let arguments = [to_tensor(batch.inputs())?, hidden?, cell?].map(IValue::Tensor);
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

impl Network for LibtorchNetwork {
    fn shape(&self) -> Shape {
        self.shape
    }

    /// None: a matrix product of another size may add in another order.
    fn guarantees(&self) -> Guarantees {
        Guarantees::NONE
    }

    fn zero_state(&self, sequences: usize) -> RecurrentState {
        let zeros = || Array3::zeros(self.state_dimensions(sequences));
        RecurrentState::new(STATE.map(|name| (name, zeros())))
    }

    fn run(&self, batch: &Batch) -> Result<Trajectories, NetworkError> {
        let (sequences, steps, _) = batch.inputs().dim();
        let Shape {
            hidden_size,
            outputs,
            ..
        } = self.shape;
        let dimensions = self.state_dimensions(sequences);
        let [states, predictions, hidden, cell] = self.forward(batch)?;
        let state = STATE.into_iter().zip([hidden, cell]);
        let state = state.map(|(name, tensor)| {
            Ok(StateTensor {
                name: name.into(),
                values: to_array(name, &tensor, dimensions)?,
            })
        });
        Ok(Trajectories {
            states: to_array("states", &states, (sequences, steps, hidden_size))?,
            outputs: to_array("outputs", &predictions, (sequences, steps, outputs))?,
            recurrent_state: state.collect::<Result<_, NetworkError>>()?,
        })
    }
}

fn load_module(mut bytes: &[u8]) -> Result<CModule, NetworkError> {
    prepare_thread()?;
    let whole = bytes;
    let mut module = CModule::load_data_on_device(&mut bytes, Device::Cpu).map_err(|error| {
        match kind_of_other_file(whole) {
            Some(found) => NetworkError::Format { found },
            None => error.into(),
        }
    })?;
    module.f_set_eval()?;
    Ok(module)
}

/// Settings of libtorch for the calling thread; libtorch keeps them for each thread.
fn prepare_thread() -> Result<(), NetworkError> {
    thread_local! {
        static IS_PREPARED: Cell<bool> = const { Cell::new(false) };
    }
    if !IS_PREPARED.get() {
        // One thread for each network: many small batches at once beat one batch on many threads.
        tch::set_num_threads(1);
        // Optimising for each new shape makes the first calls slow and gains nothing on one LSTM.
        tch::jit::f_set_graph_executor_optimize(false)?;
        IS_PREPARED.set(true);
    }
    Ok(())
}
