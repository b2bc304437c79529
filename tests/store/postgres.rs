//! Tests of PostgreSQL only: passwords, privileges, TLS, read-only databases, and locks.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use microseg::store::{Location, Store, StoreError};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use sqlx::Connection;
use test_support::command::send_signal;
use test_support::wait::eventually;

use crate::cluster::{Cluster, PASSWORD, connect};
use crate::support::{TestDatabase, new_record};

async fn refused(url: &str) -> StoreError {
    let error = Store::open(url).await.unwrap_err();
    let audited = microseg::store::audit(url, None, |_, _| ()).await;
    for text in [
        format!("{error} {error:?}"),
        format!("{audited:?}"),
        format!("{:?}", Location::from(url)),
    ] {
        assert!(
            !text.contains(PASSWORD) && !text.contains("secret"),
            "{text}"
        );
    }
    error
}

fn expect_open(error: &StoreError, reason: &str) {
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("127.0.0.1") && text.contains(reason),
        "{text}"
    );
}

#[tokio::test]
async fn failed_connection_is_reported_without_the_password() {
    let url = TestDatabase::postgres().url();
    let error = refused(&url.replace(PASSWORD, "secret")).await;
    expect_open(&error, "password authentication failed");
    let error = refused(&format!("{url}?sslmode=require")).await;
    expect_open(&error, "TLS");
    let error = refused(&Cluster::shared().url("nowhere")).await;
    assert!(matches!(error, StoreError::Missing { .. }), "{error}");
    assert!(error.to_string().contains("nowhere"), "{error}");
    let error = refused("postgres://anna:secret@127.0.0.1:1/records").await;
    expect_open(&error, "refused");
    // A server that accepts the connection and sends nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let error = refused(&format!("postgres://anna:secret@127.0.0.1:{port}/records")).await;
    expect_open(&error, "does not answer");
}

#[tokio::test]
async fn unsuitable_database_is_refused() {
    let cluster = Cluster::shared();
    let database = TestDatabase::postgres();
    let store = database.open().await;
    store.append(new_record("c")).await.unwrap();
    let url = database.url();
    let (_, name) = url.rsplit_once('/').unwrap();

    // A role that may only read can audit, and cannot open a store.
    cluster.execute(&format!(
        "CREATE ROLE auditor_{name} LOGIN PASSWORD '{PASSWORD}'"
    ));
    database
        .execute(format!(
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO auditor_{name}"
        ))
        .await;
    let auditors = url.replace("//postgres:", &format!("//auditor_{name}:"));
    let error = Store::open(&auditors).await.unwrap_err();
    assert!(matches!(error, StoreError::Migration { .. }), "{error}");
    assert!(error.to_string().contains("permission denied"), "{error}");
    let audit = microseg::store::audit(&auditors, None, |_, _| ()).await;
    assert_eq!(audit.unwrap().entries, 1);

    cluster.execute(&format!(
        "ALTER DATABASE {name} SET default_transaction_read_only = on"
    ));
    let error = Store::open(&url).await.unwrap_err();
    assert!(matches!(error, StoreError::Unsuitable { .. }), "{error}");
    assert!(error.to_string().contains("can only be read"), "{error}");
    assert_eq!(database.audit().await.entries, 1);

    cluster.execute(&format!(
        "CREATE DATABASE ascii_{name} ENCODING 'SQL_ASCII' TEMPLATE template0"
    ));
    let error = Store::open(&cluster.url(&format!("ascii_{name}"))).await;
    assert!(error.unwrap_err().to_string().contains("UTF8"));
}

#[tokio::test]
async fn blocked_writer_refuses_with_busy() {
    let database = TestDatabase::postgres();
    let store = database.open().await;
    let mut other = connect(&database.url()).await;
    let hold = "SELECT pg_advisory_lock(1836016498, 'entries'::regclass::oid::integer)";
    sqlx::query(hold).execute(&mut other).await.unwrap();
    let refused = store.append(new_record("c")).await;
    assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
    other.close().await.unwrap();
    store.append(new_record("c")).await.unwrap();
    assert_eq!(database.audit().await.entries, 1);
}

/// A process that stops in the middle of a write keeps its connection: the database must end it, and soon.
#[tokio::test]
async fn others_write_while_a_server_is_stopped_in_the_middle_of_a_write() {
    let database = TestDatabase::postgres();
    let store = database.open().await;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "durability::writes_until_killed", "--ignored"])
        .env(crate::durability::URL, database.url())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let is_stopped_in_a_write = async || {
        send_signal(child.id(), "STOP");
        let writers = database.values::<i64>(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) \
             WHERE locktype = 'advisory' AND granted AND state = 'idle in transaction' \
             AND datname = current_database()",
        );
        if writers.await == [1] {
            return Some(());
        }
        send_signal(child.id(), "CONT");
        None
    };
    eventually("it is stopped in a write", is_stopped_in_a_write).await;
    // At the first attempt: it waits for the other's lock, but not as long as it may.
    store.append(new_record("c")).await.unwrap();
    send_signal(child.id(), "CONT");
    child.kill().unwrap();
    child.wait().unwrap();
    let audit = database.audit().await;
    assert!(audit.whole, "{audit:?}");
}

#[tokio::test]
async fn commit_is_synchronous_whatever_the_default() {
    // The cluster of these tests has synchronous_commit off.
    let database = TestDatabase::postgres();
    let store = database.open().await;
    database
        .execute(
            "CREATE TABLE seen (setting TEXT); \
             CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN INSERT INTO seen SELECT current_setting('synchronous_commit'); RETURN NEW; END $$; \
             CREATE TRIGGER look BEFORE INSERT ON contents FOR EACH ROW EXECUTE FUNCTION look()",
        )
        .await;
    store.append(new_record("c")).await.unwrap();
    assert_eq!(
        database.values::<String>("SELECT setting FROM seen").await,
        ["on"]
    );
}

/// A certificate authority, and the certificate and the key that it issues for 127.0.0.1; all in PEM.
fn certificates() -> (String, String, String) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let of_server = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = of_server.signed_by(&key, &issuer).unwrap();
    (root.pem(), certificate.pem(), key.serialize_pem())
}

#[tokio::test]
async fn connection_is_encrypted_and_its_certificate_checked() {
    let cluster = Cluster::start();
    let url = cluster.database();
    let (root, certificate, key) = certificates();
    let mut connection = connect(&url).await;
    let (library,): (String,) = sqlx::query_as("SHOW ssl_library")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    if library.is_empty() {
        eprintln!("this PostgreSQL was built without TLS: the test is skipped");
        return;
    }
    // Written by the database itself: only its user may read the key.
    for (file, pem) in [("server.crt", &certificate), ("server.key", &key)] {
        let lines = pem.replace('\n', "', '");
        cluster.execute(&format!(
            "COPY (SELECT unnest(ARRAY['{lines}'])) TO PROGRAM 'umask 077; cat >{file}'"
        ));
    }
    cluster.execute("ALTER SYSTEM SET ssl = on");
    cluster.stop();
    cluster.start_again();

    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        format!("{url}?sslmode=verify-full&sslrootcert={}", path.display())
    };
    let store = Store::open(&file("root.pem", &root)).await.unwrap();
    store.append(new_record("c")).await.unwrap();
    let mut connection = connect(&format!("{url}?sslmode=disable")).await;
    let encrypted: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
         WHERE ssl AND application_name = 'microseg'",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert!(encrypted > 0);
    let (other_root, ..) = certificates();
    let error = refused(&file("other.pem", &other_root)).await;
    expect_open(&error, "certificate");
}
