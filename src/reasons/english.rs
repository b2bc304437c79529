//! English catalogue, made from the taxonomy: `model build` writes it, and a bundle without one uses it.

use super::document::{
    CatalogueDocument, Code, NumbersDocument, OutputDocument, SentencesDocument, TargetsDocument,
    TextsDocument,
};
use super::language::Language;
use microseg_history::{Class, Taxonomy};

/// The version of the catalogues that this file makes.
const VERSION: &str = "1";

/// The bytes of `reasons/en.json`: a code for each class in the order of the network's input, from `R001`, and `R000`
/// for all spending of a period.
///
/// # Errors
/// When a text cannot be written as JSON; a fault of this program.
pub fn english(taxonomy: &Taxonomy, outputs: &[String]) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = serde_json::to_vec_pretty(&document(taxonomy, outputs))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn document(taxonomy: &Taxonomy, outputs: &[String]) -> CatalogueDocument {
    CatalogueDocument {
        version: VERSION.to_owned(),
        language: Language::english().to_string(),
        numbers: NumbersDocument {
            decimal_mark: ".".to_owned(),
            percent: "{number} %".to_owned(),
            under_1_percent: "less than 1 %".to_owned(),
            over_99_percent: "more than 99 %".to_owned(),
        },
        targets: TargetsDocument {
            outputs: outputs.iter().map(|name| output(name)).collect(),
            state: "dimension {index} of the state".to_owned(),
            segment: "the margin of the micro-segment".to_owned(),
            decision: None,
        },
        texts: TextsDocument {
            class: sentences("on {class}"),
            period: sentences("in {period}"),
            cell: sentences("on {class} in {period}"),
            uncertain: None,
            since: None,
        },
        codes: codes(taxonomy.classes()),
    }
}

fn output(name: &str) -> OutputDocument {
    OutputDocument {
        name: name.to_owned(),
        text: readable(name).unwrap_or_else(|| "the output".to_owned()),
    }
}

fn sentences(part: &str) -> SentencesDocument {
    let share = format!("Spending {part} is {{share}} of the total and");
    let more = format!("With 10 % more spending {part}, {{target}} would");
    SentencesDocument {
        raises: format!("{share} raises {{target}} by {{amount}}."),
        lowers: format!("{share} lowers {{target}} by {{amount}}."),
        keeps: format!("{share} leaves {{target}} as it is."),
        would_be: format!("{more} be {{counterfactual}} instead of {{value}}."),
        would_stay: format!("{more} still be {{value}}."),
    }
}

fn codes(classes: &[Class]) -> Vec<Code> {
    let everything = Code {
        code: code(0),
        class: None,
        text: "all spending in a period".to_owned(),
    };
    let of_classes = classes.iter().zip(1..).map(|(class, number)| Code {
        code: code(number),
        class: Some(class.id.clone()),
        text: readable(&class.title)
            .map_or_else(|| class.id.clone(), |title| within_sentence(&title)),
    });
    std::iter::once(everything).chain(of_classes).collect()
}

fn code(number: usize) -> String {
    format!("R{number:03}")
}

/// The text on one line, if there is anything to read.
fn readable(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// A title inside a sentence: it begins with a small letter, unless with an abbreviation such as TV.
fn within_sentence(title: &str) -> String {
    let mut rest = title.chars();
    let Some(first) = rest.next() else {
        return String::new();
    };
    let rest = rest.as_str();
    // Capitals behind the first letter, or digits, make it a name: ATM, McDonald's, H2O.
    let mut after_first = rest.split(' ').next().unwrap_or_default().chars();
    if after_first.any(|c| c.is_uppercase() || c.is_numeric()) {
        return title.to_owned();
    }
    first.to_lowercase().chain(rest.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_begins_with_a_small_letter_unless_it_is_a_name() {
        for (title, text) in [
            ("Rent", "rent"),
            ("Wine, beer and spirits", "wine, beer and spirits"),
            ("Men's clothing", "men's clothing"),
            ("TV and internet", "TV and internet"),
            ("ATM", "ATM"),
            ("McDonald's", "McDonald's"),
            ("H2O bottles", "H2O bottles"),
            ("Repairs of TVs", "repairs of TVs"),
            ("eBooks", "eBooks"),
            ("Class 7", "class 7"),
            ("Ökostrom", "ökostrom"),
        ] {
            assert_eq!(within_sentence(title), text);
        }
    }

    #[test]
    fn codes_follow_the_order_of_the_spending_classes() {
        let rows =
            "class,title,group,mcc,source\nb,,g,,\nsalary,Salary,income,,\na,\" A\n title \",g,,\n";
        let taxonomy = Taxonomy::from_csv(rows).unwrap();
        let codes = codes(taxonomy.classes());
        let found: Vec<_> = codes
            .iter()
            .map(|one| (one.code.as_str(), one.class.as_deref(), one.text.as_str()))
            .collect();
        let expected = [
            ("R000", None, "all spending in a period"),
            ("R001", Some("b"), "b"),
            ("R002", Some("a"), "a title"),
        ];
        assert_eq!(found, expected);
        assert_eq!(code(1_234), "R1234");
    }
}
