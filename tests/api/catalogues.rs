//! The catalogues of reasons in a bundle: English from the taxonomy, other languages as files that somebody added.

use std::fs;

use microseg::history::Limits;
use microseg::model::{Capacity, Model};
use microseg::reasons::{Cause, Effect};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::bundles::Copy;
use crate::server::microseg;

fn load(copy: &Copy) -> Model {
    let capacity = Capacity::single(Limits::default());
    Model::load(&copy.bundle(), capacity).unwrap()
}

/// The English catalogue of the reference bundle, translated as far as the tests look.
fn german(copy: &Copy) -> Value {
    let mut catalogue: Value =
        serde_json::from_slice(&fs::read(copy.file("reasons/en.json")).unwrap()).unwrap();
    catalogue["language"] = "de".into();
    catalogue["numbers"] = json!({
        "decimal_mark": ",", "percent": "{number} %",
        "under_1_percent": "unter 1 %", "over_99_percent": "über 99 %",
    });
    let rent = "{class}: {share} aller Ausgaben. {target} sinkt dadurch um {amount}.";
    catalogue["texts"]["class"]["lowers"] = rent.into();
    catalogue["targets"]["outputs"][0]["text"] = "Offenheit".into();
    for code in catalogue["codes"].as_array_mut().unwrap() {
        if code["class"] == "rent" {
            code["text"] = "Miete".into();
        }
    }
    catalogue
}

fn add(copy: &Copy, file: &str, catalogue: &Value) {
    fs::write(copy.file(file), catalogue.to_string()).unwrap();
}

#[test]
fn a_bundle_from_before_there_were_catalogues_gets_the_same_one_from_its_taxonomy() {
    let copy = Copy::new();
    let checksum = hex::encode(Sha256::digest(
        fs::read(copy.file("reasons/en.json")).unwrap(),
    ));
    assert_eq!(load(&copy).reasons("en").unwrap().sha256(), checksum);

    fs::remove_dir_all(copy.file("reasons")).unwrap();
    copy.edit_manifest(|manifest| {
        let files = manifest["files"].as_object_mut().unwrap();
        files.remove("reasons/en.json").unwrap();
    });
    let model = load(&copy);
    assert_eq!(model.languages().collect::<Vec<_>>(), ["en"]);
    assert_eq!(model.reasons("en").unwrap().sha256(), checksum);
}

#[test]
fn a_german_file_that_fits_is_one_more_language() {
    let copy = Copy::new();
    let german = german(&copy);
    add(&copy, "reasons/de.json", &german);
    let mut check = microseg();
    check.args(["model", "check"]).arg(copy.bundle());
    assert!(check.status().unwrap().success());

    let model = load(&copy);
    assert_eq!(model.languages().collect::<Vec<_>>(), ["en", "de"]);
    let cause = Cause {
        class: Some("rent"),
        period: None,
        target: "openness",
        share: 0.004,
        effect: Effect::Adds(-0.0123),
    };
    let [english, german] = ["en", "de"].map(|tag| model.reasons(tag).unwrap().reason(&cause));
    let text = "Spending on rent is less than 1 % of the total and lowers openness by 0.0123.";
    assert_eq!(english.text, text);
    let text = "Miete: unter 1 % aller Ausgaben. Offenheit sinkt dadurch um 0,0123.";
    assert_eq!(german.text, text);
    // Rent is the tenth class of the network's input.
    assert_eq!([&*english.code, &*german.code], ["R010", "R010"]);

    let bytes = fs::read(copy.file("reasons/de.json")).unwrap();
    let checksum = hex::encode(Sha256::digest(&bytes));
    assert_eq!(model.reasons("de").unwrap().sha256(), checksum);

    // Whoever lists it in the manifest is told when it changes.
    copy.replace("reasons/de.json", &bytes);
    assert_eq!(load(&copy).languages().count(), 2);
    fs::write(copy.file("reasons/de.json"), [&bytes[..], b"\n"].concat()).unwrap();
    copy.expect_refused("reasons/de.json: SHA-256 is");
}

#[test]
fn a_language_that_does_not_fit_is_refused_by_name() {
    type Fault = (&'static str, fn(&mut Value));
    let faults: [Fault; 4] = [
        ("codes: R010 is missing", |german| {
            german["codes"].as_array_mut().unwrap().remove(10);
        }),
        (
            "codes: R010 stands for the class `rent-2`, in English for the class `rent`",
            |german| german["codes"][10]["class"] = "rent-2".into(),
        ),
        (
            "texts.cell.keeps: unknown placeholder {anteil}, expected {class}, {period}, {share}, {target}",
            |german| german["texts"]["cell"]["keeps"] = "{anteil}".into(),
        ),
        ("missing field `segment`", |german| {
            let targets = german["targets"].as_object_mut().unwrap();
            targets.remove("segment").unwrap();
        }),
    ];
    let copy = Copy::new();
    for (message, spoil) in faults {
        let mut german = german(&copy);
        spoil(&mut german);
        add(&copy, "reasons/de.json", &german);
        copy.expect_refused(&format!("reasons/de.json: {message}"));
    }
    add(&copy, "reasons/de.json", &german(&copy));
    add(&copy, "reasons/fr.json", &german(&copy));
    copy.expect_refused("reasons/fr.json: language: is \"de\"");
}

#[test]
fn a_file_that_is_no_language_is_refused_unless_it_is_hidden() {
    let copy = Copy::new();
    fs::write(copy.file("reasons/.de.json.swp"), "draft").unwrap();
    assert_eq!(load(&copy).languages().count(), 1);
    add(&copy, "reasons/de_AT.json", &german(&copy));
    copy.expect_refused("reasons/de_AT.json: expected a name like de.json");
}

#[test]
fn english_is_the_one_that_the_manifest_lists_and_fits_the_taxonomy() {
    let copy = Copy::new();
    copy.edit_manifest(|manifest| {
        let files = manifest["files"].as_object_mut().unwrap();
        files.remove("reasons/en.json").unwrap();
    });
    copy.expect_refused("reasons/en.json: the manifest's `files` do not list it");

    let copy = Copy::new();
    let mut english: Value =
        serde_json::from_slice(&fs::read(copy.file("reasons/en.json")).unwrap()).unwrap();
    english["codes"].as_array_mut().unwrap().pop();
    add(&copy, "reasons/en.json", &english);
    copy.expect_refused("reasons/en.json: SHA-256 is");
    copy.replace("reasons/en.json", english.to_string().as_bytes());
    let part = "reasons/en.json: codes: none stands for the class `government-services`";
    copy.expect_refused(part);
}
