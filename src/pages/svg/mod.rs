//! Typed writer of SVG: elements, scales, and figures made of marks.

mod element;
mod figure;
mod scale;

pub(crate) use element::{Element, escape};
pub(crate) use figure::{Figure, Mark, Table, ems, fitted, shortened};
pub(crate) use scale::Scale;
