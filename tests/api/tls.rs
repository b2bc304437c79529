//! TLS: versions, connections without it, renewal of the certificate, and unusable files.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ProtocolVersion;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use test_support::certificates::{CertificateFiles, connect_tls};
use test_support::command::{expect_failure, microseg, serve};
use test_support::wait::TIME_LIMIT;

async fn ask_live(stream: &mut TlsStream<TcpStream>) -> String {
    let request = b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    let read = tokio::time::timeout(TIME_LIMIT, stream.read_to_string(&mut answer)).await;
    read.unwrap().unwrap();
    answer
}

#[tokio::test]
async fn tls_1_2_and_1_3_are_accepted_with_http_1() {
    let files = CertificateFiles::make();
    let mut server = files.start(&[]);
    for (offered, version) in [
        (&TLS12, ProtocolVersion::TLSv1_2),
        (&TLS13, ProtocolVersion::TLSv1_3),
    ] {
        let mut stream = connect_tls(&server, &files.connector(&[offered]))
            .await
            .unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(version));
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        let answer = ask_live(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    server.terminate();
    assert!(server.wait().success());
}

#[tokio::test]
async fn connection_without_tls_is_closed() {
    let files = CertificateFiles::make();
    let server = files.start(&["--header-timeout", "1"]);
    let mut plain = TcpStream::connect(server.address()).await.unwrap();
    plain
        .write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let silent = TcpStream::connect(server.address()).await.unwrap();
    for mut connection in [plain, silent] {
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(TIME_LIMIT, connection.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "the connection is still open");
        assert!(!answer.starts_with(b"HTTP"));
    }
    let mut stream = connect_tls(&server, &files.connector(&[&TLS13]))
        .await
        .unwrap();
    assert!(ask_live(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn unfinished_handshake_delays_neither_others_nor_shutdown() {
    let files = CertificateFiles::make();
    let mut server = files.start(&["--header-timeout", "100000", "--grace-period", "100000"]);
    let silent = TcpStream::connect(server.address()).await.unwrap();
    let mut stream = connect_tls(&server, &files.connector(&[&TLS13]))
        .await
        .unwrap();
    assert!(ask_live(&mut stream).await.starts_with("HTTP/1.1 200"));
    server.terminate();
    assert!(server.wait().success());
    drop(silent);
}

#[tokio::test]
async fn sighup_loads_a_new_certificate_but_not_a_broken_one() {
    let files = CertificateFiles::make();
    let server = files.start(&[]);
    let old = files.connector(&[&TLS13]);
    files.renew();
    let new = files.connector(&[&TLS13]);
    assert!(connect_tls(&server, &new).await.is_err());
    server.signal("HUP");
    server.await_event("the certificate was read again");
    assert!(connect_tls(&server, &old).await.is_err());
    assert!(connect_tls(&server, &new).await.is_ok());

    std::fs::write(files.key(), "nothing").unwrap();
    server.signal("HUP");
    server.await_event("the certificate could not be read again");
    assert!(connect_tls(&server, &new).await.is_ok());
}

#[test]
fn unusable_files_are_refused_with_their_names() {
    let (files, others) = (CertificateFiles::make(), CertificateFiles::make());
    let serve_with = |certificate: &str, key: &str| {
        let mut command = serve();
        command.args(["--tls-certificate", certificate, "--tls-key", key]);
        command
    };
    let (certificate, key) = (files.certificate(), files.key());
    expect_failure(
        &mut serve_with("/nowhere.pem", &key),
        "--tls-certificate /nowhere.pem: ",
    );
    expect_failure(
        &mut serve_with(&certificate, "/nowhere.pem"),
        "--tls-key /nowhere.pem: ",
    );
    expect_failure(
        &mut serve_with(&key, &key),
        &format!("--tls-certificate {key}: there is no certificate in it"),
    );
    expect_failure(
        &mut serve_with(&certificate, &certificate),
        &format!("--tls-key {certificate}: there is no private key in it"),
    );
    let another = others.key();
    expect_failure(
        &mut serve_with(&certificate, &another),
        &format!("--tls-certificate {certificate}, --tls-key {another}: "),
    );
    expect_failure(
        microseg().args(["serve", "--tls-key", &key]),
        "--tls-key needs --tls-certificate",
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("tls_certificate = {certificate:?}")).unwrap();
    expect_failure(
        microseg().arg("serve").arg("--config").arg(file.path()),
        "--tls-certificate needs --tls-key",
    );
}
