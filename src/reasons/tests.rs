//! Tests of catalogues: their sentences, and catalogues that are refused.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use microseg_history::Taxonomy;

const CSV: &str = "class,title,group,mcc,source\nrent,Rent,home,,\ntv,TV and radio,home,,\nsalary,Salary,income,,\n";

fn taxonomy() -> Taxonomy {
    Taxonomy::from_csv(CSV).unwrap()
}

fn outputs() -> Vec<String> {
    ["openness", "calm"].map(str::to_owned).to_vec()
}

fn english_document() -> Value {
    serde_json::from_slice(&english(&taxonomy(), &outputs()).unwrap()).unwrap()
}

fn german_document() -> Value {
    let sentences = |wo: &str| {
        json!({
            "raises": format!("Ausgaben {wo} sind {{share}} der Summe; {{target}}: +{{amount}}."),
            "lowers": format!("Ausgaben {wo} sind {{share}} der Summe; {{target}}: −{{amount}}."),
            "keeps": format!("Ausgaben {wo} sind {{share}} der Summe; {{target}}: unverändert."),
            "would_be": format!("Mit 10 % mehr {wo}: {{target}} {{counterfactual}} statt {{value}}."),
            "would_stay": format!("Mit 10 % mehr {wo}: {{target}} wie bisher {{value}}."),
        })
    };
    json!({
        "version": "1",
        "language": "de",
        "numbers": {
            "decimal_mark": ",", "percent": "{number}\u{a0}%",
            "under_1_percent": "unter 1\u{a0}%", "over_99_percent": "über 99\u{a0}%",
        },
        "targets": {
            "outputs": [{"name": "calm", "text": "Ruhe"}, {"name": "openness", "text": "Offenheit"}],
            "state": "Dimension {index} des Zustands",
            "segment": "Abstand des Mikrosegments",
        },
        "texts": {
            "class": sentences("für {class}"),
            "period": sentences("in {period}"),
            "cell": sentences("für {class} in {period}"),
        },
        "codes": [
            {"code": "R002", "class": "tv", "text": "Fernsehen"},
            {"code": "R001", "class": "rent", "text": "Miete"},
            {"code": "R000", "class": null, "text": "alle Ausgaben eines Zeitraums"},
        ],
    })
}

fn catalogues(english: Option<&Value>) -> Result<Catalogues, CatalogueError> {
    let bytes = english.map(Value::to_string);
    Catalogues::new(bytes.as_deref().map(str::as_bytes), &taxonomy(), &outputs())
}

fn with_german(german: &Value) -> Result<Catalogues, CatalogueError> {
    let mut catalogues = catalogues(None)?;
    let language = Language::parse("de").unwrap();
    catalogues.add(language, german.to_string().as_bytes())?;
    Ok(catalogues)
}

fn cause<'a>(class: Option<&'a str>, period: Option<&'a str>, effect: Effect) -> Cause<'a> {
    Cause {
        class,
        period,
        target: "openness",
        share: 0.126,
        effect,
    }
}

#[test]
fn each_kind_of_part_and_effect_has_its_sentence() {
    let catalogues = catalogues(None).unwrap();
    let english = catalogues.get("en").unwrap();
    let (rent, year) = (Some("rent"), Some("2019"));
    let changes = |counterfactual| Effect::Counterfactual {
        value: 0.512,
        counterfactual,
    };
    for (class, period, effect, code, sign, text) in [
        (
            rent,
            None,
            Effect::Adds(0.0234),
            "R001",
            Sign::Plus,
            "Spending on rent is 13 % of the total and raises openness by 0.0234.",
        ),
        (
            Some("tv"),
            None,
            Effect::Adds(-1.5),
            "R002",
            Sign::Minus,
            "Spending on TV and radio is 13 % of the total and lowers openness by 1.50.",
        ),
        (
            None,
            year,
            Effect::Adds(-0.0),
            "R000",
            Sign::Plus,
            "Spending in 2019 is 13 % of the total and leaves openness as it is.",
        ),
        (
            rent,
            year,
            changes(0.508),
            "R001",
            Sign::Minus,
            "With 10 % more spending on rent in 2019, openness would be 0.508 instead of 0.512.",
        ),
        (
            None,
            year,
            changes(0.512),
            "R000",
            Sign::Plus,
            "With 10 % more spending in 2019, openness would still be 0.512.",
        ),
    ] {
        let found = english.reason(&cause(class, period, effect));
        let expected = Reason {
            code: code.to_owned(),
            sign,
            class: class.map(str::to_owned),
            period: period.map(str::to_owned),
            text: text.to_owned(),
            uncertain: false,
        };
        assert_eq!(found, expected);
    }
}

