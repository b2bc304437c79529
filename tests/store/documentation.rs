//! Tests of all three blocks of commands in `docs/records.md`. They need `sqlite3`.

use std::process::Command;

use crate::support::{TestDatabase, member, new_record};

/// The commands of the block that contains a word.
fn commands(word: &str) -> String {
    let text = include_str!("../../docs/records.md");
    let mut blocks = text.split("```sh\n").skip(1);
    let block = blocks.find_map(|block| block.split("```").next().filter(|sh| sh.contains(word)));
    block.unwrap().to_owned()
}

fn shell(database: &TestDatabase, commands: &str) -> String {
    let output = Command::new("sh")
        .args(["-e", "-c", commands])
        .current_dir(database.folder())
        .output()
        .unwrap();
    assert!(output.status.success(), "{commands}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn documented_commands_check_a_record() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    for customer_id in ["c", "Žofie \\n %s $HOME `id` 'c' \"}"] {
        let record = store.append(new_record(customer_id)).await.unwrap();
        std::fs::write(database.folder().join("record.json"), &record).unwrap();
        let [previous, document, hash] = ["previous_sha256", "document_sha256", "record_sha256"]
            .map(|name| member(&record, name));
        let seal = format!(
            r#","previous_sha256":"{previous}","document_sha256":"{document}","record_sha256":"{hash}"}}"#
        );
        let output = shell(&database, &commands("sha256sum"));
        assert_eq!(output, format!("{document}  -\n{hash}  -\n{seal}"));

        let forged = String::from_utf8(record).unwrap().replacen("0.1", "0.2", 1);
        std::fs::write(database.folder().join("record.json"), forged).unwrap();
        let output = shell(&database, &commands("sha256sum"));
        assert!(!output.starts_with(&document), "{output}");
        assert!(output.ends_with(&seal), "{output}");
    }
}

#[tokio::test]
async fn documented_commands_extract_an_entry_and_make_a_whole_backup() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let mut record = Vec::new();
    for _ in 0..57 {
        record = store.append(new_record("c")).await.unwrap();
    }
    shell(&database, &commands("writefile"));
    let written = std::fs::read(database.folder().join("record.json")).unwrap();
    assert_eq!(written, record);

    // The store is still open.
    shell(&database, &commands(".backup"));
    let url = format!("sqlite://{}/copy.db", database.folder().display());
    let audit = microseg::store::audit(&url, None, |_, _| ()).await.unwrap();
    assert!(audit.whole, "{audit:?}");
    assert_eq!(audit.head, Some(member(&record, "record_sha256")));
}
