//! Questions of the form that need more than a choice: since when, and what is wished for.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::ApiError;
use microseg_explain::{Budget, Method, Since, Wish};
use microseg_pages::Field;

/// The fields of the question what changed.
pub(super) const OF_CHANGE: [&str; 1] = ["since"];

/// The fields of the question what would change it.
pub(super) const OF_RECOURSE: [&str; 6] = ["wish", "above", "below", "budget", "allow", "freeze"];

/// The fields as they were filled in.
type Filled = BTreeMap<&'static str, String>;

/// The members of the options that fields stand for. A question that was filled in is its method, where none was chosen.
///
/// # Errors
/// [`ApiError::InvalidContent`] for a text that is not of its field.
pub(super) fn members(fields: &Filled) -> Result<Map<String, Value>, ApiError> {
    let mut members = Map::new();
    if let Some(since) = fields.get("since") {
        members.insert("since".to_owned(), json!(since));
        serde_json::from_value::<Since>(json!(since))
            .map_err(|_| invalid("since: expected a date, such as 2019-01-01"))?;
    }
    let mut wish = Map::new();
    if let Some(segment) = fields.get("wish") {
        wish.insert("segment".to_owned(), json!(segment));
    }
    for name in ["above", "below"] {
        if let Some(bound) = fields.get(name) {
            wish.insert(name.to_owned(), number(bound, name)?);
        }
    }
    if !wish.is_empty() {
        serde_json::from_value::<Wish>(json!(wish)).map_err(|_| {
            invalid("the wish: expected a micro-segment, or a number above, below or between two")
        })?;
        members.insert("wish".to_owned(), json!(wish));
    }
    if let Some(budget) = fields.get("budget") {
        let percent = number(budget, "budget")?.as_f64().unwrap_or(f64::NAN);
        let share = json!(percent / 100.0);
        serde_json::from_value::<Budget>(share.clone())
            .map_err(|_| invalid("budget: expected 0 to 100"))?;
        members.insert("budget".to_owned(), share);
    }
    for name in ["allow", "freeze"] {
        if let Some(classes) = fields.get(name) {
            let classes = classes.split([',', ';', '\n']).map(str::trim);
            let classes: Vec<&str> = classes.filter(|class| !class.is_empty()).collect();
            members.insert(name.to_owned(), json!(classes));
        }
    }
    let method = if OF_CHANGE.iter().any(|name| fields.contains_key(name)) {
        Some(Method::Change)
    } else {
        let is_asked = OF_RECOURSE.iter().any(|name| fields.contains_key(name));
        is_asked.then_some(Method::Recourse)
    };
    if let Some(method) = method {
        let method = fields
            .get("method")
            .cloned()
            .map_or(json!(method), Value::from);
        members.insert("method".to_owned(), method);
    }
    Ok(members)
}

fn number(text: &str, name: &str) -> Result<Value, ApiError> {
    let number = text.trim().parse::<f64>().ok();
    let number = number.filter(|number| number.is_finite());
    number
        .map(Value::from)
        .ok_or_else(|| invalid(&format!("{name}: expected a number")))
}

fn invalid(detail: &str) -> ApiError {
    ApiError::InvalidContent(detail.to_owned())
}

/// The fields of a page, as they were filled in before.
pub(super) fn fields(filled: impl Fn(&str) -> String) -> Vec<Field> {
    let field =
        |name: &'static str, title: &'static str, kind: &'static str, hint: &'static str| Field {
            name,
            title,
            kind,
            hint,
            value: filled(name),
        };
    vec![
        field(
            "since",
            "Since when",
            "date",
            "of a period model: its whole period",
        ),
        field(
            "above",
            "Or a number above",
            "number",
            "the one that is explained",
        ),
        field("below", "Or below", "number", "both: between the two"),
        field(
            "budget",
            "At the most, in %",
            "number",
            "of the last period's spending; empty: 50",
        ),
        field(
            "allow",
            "Only these classes",
            "text",
            "their ids, with commas; empty: all",
        ),
        field(
            "freeze",
            "Not these classes",
            "text",
            "their ids, with commas",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(&'static str, &str)]) -> Result<Value, ApiError> {
        let fields = fields.iter().map(|&(name, text)| (name, text.to_owned()));
        members(&fields.collect()).map(Value::Object)
    }

    #[test]
    fn question_that_is_filled_in_is_its_method_unless_another_is_chosen() {
        assert_eq!(read(&[]).unwrap(), json!({}));
        assert_eq!(
            read(&[("since", "2019-01-01")]).unwrap(),
            json!({"since": "2019-01-01", "method": "change"})
        );
        assert_eq!(
            read(&[
                ("wish", "any"),
                ("budget", "20"),
                ("freeze", "rent, mortgage")
            ])
            .unwrap(),
            json!({
                "wish": {"segment": "any"}, "budget": 0.2, "freeze": ["rent", "mortgage"], "method": "recourse",
            })
        );
        assert_eq!(
            read(&[("above", "0.5"), ("method", "lime")]).unwrap(),
            json!({"wish": {"above": 0.5}, "method": "lime"})
        );
    }

    #[test]
    fn text_that_is_not_of_its_field_is_named() {
        for (fields, name) in [
            (&[("since", "yesterday")][..], "since"),
            (&[("above", "much")], "above"),
            (&[("above", "2"), ("below", "1")], "the wish"),
            (&[("wish", "any"), ("below", "1")], "the wish"),
            (&[("budget", "101")], "budget"),
            (&[("budget", "NaN")], "budget"),
        ] {
            let Err(ApiError::InvalidContent(detail)) = read(fields) else {
                panic!("{fields:?} is refused");
            };
            assert!(detail.starts_with(name), "{detail}");
        }
    }
}
