//! Certificates of a test, servers that present them, and clients of TLS that trust them.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

use crate::server::Server;

/// The name in the certificates.
const NAME: &str = "microseg.test";

/// A self-signed certificate and its key in files.
pub struct CertificateFiles {
    folder: TempDir,
}

impl CertificateFiles {
    /// A new certificate in a folder of its own.
    pub fn make() -> Self {
        let files = Self {
            folder: TempDir::new().unwrap(),
        };
        files.renew();
        files
    }

    /// Replaces the certificate and its key.
    pub fn renew(&self) {
        let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
        std::fs::write(self.certificate(), made.cert.pem()).unwrap();
        std::fs::write(self.key(), made.signing_key.serialize_pem()).unwrap();
    }

    /// The certificate's file.
    pub fn certificate(&self) -> String {
        self.path("certificate.pem")
    }

    /// The key's file.
    pub fn key(&self) -> String {
        self.path("key.pem")
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// A server that presents the certificate.
    pub fn start(&self, arguments: &[&str]) -> Server {
        let (certificate, key) = (self.certificate(), self.key());
        let tls = ["--tls-certificate", &certificate, "--tls-key", &key];
        Server::start(&[&tls, arguments].concat())
    }

    /// A client that trusts the present certificate alone and offers HTTP/2 before HTTP/1.1.
    pub fn connector(&self, versions: &[&'static SupportedProtocolVersion]) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        let trusted = CertificateDer::from_pem_file(Path::new(&self.certificate())).unwrap();
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

/// Connects to a server by TLS.
///
/// # Errors
///
/// The handshake's, for example when the client does not trust the certificate.
pub async fn connect_tls(
    server: &Server,
    connector: &TlsConnector,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(server.address()).await?;
    let name = ServerName::try_from(NAME).unwrap();
    connector.connect(name, stream).await
}
