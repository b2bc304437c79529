//! TLS: what is offered, what is refused, and how a certificate is renewed.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion,
};

use crate::server::{PATIENCE, Server, expect_failure, microseg};

const NAME: &str = "microseg.test";

/// A certificate and its key in files.
pub(crate) struct Files {
    folder: TempDir,
}

impl Files {
    pub(crate) fn new() -> Self {
        let files = Self {
            folder: TempDir::new().unwrap(),
        };
        files.renew();
        files
    }

    fn renew(&self) {
        let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
        std::fs::write(self.path("certificate.pem"), made.cert.pem()).unwrap();
        std::fs::write(self.path("key.pem"), made.signing_key.serialize_pem()).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn arguments(&self) -> [String; 4] {
        [
            "--tls-certificate".to_owned(),
            self.path("certificate.pem"),
            "--tls-key".to_owned(),
            self.path("key.pem"),
        ]
    }

    pub(crate) fn start(&self, more: &[&str]) -> Server {
        let arguments = self.arguments();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Server::start(&[&arguments, more].concat())
    }

    /// A client that trusts this certificate alone.
    fn client(&self, versions: &[&'static SupportedProtocolVersion]) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        let file = self.path("certificate.pem");
        let trusted = CertificateDer::from_pem_file(Path::new(&file)).unwrap();
        roots.add(trusted).unwrap();
        let provider = Arc::new(ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsConnector::from(Arc::new(config))
    }
}

async fn connect(server: &Server, client: &TlsConnector) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(server.address()).await?;
    client
        .connect(ServerName::try_from(NAME).unwrap(), stream)
        .await
}

async fn ask_live(stream: &mut TlsStream<TcpStream>) -> String {
    let request = b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
    read.unwrap().unwrap();
    answer
}

#[tokio::test]
async fn both_versions_are_spoken_and_http_1_is_agreed_on() {
    let files = Files::new();
    let mut server = files.start(&[]);
    for (offered, version) in [
        (&TLS12, ProtocolVersion::TLSv1_2),
        (&TLS13, ProtocolVersion::TLSv1_3),
    ] {
        let mut stream = connect(&server, &files.client(&[offered])).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(version));
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        let answer = ask_live(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    server.terminate();
    assert!(server.wait().success());
}

#[tokio::test]
async fn a_client_that_speaks_no_tls_or_nothing_at_all_is_cut_off() {
    let files = Files::new();
    let server = files.start(&["--header-timeout", "1"]);
    let mut plain = TcpStream::connect(server.address()).await.unwrap();
    plain
        .write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let silent = TcpStream::connect(server.address()).await.unwrap();
    for mut connection in [plain, silent] {
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, connection.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "the connection is still open");
        assert!(!answer.starts_with(b"HTTP"));
    }
    let mut stream = connect(&server, &files.client(&[&TLS13])).await.unwrap();
    assert!(ask_live(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn handshakes_that_never_end_hold_up_neither_others_nor_the_end() {
    let files = Files::new();
    let mut server = files.start(&["--header-timeout", "100000", "--grace-period", "100000"]);
    let silent = TcpStream::connect(server.address()).await.unwrap();
    let mut stream = connect(&server, &files.client(&[&TLS13])).await.unwrap();
    assert!(ask_live(&mut stream).await.starts_with("HTTP/1.1 200"));
    server.terminate();
    assert!(server.wait().success());
    drop(silent);
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_up_on_sighup_and_a_broken_one_is_not() {
    let files = Files::new();
    let mut server = files.start(&[]);
    let hang_up = |server: &Server| {
        let id = server.id().to_string();
        let sent = Command::new("kill").args(["-HUP", &id]).status();
        assert!(sent.unwrap().success());
    };
    let old = files.client(&[&TLS13]);
    files.renew();
    let new = files.client(&[&TLS13]);
    assert!(connect(&server, &new).await.is_err());
    hang_up(&server);
    server.await_event("the certificate was read again");
    assert!(connect(&server, &old).await.is_err());
    assert!(connect(&server, &new).await.is_ok());

    std::fs::write(files.path("key.pem"), "nothing").unwrap();
    hang_up(&server);
    server.await_event("the certificate could not be read again");
    assert!(connect(&server, &new).await.is_ok());
}

#[test]
fn files_that_will_not_do_are_named() {
    let (files, others) = (Files::new(), Files::new());
    let serve = |certificate: &str, key: &str| {
        let mut command = microseg();
        command.args([
            "serve",
            "--addr",
            "127.0.0.1:0",
            "--tls-certificate",
            certificate,
        ]);
        command.args(["--tls-key", key]);
        command
    };
    let (certificate, key) = (files.path("certificate.pem"), files.path("key.pem"));
    expect_failure(
        &mut serve("/nowhere.pem", &key),
        "--tls-certificate /nowhere.pem: ",
    );
    expect_failure(
        &mut serve(&certificate, "/nowhere.pem"),
        "--tls-key /nowhere.pem: ",
    );
    expect_failure(
        &mut serve(&key, &key),
        &format!("--tls-certificate {key}: there is no certificate in it"),
    );
    expect_failure(
        &mut serve(&certificate, &certificate),
        &format!("--tls-key {certificate}: there is no private key in it"),
    );
    let another = others.path("key.pem");
    expect_failure(
        &mut serve(&certificate, &another),
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
