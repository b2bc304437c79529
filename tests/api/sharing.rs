//! Several servers on one database of PostgreSQL, and what becomes of them when it is gone.

use std::os::unix::fs::PermissionsExt;

use futures_util::future::join_all;

use crate::cluster::{Cluster, PASSWORD};
use crate::histories::example;
use crate::jobs::{done, heavy, queue, queued, status};
use crate::records::small;
use crate::server::{Server, expect_failure, microseg, problem};
use crate::stored::{Stored, explain, kill, listed, of, until};

#[tokio::test(flavor = "multi_thread")]
async fn several_servers_make_one_chain_and_find_what_the_others_recorded() {
    let stored = Stored::postgres();
    let servers = [stored.start(&[]), stored.start(&[]), stored.start(&[])];
    let explaining = (0..60).map(async |number: usize| {
        let body = of(&format!("client {}", number % 5), small());
        explain(&servers[number % 3], &body).await
    });
    let given = join_all(explaining).await;
    let audit = stored.whole();
    assert_eq!([&audit["entries"], &audit["explanations"]], [60, 60]);
    for (number, given) in given.iter().enumerate() {
        let path = format!("/v1/explanations/{}", given.id);
        let found = servers[(number + 1) % 3].get(&path).await;
        assert_eq!(found.bytes().await.unwrap(), given.bytes);
    }
    for server in &servers {
        assert_eq!(listed(server, "client 0").await.len(), 12);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jobs_of_a_dead_server_are_taken_over_and_those_of_a_living_one_are_not() {
    let stored = Stored::postgres();
    let dying = stored.start(&[]);
    let mut jobs = Vec::new();
    for _ in 0..3 {
        jobs.push(queued(&dying, &heavy("patient")).await);
    }
    until("the first job runs", async || {
        (status(&dying, &jobs[0]).await != "queued").then_some(())
    })
    .await;
    let living = stored.start(&[]);
    done(&living, &jobs[0]).await;
    kill(dying);
    // Nobody waits for it: what the dead one left is said to be free now. What the other computes is computed once more
    // at the worst, and recorded once.
    stored
        .execute(
            "UPDATE jobs SET lease_ends = 1 WHERE state = 'running'",
            None,
        )
        .await;
    jobs.push(queued(&living, &small()).await);
    for id in &jobs {
        done(&living, id).await;
    }
    let audit = stored.whole();
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
async fn a_database_that_goes_away_is_missed_by_records_alone_and_found_again() {
    let cluster = Cluster::start();
    let stored = Stored::Postgres(cluster.database());
    let server = stored.start(&[]);
    let given = explain(&server, &small()).await;
    let path = format!("/v1/explanations/{}", given.id);
    for _ in 0..2 {
        let waiting = queued(&server, &heavy("patient")).await;
        cluster.stop();
        let (body, scorable) = (small().to_string(), example());
        let asked = server.post("/v1/explain", body);
        let (refused, unread, unqueued, scoring) = tokio::join!(
            asked,
            server.get(&path),
            async { queue(&server, &small()).await },
            server.ask("/v1/score", &scorable, 200),
        );
        assert_unavailable(refused).await;
        assert_unavailable(unread).await;
        assert_unavailable(unqueued).await;
        assert!(scoring["features"].is_object());

        cluster.start_again();
        let again = async || {
            let response = server.post("/v1/explain", small().to_string()).await;
            (response.status() == 201).then_some(())
        };
        until("there are records again", again).await;
        let found = server.get(&path).await;
        assert_eq!(found.bytes().await.unwrap(), given.bytes);
        done(&server, &waiting).await;
        stored.whole();
    }
    assert!(!server.log().contains(PASSWORD), "{}", server.log());
}

#[test]
fn the_password_comes_from_a_file_and_is_printed_nowhere() {
    let Stored::Postgres(url) = Stored::postgres() else {
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
    let mut serve = microseg();
    serve
        .args(["serve", "--addr", "127.0.0.1:0"])
        .args(arguments);
    expect_failure(&mut serve, "password authentication failed");
    let missing = ["--store-password-file", "no/such/file"];
    let mut serve = microseg();
    serve.args(["serve", "--addr", "127.0.0.1:0", "--store", &without]);
    expect_failure(serve.args(missing), "no/such/file");
    let mut of_sqlite = microseg();
    of_sqlite.args([
        "serve",
        "--addr",
        "127.0.0.1:0",
        "--store-password-file",
        file_name,
    ]);
    expect_failure(&mut of_sqlite, "a password is for PostgreSQL alone");
}