#[test]
fn reason_is_json_with_its_sign_as_a_character() {
    let catalogues = catalogues(None).unwrap();
    let reason = catalogues.get("en").unwrap();
    let reason = reason.reason(&cause(Some("rent"), None, Effect::Adds(-0.1)));
    let expected = json!({
        "code": "R001", "sign": "-", "class": "rent", "period": null,
        "text": "Spending on rent is 13 % of the total and lowers openness by 0.100.",
    });
    assert_eq!(serde_json::to_value(reason).unwrap(), expected);
}

#[test]
fn unknown_class_and_target_keep_their_names() {
    let catalogues = catalogues(None).unwrap();
    let english = catalogues.get("en").unwrap();
    for (target, text) in [
        ("calm", "calm"),
        ("state.3", "dimension 3 of the state"),
        ("segment", "the margin of the micro-segment"),
        ("other", "other"),
    ] {
        let effect = Effect::Adds(0.1);
        let mut cause = cause(Some("rent"), None, effect);
        cause.target = target;
        let sentence = english.reason(&cause).text;
        let expected = format!(" raises {text} by ");
        assert!(sentence.contains(&expected), "{sentence}");
    }
    let unknown = english.reason(&cause(Some("{share}"), None, Effect::Adds(0.1)));
    assert_eq!(unknown.code, "R000");
    let text = "Spending on {share} is 13 % of the total and raises openness by 0.100.";
    assert_eq!(unknown.text, text);
}

#[test]
fn translation_has_the_codes_of_english() {
    let catalogues = with_german(&german_document()).unwrap();
    let tags: Vec<&str> = catalogues.languages().collect();
    assert_eq!(tags, ["en", "de"]);
    assert!(catalogues.get("fr").is_none());
    let [english, german] = ["en", "de"].map(|tag| catalogues.get(tag).unwrap());
    assert_eq!((german.language(), german.version()), ("de", "1"));
    assert_ne!(english.sha256(), german.sha256());
    let change = Effect::Counterfactual {
        value: 0.51231,
        counterfactual: 0.51233,
    };
    for (effect, text) in [
        (
            Effect::Adds(-0.0234),
            "Ausgaben für Miete sind 13\u{a0}% der Summe; Offenheit: −0,0234.",
        ),
        (
            change,
            "Mit 10 % mehr für Miete: Offenheit 0,51233 statt 0,51231.",
        ),
    ] {
        let cause = cause(Some("rent"), None, effect);
        let (english, german) = (english.reason(&cause), german.reason(&cause));
        assert_eq!(german.text, text);
        assert_eq!(german.code, english.code);
        assert_eq!(german.sign, english.sign);
    }
}

