//! Catalogues of reasons in a bundle: English from the taxonomy, and other languages as added files.

use std::fs;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use test_support::bundle_copy::BundleCopy;
use test_support::command::{documents, errors, lines, microseg, output_with_input};
use test_support::histories::{example, with_options};

/// The explanation of the example with reasons in a language, or the problem.
fn explained(copy: &BundleCopy, language: &str) -> Value {
    let options = json!({"target": "openness", "language": language, "reasons": 20});
    let history = with_options(example(), options).to_string();
    let mut command = microseg();
    command
        .args(["explain", "-", "--models"])
        .arg(copy.models());
    let output = output_with_input(&mut command, history.as_bytes());
    let answers = documents(&lines(&output));
    assert_eq!(answers.len(), 1, "{}", errors(&output));
    answers[0].clone()
}

/// The checksum of the catalogue that an explanation's reasons come from.
fn catalogue_sha256(copy: &BundleCopy, language: &str) -> String {
    let catalogue = &explained(copy, language)["reasons_catalogue"];
    assert_eq!(catalogue["language"], language);
    catalogue["sha256"].as_str().unwrap().to_owned()
}

/// The languages of a bundle, from the refusal of an unknown one.
fn languages(copy: &BundleCopy) -> String {
    let refused = explained(copy, "tlh").to_string();
    let (_, rest) = refused.split_once("has reasons in: ").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

fn sha256_of(copy: &BundleCopy, file: &str) -> String {
    hex::encode(Sha256::digest(fs::read(copy.file(file)).unwrap()))
}

/// The English catalogue of the reference bundle with German numbers, classes and one sentence.
fn german(copy: &BundleCopy) -> Value {
    let mut catalogue = copy.json("reasons/en.json");
    catalogue["language"] = "de".into();
    catalogue["numbers"] = json!({
        "decimal_mark": ",", "percent": "{number} %",
        "under_1_percent": "unter 1 %", "over_99_percent": "über 99 %",
    });
    let lowers = "{class}: {share} aller Ausgaben. {target} sinkt dadurch um {amount}.";
    catalogue["texts"]["class"]["lowers"] = lowers.into();
    catalogue["targets"]["outputs"][0]["text"] = "Offenheit".into();
    for code in catalogue["codes"].as_array_mut().unwrap() {
        code["text"] = format!("Klasse {}", code["class"]).into();
    }
    catalogue
}

/// An English reason that lowers openness in the words of [`german`].
fn translated(reason: &Value) -> String {
    let text = reason["text"].as_str().unwrap();
    let (_, numbers) = text.split_once(" is ").unwrap();
    let (share, amount) = numbers
        .split_once(" of the total and lowers openness by ")
        .unwrap();
    let share = share.replace("less than", "unter");
    let amount = amount.trim_end_matches('.').replace('.', ",");
    let class = &reason["class"];
    format!("Klasse {class}: {share} aller Ausgaben. Offenheit sinkt dadurch um {amount}.")
}

fn add(copy: &BundleCopy, file: &str, catalogue: &Value) {
    fs::write(copy.file(file), catalogue.to_string()).unwrap();
}

#[test]
fn bundle_without_catalogue_gets_the_same_one_from_its_taxonomy() {
    let copy = BundleCopy::make();
    let sha256 = sha256_of(&copy, "reasons/en.json");
    assert_eq!(catalogue_sha256(&copy, "en"), sha256);

    fs::remove_dir_all(copy.file("reasons")).unwrap();
    copy.edit_manifest(|manifest| {
        let files = manifest["files"].as_object_mut().unwrap();
        files.remove("reasons/en.json").unwrap();
    });
    assert_eq!(languages(&copy), "en");
    assert_eq!(catalogue_sha256(&copy, "en"), sha256);
}

#[test]
fn fitting_german_file_adds_a_language() {
    let copy = BundleCopy::make();
    add(&copy, "reasons/de.json", &german(&copy));
    let mut check = microseg();
    check.args(["model", "check"]).arg(copy.bundle());
    assert!(check.status().unwrap().success());
    assert_eq!(languages(&copy), "en, de");

    let [english, german] = ["en", "de"].map(|language| explained(&copy, language));
    let reasons_of = |explanation: &Value| {
        let reasons = explanation["targets"][0]["reasons"].as_array();
        reasons.unwrap().clone()
    };
    let mut lowering = 0;
    for (english, german) in reasons_of(&english).iter().zip(&reasons_of(&german)) {
        assert_eq!(german["code"], english["code"]);
        if english["sign"] == "-" {
            assert_eq!(german["text"], translated(english));
            lowering += 1;
        }
    }
    assert!(lowering > 0, "{english:.500}");
    let sha256 = sha256_of(&copy, "reasons/de.json");
    assert_eq!(german["reasons_catalogue"]["sha256"], sha256);

    // A file that the manifest lists must not change.
    let bytes = fs::read(copy.file("reasons/de.json")).unwrap();
    copy.replace("reasons/de.json", &bytes);
    assert_eq!(languages(&copy), "en, de");
    fs::write(copy.file("reasons/de.json"), [&bytes[..], b"\n"].concat()).unwrap();
    copy.expect_refused("reasons/de.json: SHA-256 is");
}

#[test]
fn unfitting_language_is_refused_with_the_fault() {
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
    let copy = BundleCopy::make();
    for (message, damage) in faults {
        let mut german = german(&copy);
        damage(&mut german);
        add(&copy, "reasons/de.json", &german);
        copy.expect_refused(&format!("reasons/de.json: {message}"));
    }
    add(&copy, "reasons/de.json", &german(&copy));
    add(&copy, "reasons/fr.json", &german(&copy));
    copy.expect_refused("reasons/fr.json: language: is \"de\"");
}

#[test]
fn wrong_file_name_is_refused_unless_hidden() {
    let copy = BundleCopy::make();
    fs::write(copy.file("reasons/.de.json.swp"), "draft").unwrap();
    assert_eq!(languages(&copy), "en");
    add(&copy, "reasons/de_AT.json", &german(&copy));
    copy.expect_refused("reasons/de_AT.json: expected a name like de.json");
}

#[test]
fn english_must_be_in_the_manifest_and_fit_the_taxonomy() {
    let copy = BundleCopy::make();
    copy.edit_manifest(|manifest| {
        let files = manifest["files"].as_object_mut().unwrap();
        files.remove("reasons/en.json").unwrap();
    });
    copy.expect_refused("reasons/en.json: the manifest's `files` do not list it");

    let copy = BundleCopy::make();
    let mut english = copy.json("reasons/en.json");
    english["codes"].as_array_mut().unwrap().pop();
    add(&copy, "reasons/en.json", &english);
    copy.expect_refused("reasons/en.json: SHA-256 is");
    copy.replace("reasons/en.json", english.to_string().as_bytes());
    let part = "reasons/en.json: codes: none stands for the class `government-services`";
    copy.expect_refused(part);
}
