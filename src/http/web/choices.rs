//! Choices of the form: methods, levels and baselines by their names, targets and models by what is loaded.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::form::Form;
use microseg_explain::{AskedBaseline, Level, Method};
use microseg_model::ServedModels;
use microseg_pages::{Choice, ChoiceOption};

/// The choices, as they were made before where there is a form.
pub(super) fn choices(served: &ServedModels, made: &Form) -> Vec<Choice> {
    let models: Vec<String> = served
        .models()
        .map(|model| {
            let identity = model.identity();
            format!("{}:{}", identity.name, identity.version)
        })
        .collect();
    let outputs: BTreeSet<&String> = served
        .models()
        .flat_map(|model| &model.manifest().outputs)
        .collect();
    let targets = ["traits", "state", "segment"].map(str::to_owned);
    let targets = targets.into_iter().chain(outputs.into_iter().cloned());
    vec![
        choice("model", "Model", "default", models, made),
        choice(
            "method",
            "Method",
            "default",
            names::<Method>()
                .into_iter()
                .filter(|name| name != KERNEL_SHAP),
            made,
        ),
        choice(
            "level",
            "One part is a",
            "default: class",
            names::<Level>(),
            made,
        ),
        choice(
            "target",
            "What to explain",
            "default: all outputs",
            targets,
            made,
        ),
        choice(
            "baseline",
            "Compared with",
            "default",
            names::<AskedBaseline>(),
            made,
        ),
    ]
}

/// The wish for any other micro-segment than the customer's own.
const ANY: &str = "any";

/// The micro-segments that a change of spending may be to lead into.
pub(super) fn wishes(served: &ServedModels, made: &Form) -> Choice {
    let ids = { served.models() }
        .flat_map(|model| model.manifest().space.segments().leaves())
        .map(|segment| segment.id.clone());
    let ids: BTreeSet<String> = ids.collect();
    let ids = std::iter::once(ANY.to_owned()).chain(ids);
    let mut wishes = choice("wish", "A micro-segment", "none", ids, made);
    let any = wishes.options.iter_mut().find(|option| option.value == ANY);
    if let Some(any) = any {
        "any other one".clone_into(&mut any.text);
    }
    wishes
}

/// Another name for `shapley`, which version 0.1 had.
const KERNEL_SHAP: &str = "kernel-shap";

/// What a method answers, beside its name.
fn question(method: &str) -> &'static str {
    match method {
        "shapley" => "why not what others get?",
        "lime" => "what matters near this customer?",
        "sensitivity" => "what would 10 % more change?",
        "global-linear" => "what does one model for all say?",
        "change" => "what changed since a date?",
        "recourse" => "what would change it?",
        _ => "",
    }
}

fn choice(
    name: &'static str,
    title: &'static str,
    absent: &str,
    names: impl IntoIterator<Item = String>,
    made: &Form,
) -> Choice {
    let chosen = made.choice(name).unwrap_or_default();
    let option = |value: String, text: String| ChoiceOption {
        is_chosen: value == chosen,
        value,
        text,
    };
    let others = names.into_iter().map(|value| {
        let text = match question(&value) {
            question if name == "method" && !question.is_empty() => format!("{value}: {question}"),
            _ => value.clone(),
        };
        option(value, text)
    });
    let options = std::iter::once(option(String::new(), absent.to_owned())).chain(others);
    Choice {
        name,
        title,
        options: options.collect(),
    }
}

/// The names of an enum's variants, as its schema lists them.
fn names<T: JsonSchema>() -> Vec<String> {
    // As they are written: to be read they are any text, which is checked later.
    let how = SchemaSettings::draft2020_12().for_serialize();
    let schema = how.into_generator().into_root_schema_for::<T>();
    let schema = schema.to_value();
    let branches = schema["oneOf"].as_array().into_iter().flatten();
    let of_branches = branches.flat_map(|branch| {
        let several = branch["enum"].as_array().into_iter().flatten();
        branch.get("const").into_iter().chain(several)
    });
    let all = schema["enum"].as_array().into_iter().flatten();
    of_branches
        .chain(all)
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_all_variants() {
        assert!(names::<Method>().contains(&"global-linear".to_owned()));
        assert!(names::<Level>().contains(&"field".to_owned()));
        assert_eq!(names::<AskedBaseline>()[0], "absence");
        assert!(names::<Method>().contains(&KERNEL_SHAP.to_owned()));
    }
}
