//! Design matrix of a customer, which the global surrogate reads: each step's numbers, and for each category one place for each of its codes.

use ndarray::{Array2, Axis, Slice};

use microseg_encoding::{InputDeclaration, Inputs};
use microseg_space::Shape;

/// What a network reads as numbers alone, `[T, U]`: a category is 1 at the place of its code, and 0 at the others.
#[must_use]
pub fn design(inputs: &Inputs, shape: &Shape) -> Array2<f32> {
    let mut design = Array2::zeros((inputs.steps(), shape.input_width()));
    let mut numbers = design.slice_axis_mut(Axis(1), Slice::from(..shape.numbers));
    numbers.assign(&inputs.numbers);
    let mut first = shape.numbers;
    for (category, &codes) in shape.codes.iter().enumerate() {
        for (step, code) in inputs.categories.column(category).iter().enumerate() {
            // A code that the shape does not have is of no history: all are declared.
            if let Some(code) = usize::try_from(*code).ok().filter(|code| *code < codes) {
                design[(step, first + code)] = 1.0;
            }
        }
        first += codes;
    }
    design
}

/// A name for each column of the design: those of the numbers, such as `share.groceries`, and for each code of a category
/// its own, such as `class=88`.
#[must_use]
pub fn design_names(declaration: &InputDeclaration, shape: &Shape) -> Vec<String> {
    let mut names = declaration.number_names().to_vec();
    for (category, &codes) in declaration.category_names().iter().zip(&shape.codes) {
        names.extend((0..codes).map(|code| format!("{category}={code}")));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn codes_have_a_place_each_behind_the_numbers() {
        let inputs = Inputs {
            numbers: array![[0.5], [0.25]],
            categories: array![[1, 0], [0, 2]],
        };
        let shape = Shape {
            codes: vec![2, 3],
            ..Shape::lstm(1, 1, 1, 1)
        };
        let expected = array![
            [0.5, 0.0, 1.0, 1.0, 0.0, 0.0],
            [0.25, 1.0, 0.0, 0.0, 0.0, 1.0]
        ];
        assert_eq!(design(&inputs, &shape), expected);
    }
}
