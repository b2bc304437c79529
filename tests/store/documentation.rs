//! The commands of `docs/records.md`, all three blocks of them, do what it says. They need `sqlite3`.

use std::process::Command;

use crate::records::{Place, draft, member};

/// The commands of the block that has some word.
fn commands(word: &str) -> String {
    let text = include_str!("../../docs/records.md");
    let mut blocks = text.split("```sh\n").skip(1);
    let block = blocks.find_map(|block| block.split("```").next().filter(|sh| sh.contains(word)));
    block.unwrap().to_owned()
}

fn shell(place: &Place, commands: &str) -> String {
    let output = Command::new("sh")
        .args(["-e", "-c", commands])
        .current_dir(place.folder())
        .output()
        .unwrap();
    assert!(output.status.success(), "{commands}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_record_is_checked_by_hand() {
    let place = Place::sqlite();
    let store = place.open().await;
    for customer_id in ["c", "Žofie \\n %s $HOME `id` 'c' \"}"] {
        let record = store.append(draft(customer_id)).await.unwrap();
        std::fs::write(place.folder().join("record.json"), &record).unwrap();
        let [previous, document, hash] = ["previous_sha256", "document_sha256", "record_sha256"]
            .map(|name| member(&record, name));
        let seal = format!(
            r#","previous_sha256":"{previous}","document_sha256":"{document}","record_sha256":"{hash}"}}"#
        );
        let said = shell(&place, &commands("sha256sum"));
        assert_eq!(said, format!("{document}  -\n{hash}  -\n{seal}"));

        let forged = String::from_utf8(record).unwrap().replacen("0.1", "0.2", 1);
        std::fs::write(place.folder().join("record.json"), forged).unwrap();
        let said = shell(&place, &commands("sha256sum"));
        assert!(!said.starts_with(&document), "{said}");
        assert!(said.ends_with(&seal), "{said}");
    }
}

#[tokio::test]
async fn an_entry_comes_out_and_a_backup_is_whole() {
    let place = Place::sqlite();
    let store = place.open().await;
    let mut record = Vec::new();
    for _ in 0..57 {
        record = store.append(draft("c")).await.unwrap();
    }
    shell(&place, &commands("writefile"));
    let written = std::fs::read(place.folder().join("record.json")).unwrap();
    assert_eq!(written, record);

    // The store is open all the while.
    shell(&place, &commands(".backup"));
    let url = format!("sqlite://{}/copy.db", place.folder().display());
    let audit = microseg::store::audit(&url, None, |_, _| ()).await.unwrap();
    assert!(audit.whole, "{audit:?}");
    assert_eq!(audit.head, Some(member(&record, "record_sha256")));
}
