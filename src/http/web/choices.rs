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
        choice("model", "Model", "the default one", models, made),
        choice(
            "method",
            "Method",
            "lime, unless the history says",
            { names::<Method>().into_iter() }.filter(|name| !NEED_MORE.contains(&name.as_str())),
            made,
        ),
        choice(
            "level",
            "One part is a",
            "class, unless the history says",
            names::<Level>(),
            made,
        ),
        choice(
            "target",
            "What to explain",
            "all outputs, unless the history says",
            targets,
            made,
        ),
        choice(
            "baseline",
            "Compared with",
            "what the method compares with",
            names::<AskedBaseline>(),
            made,
        ),
    ]
}

/// Methods with options that the form does not have; a history may have them in its own `explain`.
const NEED_MORE: [&str; 2] = ["change", "recourse"];

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
    let others = names.into_iter().map(|name| option(name.clone(), name));
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
        assert!(
            NEED_MORE
                .iter()
                .all(|&name| names::<Method>().contains(&name.to_owned()))
        );
    }
}
