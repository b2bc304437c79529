//! Several servers on one database of PostgreSQL, and servers whose database stops.

use std::os::unix::fs::PermissionsExt;

use futures_util::future::join_all;

use test_support::client::problem;
use test_support::cluster::{Cluster, PASSWORD};
use test_support::command::{expect_failure, microseg, serve};
use test_support::explanations::{explain, list};
use test_support::histories::{example, slow_history, small_history, with_customer};
use test_support::jobs::{await_done, await_started, queue_job, request_job};
use test_support::server::Server;
use test_support::store::TestStore;
use test_support::wait::eventually;

#[tokio::test(flavor = "multi_thread")]
async fn several_servers_write_one_chain_and_read_all_records() {
    let stored = TestStore::postgres();
    let servers = [stored.start(&[]), stored.start(&[]), stored.start(&[])];
    let explaining = (0..60).map(async |number: usize| {
        let body = with_customer(&format!("client {}", number % 5), small_history());
        explain(&servers[number % 3], &body).await
    });
    let given = join_all(explaining).await;
    let audit = stored.whole_audit();
    assert_eq!([&audit["entries"], &audit["explanations"]], [60, 60]);
    for (number, given) in given.iter().enumerate() {
        let path = format!("/v1/explanations/{}", given.id);
        let found = servers[(number + 1) % 3].get(&path).await;
        assert_eq!(found.bytes().await.unwrap(), given.bytes);
    }
    for server in &servers {
        assert_eq!(list(server, "client 0").await.len(), 12);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_a_killed_server_are_taken_over() {
    let stored = TestStore::postgres();
    let killed = stored.start(&[]);
    let mut jobs = Vec::new();
    for _ in 0..3 {
        jobs.push(queue_job(&killed, &slow_history("patient")).await);
    }
    await_started(&killed, &jobs[0]).await;
    let other = stored.start(&[]);
    await_done(&other, &jobs[0]).await;
    killed.kill();
    // The lease of the running jobs ends now. At worst a job of the other server is computed twice; it is recorded
    // once.
    stored
        .execute(
            "UPDATE jobs SET lease_ends = 1 WHERE state = 'running'",
            None,
        )
        .await;
    jobs.push(queue_job(&other, &small_history()).await);
    for id in &jobs {
        await_done(&other, id).await;
    }
    let audit = stored.whole_audit();
    assert_eq!([&audit["entries"], &audit["explanations"]], [4, 4]);
}

async fn assert_unavailable(response: reqwest::Response) {
    assert_eq!(response.headers()["retry-after"], "1");
    let unavailable = problem(response, 503).await;
    assert_eq!(
        unavailable["type"],
        "urn:microseg:problem:store-unavailable"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_database_fails_only_records_until_it_is_back() {
    let cluster = Cluster::start();
    let stored = TestStore::Postgres(cluster.database());
    let server = stored.start(&[]);
    let given = explain(&server, &small_history()).await;
    let path = format!("/v1/explanations/{}", given.id);
    for _ in 0..2 {
        let job = queue_job(&server, &slow_history("patient")).await;
        cluster.stop();
        let (body, scorable) = (small_history().to_string(), example());
        let asked = server.post("/v1/explain", body);
        let (refused, unread, unqueued, scoring) = tokio::join!(
            asked,
            server.get(&path),
            async { request_job(&server, &small_history()).await },
            server.ask("/v1/score", &scorable, 200),
        );
        assert_unavailable(refused).await;
        assert_unavailable(unread).await;
        assert_unavailable(unqueued).await;
        assert!(scoring["features"].is_object());

        cluster.start_again();
        let again = async || {
            let response = server
                .post("/v1/explain", small_history().to_string())
                .await;
            (response.status() == 201).then_some(())
        };
        eventually("there are records again", again).await;
        let found = server.get(&path).await;
        assert_eq!(found.bytes().await.unwrap(), given.bytes);
        await_done(&server, &job).await;
        stored.whole_audit();
    }
    assert!(!server.log().contains(PASSWORD), "{}", server.log());
}

#[test]
fn password_is_read_from_a_file_and_never_printed() {
    let TestStore::Postgres(url) = TestStore::postgres() else {
        unreachable!()
    };
    let without = url.replace(&format!(":{PASSWORD}"), "");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    let write = |password: &str| {
        std::fs::write(&file, format!("{password}\n")).unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    };
    write(PASSWORD);
    let file_name = file.to_str().unwrap();
    let arguments = ["--store", &without, "--store-password-file", file_name];
    drop(Server::start(&arguments));
    let mut audit = microseg();
    let audited = audit.arg("audit").args(arguments).output().unwrap();
    assert_eq!(audited.status.code(), Some(0));

    let mut print = microseg();
    print.args(["serve", "--print-config", "--store", &url]);
    let printed = print.output().unwrap();
    let text = String::from_utf8(printed.stdout).unwrap();
    assert!(text.contains("store = \"(hidden)\""), "{text}");
    assert!(!text.contains(PASSWORD), "{text}");

    write("another");
    let message = "password authentication failed";
    expect_failure(serve().args(arguments), message);
    let missing = ["--store", &without, "--store-password-file", "no/such/file"];
    expect_failure(serve().args(missing), "no/such/file");
    let of_sqlite = ["--store-password-file", file_name];
    let message = "a password is for PostgreSQL alone";
    expect_failure(serve().args(of_sqlite), message);
}
