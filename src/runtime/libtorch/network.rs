//! TorchScript network, run on the thread that calls.

use std::cell::Cell;

use tch::{CModule, Device, IValue, Tensor};

use super::file_kind::kind_of_other_file;
use super::lstm;
use super::tensors::{self, to_array, to_tensor};
use crate::{
    Batch, Guarantees, KnownSizes, Network, NetworkError, RecurrentState, StateTensor, Trajectories,
};
use microseg_space::{Shape, StateShape};

/// `forward(numbers [B,T,N], categories [B,T,C] where C > 0, *state [L,B,size])
/// -> (states [B,T,H], outputs [B,T,O], *state)`.
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

    /// Loads an LSTM whose sizes are found in its parameters and in a run.
    pub(super) fn discover(
        bytes: &[u8],
        numbers: usize,
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
        let shape = Shape::lstm(numbers, layers, hidden_size, 0);
        let mut network = Self { module, shape };
        network.shape.outputs = network.count_outputs()?;
        Ok(network)
    }

    /// O, from a run of one step.
    fn count_outputs(&self) -> Result<usize, NetworkError> {
        let Results { outputs, .. } = self.forward(&Batch::zeros(&self.shape, 1, 1))?;
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

    /// The error of a `forward` that gives anything but the tensors of the signature.
    fn wrong_results(&self) -> NetworkError {
        let state = self.shape.recurrent_state.iter();
        NetworkError::Signature {
            state: state.map(|tensor| tensor.name.clone()).collect(),
        }
    }

    fn arguments(&self, batch: &Batch) -> Result<Vec<IValue>, NetworkError> {
        let mut arguments = vec![to_tensor(batch.numbers())?];
        if !self.shape.codes.is_empty() {
            arguments.push(to_tensor(batch.categories())?);
        }
        for StateShape { name, layers, size } in &self.shape.recurrent_state {
            arguments.push(match batch.recurrent_state() {
                Some(state) => to_tensor(state.get(name).ok_or_else(|| self.wrong_results())?)?,
                None => tensors::zeros((*layers, batch.sequences(), *size))?,
            });
        }
        Ok(arguments.into_iter().map(IValue::Tensor).collect())
    }

    fn forward(&self, batch: &Batch) -> Result<Results, NetworkError> {
        prepare_thread()?;
        let _guard = tch::no_grad_guard();
        let IValue::Tuple(results) = self.module.forward_is(&self.arguments(batch)?)? else {
            return Err(self.wrong_results());
        };
        let tensors = results.into_iter().map(|value| match value {
            IValue::Tensor(tensor) => Ok(tensor),
            _ => Err(self.wrong_results()),
        });
        let mut tensors = tensors.collect::<Result<Vec<_>, _>>()?.into_iter();
        match (tensors.next(), tensors.next()) {
            (Some(states), Some(outputs)) if tensors.len() == self.shape.recurrent_state.len() => {
                Ok(Results {
                    states,
                    outputs,
                    recurrent_state: tensors.collect(),
                })
            }
            _ => Err(self.wrong_results()),
        }
    }
}

/// What `forward` gives.
struct Results {
    states: Tensor,
    outputs: Tensor,
    recurrent_state: Vec<Tensor>,
}

impl Network for LibtorchNetwork {
    fn shape(&self) -> &Shape {
        &self.shape
    }

    /// None: a matrix product of another size may add in another order.
    fn guarantees(&self) -> Guarantees {
        Guarantees::NONE
    }

    fn run(&self, batch: &Batch) -> Result<Trajectories, NetworkError> {
        let (sequences, steps) = (batch.sequences(), batch.steps());
        let shape = &self.shape;
        let results = self.forward(batch)?;
        let state = shape.recurrent_state.iter().zip(&results.recurrent_state);
        let state = state.map(|(StateShape { name, layers, size }, tensor)| {
            Ok(StateTensor {
                name: name.clone().into(),
                values: to_array(name, tensor, (*layers, sequences, *size))?,
            })
        });
        let recurrent_state = state.collect::<Result<RecurrentState, NetworkError>>()?;
        Ok(Trajectories {
            states: to_array(
                "states",
                &results.states,
                (sequences, steps, shape.hidden_size),
            )?,
            outputs: to_array(
                "outputs",
                &results.outputs,
                (sequences, steps, shape.outputs),
            )?,
            recurrent_state,
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
