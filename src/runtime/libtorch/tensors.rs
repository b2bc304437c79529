//! Conversion between arrays and libtorch's tensors.

use ndarray::Array3;
use tch::kind::Element;
use tch::{Device, Kind, TchError, Tensor};

use super::cause::{cause, fault};
use super::version::NAME;
use crate::NetworkError;

pub(super) type Dimensions = (usize, usize, usize);

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
    let mut numbers = vec![0.0_f32; dimensions.0 * dimensions.1 * dimensions.2];
    let length = numbers.len();
    tensor.f_contiguous()?.f_copy_data(&mut numbers, length)?;
    if !numbers.iter().all(|number| number.is_finite()) {
        return Err(NetworkError::NotFinite {
            tensor: name.to_owned().into(),
        });
    }
    // The length was made to fit above.
    Ok(Array3::from_shape_vec(dimensions, numbers).unwrap_or_default())
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
