//! Faulty bundles: `model check` and `serve` fail and name the fault.

use std::fs;

use serde_json::{Value, json};

use test_support::bundle_copy::BundleCopy;
use test_support::command::{expect_failure, microseg, serve};

#[test]
fn reference_bundle_passes_the_check() {
    let check = microseg()
        .args(["model", "check", "models/spending-personality/1"])
        .output()
        .unwrap();
    let text = String::from_utf8(check.stdout).unwrap();
    assert!(
        check.status.success() && text.contains("is sound"),
        "{text}"
    );
}

#[test]
fn changed_byte_is_refused_with_its_file() {
    let copy = BundleCopy::make();
    let mut bytes = fs::read(copy.file("model.pt")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(copy.file("model.pt"), bytes).unwrap();
    copy.expect_refused("model.pt: SHA-256 is");
}

#[test]
fn missing_file_is_refused_with_its_name() {
    for file in [
        "model.pt",
        "manifest.json",
        "taxonomy.csv",
        "golden.json",
        "MODEL_CARD.md",
        "reasons/en.json",
    ] {
        let copy = BundleCopy::make();
        fs::remove_file(copy.file(file)).unwrap();
        copy.expect_refused(file);
    }
}

/// Tables for a state of 16 dimensions instead of 8, which fit each other but not the network.
fn widen(manifest: &mut Value) {
    let lengthen = |list: &mut Value, fill: Value| {
        list.as_array_mut().unwrap().resize(16, fill);
    };
    manifest["hidden_size"] = 16.into();
    for numbers in ["states", "final_states"] {
        for member in ["mean", "deviation"] {
            lengthen(&mut manifest["population"][numbers][member], 0.0.into());
        }
    }
    for segment in manifest["segments"]["segments"].as_array_mut().unwrap() {
        lengthen(&mut segment["center"], 0.0.into());
    }
    manifest["attractors"]["attractors"] = json!([]);
    let surrogate = &mut manifest["surrogate"];
    for matrix in ["A", "D"] {
        for row in surrogate[matrix].as_array_mut().unwrap() {
            lengthen(row, 0.0.into());
        }
    }
    lengthen(&mut surrogate["A"], json!(vec![0.0; 16]));
    lengthen(&mut surrogate["B"], json!(vec![0.0; 97]));
    lengthen(&mut surrogate["c"], 0.0.into());
    let fidelity = &mut surrogate["fidelity"]["states"];
    let last = fidelity[0].clone();
    lengthen(fidelity, last);
}

#[test]
fn wrong_shape_is_refused_with_its_place() {
    let copy = BundleCopy::make();
    copy.edit_manifest(|manifest| manifest["hidden_size"] = 16.into());
    copy.expect_refused("manifest.json: population: states: expected 16 of them, found 8");

    let copy = BundleCopy::make();
    copy.edit_manifest(widen);
    copy.expect_refused("golden.json: case");

    let copy = BundleCopy::make();
    copy.edit_manifest(|manifest| {
        manifest["classes"].as_array_mut().unwrap().swap(0, 1);
    });
    copy.expect_refused("taxonomy.csv: its spending classes");

    // Golden cases that fit the widened tables: the network still does not.
    let copy = BundleCopy::make();
    let zeros = |width: usize| json!([vec![0.0; width]]);
    let case =
        json!({"name": "widened", "input": zeros(97), "states": zeros(16), "outputs": zeros(5)});
    copy.replace(
        "golden.json",
        json!({"cases": [case]}).to_string().as_bytes(),
    );
    copy.edit_manifest(widen);
    copy.expect_refused("model.pt: ");
}

#[test]
fn unfitting_table_is_refused_with_its_member() {
    type Fault = (&'static str, fn(&mut Value));
    let faults: [Fault; 5] = [
        (
            "population: outputs: expected 5 of them, found 4",
            |tables| {
                pop(&mut tables["population"]["outputs"]["mean"]);
            },
        ),
        ("segments: center: expected 8 of them, found 7", |tables| {
            pop(&mut tables["segments"]["segments"][0]["center"]);
        }),
        ("surrogate: B: expected 97 of them, found 96", |tables| {
            pop(&mut tables["surrogate"]["B"][7]);
        }),
        ("surrogate: D: expected 5 of them, found 4", |tables| {
            pop(&mut tables["surrogate"]["D"]);
        }),
        ("missing field `attractors`", |tables| {
            tables.as_object_mut().unwrap().remove("attractors");
        }),
    ];
    for (message, damage) in faults {
        let copy = BundleCopy::make();
        copy.edit_manifest(damage);
        copy.expect_refused(&format!("manifest.json: {message}"));
    }
}

/// Removes the last item.
fn pop(list: &mut Value) {
    list.as_array_mut().unwrap().pop().unwrap();
}

#[test]
fn old_manifest_is_refused_with_its_version() {
    let copy = BundleCopy::make();
    copy.edit_manifest(|manifest| {
        manifest["schema_version"] = 1.into();
        for table in ["population", "segments", "attractors", "surrogate"] {
            manifest.as_object_mut().unwrap().remove(table).unwrap();
        }
    });
    copy.expect_refused("manifest.json: schema_version is 1, this program reads 2");
}

#[test]
fn differing_golden_case_is_refused_with_its_name() {
    let copy = BundleCopy::make();
    let mut golden = copy.json("golden.json");
    let number = &mut golden["cases"][2]["outputs"][0][1];
    *number = (number.as_f64().unwrap() + 2e-5).into();
    let name = golden["cases"][2]["name"].as_str().unwrap().to_owned();
    copy.replace("golden.json", golden.to_string().as_bytes());
    copy.expect_refused(&format!(
        "golden.json: case `{name}`: outputs differ from PyTorch's by "
    ));
}

#[test]
fn unreadable_network_is_refused_with_its_file() {
    let copy = BundleCopy::make();
    copy.replace("model.pt", b"this is no network");
    copy.expect_refused("model.pt: libtorch: ");
}

#[test]
fn empty_folder_of_models_is_refused() {
    let models = tempfile::tempdir().unwrap();
    let part = "no model: expected NAME/VERSION/manifest.json";
    expect_failure(serve().arg("--models").arg(models.path()), part);
}

#[test]
fn bundle_in_a_folder_of_another_name_is_refused() {
    let copy = BundleCopy::make();
    fs::rename(copy.bundle(), copy.bundle().with_file_name("2")).unwrap();
    let part = "manifest.json says it is spending-personality version 1";
    expect_failure(serve().arg("--models").arg(copy.models()), part);
}
