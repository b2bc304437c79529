//! Conversion between arrays and libtorch's tensors.

use ndarray::Array3;
use tch::kind::Element;
use tch::{Device, Kind, TchError, Tensor};

use super::cause::{cause, fault};
use super::version::NAME;
use crate::NetworkError;

pub(super) type Dimensions = (usize, usize, usize);

/// Numbers that are copied at once: 256 KiB.
const BLOCK: usize = 1 << 16;

impl From<TchError> for NetworkError {
    fn from(error: TchError) -> Self {
        let message = cause(&error.to_string());
        Self::Backend {
            backend: NAME,
            fault: fault(&message),
            message,
        }
    }
}

pub(super) fn zeros(dimensions: Dimensions) -> Result<Tensor, NetworkError> {
    Ok(Tensor::f_zeros(
        sizes(dimensions),
        (Kind::Float, Device::Cpu),
    )?)
}

pub(super) fn to_tensor<T: Element + Copy>(array: &Array3<T>) -> Result<Tensor, NetworkError> {
    let standard = array.as_standard_layout();
    let flat = standard.as_slice().unwrap_or_default();
    Ok(Tensor::f_from_slice(flat)?.f_view(sizes(array.dim()))?)
}

/// The numbers of a tensor, which must have these dimensions and be finite.
pub(super) fn to_array(
    name: &str,
    tensor: &Tensor,
    dimensions: Dimensions,
) -> Result<Array3<f32>, NetworkError> {
    expect_shape(name, tensor, dimensions)?;
    if tensor.kind() != Kind::Float {
        return Err(NetworkError::DataType {
            tensor: name.to_owned().into(),
            found: format!("{:?}", tensor.kind()),
        });
    }
    let numbers = copied(tensor, dimensions)?;
    if !numbers.iter().all(|number| number.is_finite()) {
        return Err(NetworkError::NotFinite {
            tensor: name.to_owned().into(),
        });
    }
    // There are as many as the checked shape has.
    Ok(Array3::from_shape_vec(dimensions, numbers).unwrap_or_default())
}

/// The numbers of a tensor, block after block through a buffer that stays in the processor's cache: a vector of some
/// megabytes that begins with zeros costs a page fault for each page.
fn copied(tensor: &Tensor, dimensions: Dimensions) -> Result<Vec<f32>, NetworkError> {
    let (first, second, third) = dimensions;
    let row = second * third;
    let rows = (BLOCK / row.max(1)).clamp(1, first.max(1));
    let mut buffer = vec![0.0_f32; rows * row];
    let mut numbers = Vec::with_capacity(first * row);
    for begin in (0..first).step_by(rows) {
        let rows = rows.min(first - begin);
        let [begin, length, _] = sizes((begin, rows, 0));
        let block = tensor.f_narrow(0, begin, length)?.f_contiguous()?;
        block.f_copy_data(&mut buffer, rows * row)?;
        numbers.extend_from_slice(&buffer[..rows * row]);
    }
    Ok(numbers)
}

fn expect_shape(name: &str, tensor: &Tensor, dimensions: Dimensions) -> Result<(), NetworkError> {
    let expected = sizes(dimensions);
    if tensor.size() == expected {
        return Ok(());
    }
    Err(NetworkError::Shape {
        tensor: name.to_owned().into(),
        expected: expected.to_vec(),
        found: tensor.size(),
    })
}

#[expect(clippy::cast_possible_wrap, reason = "sizes of arrays in memory")]
fn sizes((first, second, third): Dimensions) -> [i64; 3] {
    [first as i64, second as i64, third as i64]
}