#[test]
fn translation_that_does_not_fit_is_refused_with_its_member() {
    type Fault = (&'static str, fn(&mut Value));
    let faults: [Fault; 17] = [
        ("version: is \"2\", in English \"1\"", |german| {
            german["version"] = "2".into();
        }),
        ("version: expected 1 to 64", |german| {
            german["version"] = "".into();
        }),
        (
            "language: is \"fr\", the file is named for \"de\"",
            |german| {
                german["language"] = "fr".into();
            },
        ),
        ("codes: R001 is missing", |german| {
            german["codes"].as_array_mut().unwrap().remove(1);
        }),
        ("codes: R999 is not in English", |german| {
            let code = json!({"code": "R999", "class": "moon", "text": "Mond"});
            german["codes"].as_array_mut().unwrap().push(code);
        }),
        (
            "codes: R001 stands for the class `tv`, in English for the class `rent`",
            |german| {
                german["codes"][0]["class"] = "rent".into();
                german["codes"][1]["class"] = "tv".into();
            },
        ),
        ("codes: R001 stands twice", |german| {
            german["codes"][0]["code"] = "R001".into();
        }),
        (
            "codes: R002 and R001 both stand for the class `tv`",
            |german| {
                german["codes"][1]["class"] = "tv".into();
            },
        ),
        (
            "codes: none stands for all spending of a period",
            |german| {
                german["codes"].as_array_mut().unwrap().pop();
            },
        ),
        ("codes: `r1`: expected 1 to 16 of", |german| {
            german["codes"][0]["code"] = "r1".into();
        }),
        ("codes[1].text: expected a text, found none", |german| {
            german["codes"][1]["text"] = "".into();
        }),
        (
            "texts.cell.raises: unknown placeholder {klasse}, expected {class}, {period}, {share}",
            |german| {
                german["texts"]["cell"]["raises"] = "{klasse}".into();
            },
        ),
        ("texts.period.would_be: {value} does not occur", |german| {
            german["texts"]["period"]["would_be"] = "{period} {target} {counterfactual}".into();
        }),
        ("missing field `would_stay`", |german| {
            german["texts"]["class"]
                .as_object_mut()
                .unwrap()
                .remove("would_stay");
        }),
        ("targets.outputs: `calm` is missing", |german| {
            german["targets"]["outputs"]
                .as_array_mut()
                .unwrap()
                .remove(0);
        }),
        (
            "targets.outputs: `Ruhe` is no output of the model",
            |german| {
                german["targets"]["outputs"][0]["name"] = "Ruhe".into();
            },
        ),
        ("numbers.percent: {number} does not occur", |german| {
            german["numbers"]["percent"] = "%".into();
        }),
    ];
    for (message, spoil) in faults {
        let mut german = german_document();
        spoil(&mut german);
        let found = with_german(&german).unwrap_err().to_string();
        assert!(found.starts_with(message), "{found}");
    }
}

#[test]
fn english_that_does_not_fit_the_classes_is_refused() {
    type Fault = (&'static str, fn(&mut Value));
    let faults: [Fault; 3] = [
        ("codes: none stands for the class `tv`", |english| {
            english["codes"].as_array_mut().unwrap().pop();
        }),
        (
            "codes: `salary` is no spending class of taxonomy.csv",
            |english| {
                let code = json!({"code": "R003", "class": "salary", "text": "salary"});
                english["codes"].as_array_mut().unwrap().push(code);
            },
        ),
        ("unknown field `surprise`", |english| {
            english["surprise"] = true.into();
        }),
    ];
    for (message, spoil) in faults {
        let mut english = english_document();
        spoil(&mut english);
        let found = catalogues(Some(&english)).unwrap_err().to_string();
        assert!(found.starts_with(message), "{found}");
    }
    // Codes of the bundle are kept, so that they can be the same in every version of a model.
    let mut english = english_document();
    english["codes"][1]["code"] = "RENT".into();
    let catalogues = catalogues(Some(&english)).unwrap();
    let reason = catalogues.get("en").unwrap();
    let reason = reason.reason(&cause(Some("rent"), None, Effect::Adds(1.0)));
    assert_eq!(reason.code, "RENT");
}

proptest! {
    #[test]
    fn any_taxonomy_and_output_names_give_a_catalogue(
        titles in prop::collection::vec(".{0,12}", 1..5),
        outputs in prop::collection::hash_set("[^\\p{Cc}]{1,12}", 1..4),
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["class", "title", "group", "mcc", "source"]).unwrap();
        for (place, title) in titles.iter().enumerate() {
            writer.write_record([&format!("class-{place}"), title, "all", "", ""]).unwrap();
        }
        let csv = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let taxonomy = Taxonomy::from_csv(&csv).unwrap();
        let outputs: Vec<String> = outputs.into_iter().collect();
        let catalogues = Catalogues::new(None, &taxonomy, &outputs).unwrap();
        let bytes = english(&taxonomy, &outputs).unwrap();
        let again = Catalogues::new(Some(&bytes), &taxonomy, &outputs).unwrap();
        prop_assert_eq!(&catalogues, &again);
        prop_assert_eq!(again.get("en").unwrap().codes().len(), titles.len() + 1);
    }
}
