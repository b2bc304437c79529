//! Transforms of numbers: the one place that computes them, for periods and for events.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::error::DeclarationFault;

/// One step from a number of the history to what the network reads.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Transform {
    /// Moves a number outside of an interval to its nearer end.
    Clip {
        /// The lower end; none where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<f64>,
        /// The upper end; none where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<f64>,
    },
    /// ln(1 + max(x, 0)).
    Log1p,
    /// sign(x) · ln(1 + |x|).
    SignedLog1p,
    /// The root of max(x, 0).
    Sqrt,
    /// Divides by a number other than 0.
    Divide(f64),
    /// (x − mean) / deviation.
    Standardise {
        /// The mean.
        mean: f64,
        /// The deviation, above 0.
        deviation: f64,
    },
}

/// Without a type: generators of clients make nothing of a choice between names and objects.
impl JsonSchema for Transform {
    fn schema_name() -> Cow<'static, str> {
        "Transform".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "`log1p`: ln(1 + max(x, 0)); `signed_log1p`: sign(x) ln(1 + |x|); `sqrt`: the root of max(x, 0); or an \
                object with one member: `clip` to `min` and `max`, `divide` by a number, `standardise` by `mean` and `deviation`.",
            "examples": ["signed_log1p", {"clip": {"min": -1000.0, "max": 1000.0}}],
        })
    }
}

impl Transform {
    fn check(&self) -> Result<(), DeclarationFault> {
        let is_finite = match *self {
            Self::Clip { min, max } => min.into_iter().chain(max).all(f64::is_finite),
            Self::Log1p | Self::SignedLog1p | Self::Sqrt => true,
            Self::Divide(by) => by.is_finite(),
            Self::Standardise { mean, deviation } => mean.is_finite() && deviation.is_finite(),
        };
        if !is_finite {
            return Err(DeclarationFault::NotFinite);
        }
        match *self {
            Self::Clip {
                min: None,
                max: None,
            } => Err(DeclarationFault::ClipWithoutEnds),
            Self::Clip {
                min: Some(min),
                max: Some(max),
            } if min > max => Err(DeclarationFault::ClipEnds),
            Self::Divide(0.0) => Err(DeclarationFault::DivideByZero),
            Self::Standardise { deviation, .. } if deviation <= 0.0 => {
                Err(DeclarationFault::Deviation)
            }
            _ => Ok(()),
        }
    }

    fn apply(&self, x: f64) -> f64 {
        match *self {
            Self::Clip { min, max } => {
                let x = min.map_or(x, |min| x.max(min));
                max.map_or(x, |max| x.min(max))
            }
            Self::Log1p => x.max(0.0).ln_1p(),
            Self::SignedLog1p => x.abs().ln_1p().copysign(x),
            Self::Sqrt => x.max(0.0).sqrt(),
            Self::Divide(by) => x / by,
            Self::Standardise { mean, deviation } => (x - mean) / deviation,
        }
    }
}

/// Checked transforms, in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Transforms(Vec<Transform>);

impl Transforms {
    pub(super) fn new(transforms: &[Transform]) -> Result<Self, (usize, DeclarationFault)> {
        for (place, transform) in transforms.iter().enumerate() {
            transform.check().map_err(|fault| (place, fault))?;
        }
        Ok(Self(transforms.to_vec()))
    }

    /// The number after all of them, rounded once; infinite when it is beyond the range of 32 bits.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the network takes 32-bit floats"
    )]
    pub(crate) fn apply(&self, number: f64) -> f32 {
        let transformed = |x, transform: &Transform| transform.apply(x);
        self.0.iter().fold(number, transformed) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(json: &str, number: f64) -> f32 {
        let transforms: Vec<Transform> = serde_json::from_str(json).unwrap();
        Transforms::new(&transforms).unwrap().apply(number)
    }

    fn refuses(json: &str) -> DeclarationFault {
        let transforms: Vec<Transform> = serde_json::from_str(json).unwrap();
        Transforms::new(&transforms).unwrap_err().1
    }

    #[test]
    fn each_transform_gives_the_number_of_its_formula() {
        for (json, number, expected) in [
            (r#"[{"clip": {"min": -2, "max": 3}}]"#, -5.0, -2.0),
            (r#"[{"clip": {"min": -2, "max": 3}}]"#, 5.0, 3.0),
            (r#"[{"clip": {"max": 3}}]"#, -5.0, -5.0),
            (r#"[{"clip": {"min": -2}}]"#, 5.0, 5.0),
            (r#"["log1p"]"#, 1.718_281_828_459_045, 1.0),
            (r#"["log1p"]"#, -7.0, 0.0),
            (r#"["signed_log1p"]"#, -1.718_281_828_459_045, -1.0),
            (r#"["signed_log1p"]"#, 0.0, 0.0),
            (r#"["sqrt"]"#, 9.0, 3.0),
            (r#"["sqrt"]"#, -9.0, 0.0),
            (r#"[{"divide": -4}]"#, 10.0, -2.5),
            (
                r#"[{"standardise": {"mean": 2, "deviation": 4}}]"#,
                10.0,
                2.0,
            ),
            ("[]", 0.1, 0.1),
        ] {
            let found = apply(json, number);
            assert!((found - expected).abs() < 1e-7, "{json}: {found}");
        }
    }

    #[test]
    fn transforms_follow_their_order() {
        let clip = r#"{"clip": {"min": 0, "max": 4}}"#;
        let first = apply(&format!(r#"[{clip}, "sqrt"]"#), 25.0);
        let last = apply(&format!(r#"["sqrt", {clip}]"#), 25.0);
        assert_eq!(
            (first.to_bits(), last.to_bits()),
            (2_f32.to_bits(), 4_f32.to_bits())
        );
    }

    #[test]
    fn numbers_are_rounded_once_at_the_end() {
        // 16,777,217 has no binary number of 32 bits: rounded before the subtraction it would give 0.
        let json = r#"[{"standardise": {"mean": 16777216, "deviation": 1}}]"#;
        assert_eq!(apply(json, 16_777_217.0).to_bits(), 1_f32.to_bits());
    }

    #[test]
    fn transforms_without_a_meaning_are_refused() {
        for (json, fault) in [
            (r#"[{"clip": {}}]"#, DeclarationFault::ClipWithoutEnds),
            (
                r#"[{"clip": {"min": 2, "max": 1}}]"#,
                DeclarationFault::ClipEnds,
            ),
            (r#"[{"divide": 0}]"#, DeclarationFault::DivideByZero),
            (r#"[{"divide": -0.0}]"#, DeclarationFault::DivideByZero),
            (
                r#"[{"standardise": {"mean": 0, "deviation": 0}}]"#,
                DeclarationFault::Deviation,
            ),
        ] {
            assert_eq!(refuses(json), fault, "{json}");
        }
        for json in [
            r#"["log"]"#,
            r#"[{"clip": {"min": 0, "most": 1}}]"#,
            r#"[{"standardise": {"mean": 0}}]"#,
        ] {
            assert!(
                serde_json::from_str::<Vec<Transform>>(json).is_err(),
                "{json}"
            );
        }
    }
}
