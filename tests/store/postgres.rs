//! What PostgreSQL alone has: passwords, rights, TLS, standbys, and locks.

use std::net::TcpListener;

use microseg::store::{Location, Store, StoreError};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use sqlx::Connection;

use crate::cluster::{Cluster, PASSWORD, connect};
use crate::records::{Place, draft};

async fn refused(url: &str) -> StoreError {
    let error = Store::open(url).await.unwrap_err();
    let audited = microseg::store::audit(url, None, |_, _| ()).await;
    for said in [
        format!("{error} {error:?}"),
        format!("{audited:?}"),
        format!("{:?}", Location::from(url)),
    ] {
        assert!(
            !said.contains(PASSWORD) && !said.contains("secret"),
            "{said}"
        );
    }
    error
}

fn expect_open(error: &StoreError, said: &str) {
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("127.0.0.1") && text.contains(said), "{text}");
}

#[tokio::test]
async fn what_is_in_the_way_of_a_connection_is_said_without_the_password() {
    let url = Place::postgres().url();
    let error = refused(&url.replace(PASSWORD, "secret")).await;
    expect_open(&error, "password authentication failed");
    let error = refused(&format!("{url}?sslmode=require")).await;
    expect_open(&error, "TLS");
    let error = refused(&Cluster::shared().url("nowhere")).await;
    assert!(matches!(error, StoreError::Missing { .. }), "{error}");
    assert!(error.to_string().contains("nowhere"), "{error}");
    let error = refused("postgres://anna:secret@127.0.0.1:1/records").await;
    expect_open(&error, "refused");
    // Somebody who takes the connection and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let error = refused(&format!("postgres://anna:secret@127.0.0.1:{port}/records")).await;
    expect_open(&error, "does not answer");
}

#[tokio::test]
async fn a_database_that_cannot_hold_records_is_told() {
    let cluster = Cluster::shared();
    let place = Place::postgres();
    let store = place.open().await;
    store.append(draft("c")).await.unwrap();
    let url = place.url();
    let (_, name) = url.rsplit_once('/').unwrap();

    // Somebody who may only read can audit, and no more.
    cluster.execute(&format!(
        "CREATE ROLE auditor_{name} LOGIN PASSWORD '{PASSWORD}'"
    ));
    place
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
    assert_eq!(place.audit().await.entries, 1);

    cluster.execute(&format!(
        "CREATE DATABASE ascii_{name} ENCODING 'SQL_ASCII' TEMPLATE template0"
    ));
    let error = Store::open(&cluster.url(&format!("ascii_{name}"))).await;
    assert!(error.unwrap_err().to_string().contains("UTF8"));
}

#[tokio::test]
async fn a_writer_that_is_held_up_gives_up_in_time_and_nothing_is_written() {
    let place = Place::postgres();
    let store = place.open().await;
    let mut other = connect(&place.url()).await;
    let hold = "SELECT pg_advisory_lock(1836016498, 'entries'::regclass::oid::integer)";
    sqlx::query(hold).execute(&mut other).await.unwrap();
    let refused = store.append(draft("c")).await;
    assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
    other.close().await.unwrap();
    store.append(draft("c")).await.unwrap();
    assert_eq!(place.audit().await.entries, 1);
}

#[tokio::test]
async fn a_commit_is_on_disk_whatever_the_default() {
    // The cluster of these tests has synchronous_commit off.
    let place = Place::postgres();
    let store = place.open().await;
    place
        .execute(
            "CREATE TABLE seen (setting TEXT); \
             CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN INSERT INTO seen SELECT current_setting('synchronous_commit'); RETURN NEW; END $$; \
             CREATE TRIGGER look BEFORE INSERT ON contents FOR EACH ROW EXECUTE FUNCTION look()",
        )
        .await;
    store.append(draft("c")).await.unwrap();
    assert_eq!(
        place.values::<String>("SELECT setting FROM seen").await,
        ["on"]
    );
}

/// A certificate authority, and what it says of 127.0.0.1; all in PEM.
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
async fn a_connection_can_be_encrypted_and_its_server_checked() {
    let cluster = Cluster::start();
    let url = cluster.database();
    let (root, certificate, key) = certificates();
    let mut connection = connect(&url).await;
    let (library,): (String,) = sqlx::query_as("SHOW ssl_library")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    if library.is_empty() {
        eprintln!("this PostgreSQL was built without TLS: nothing is tried");
        return;
    }
    // Written by the database itself: the key has to be its user's alone.
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
    store.append(draft("c")).await.unwrap();
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
