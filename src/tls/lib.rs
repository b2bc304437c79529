//! TLS of the server: its certificate, read at the start and again when it was renewed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::RwLock;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};

/// The files of the certificate and its key, in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The server's certificate, followed by the chain to an authority.
    pub certificate: PathBuf,
    /// The private key of the server's certificate.
    pub key: PathBuf,
}

/// An error of the certificate or its key.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificates cannot be read.
    #[error("--tls-certificate {}: {}", .path.display(), in_words(.error, "certificate"))]
    Certificate {
        /// The file.
        path: PathBuf,
        /// The error in it.
        error: pem::Error,
    },
    /// The key cannot be read.
    #[error("--tls-key {}: {}", .path.display(), in_words(.error, "private key"))]
    Key {
        /// The file.
        path: PathBuf,
        /// The error in it.
        error: pem::Error,
    },
    /// The certificate and the key cannot be used, or do not belong together.
    #[error("--tls-certificate {}, --tls-key {}: {error}", .files.certificate.display(), .files.key.display())]
    Pair {
        /// The two files.
        files: CertificateFiles,
        /// The error of the pair.
        error: rustls::Error,
    },
    /// This build of the program supports no version of TLS.
    #[error("TLS cannot be set up: {0}")]
    Protocol(rustls::Error),
}

fn in_words(error: &pem::Error, sought: &str) -> String {
    match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => format!("there is no {sought} in it, as PEM"),
        error => error.to_string(),
    }
}

/// The cryptography of all TLS, of the server and of clients.
#[must_use]
pub fn crypto() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The certificate for new connections.
#[derive(Debug)]
pub struct ServerCertificate {
    files: CertificateFiles,
    provider: Arc<CryptoProvider>,
    current: RwLock<Arc<CertifiedKey>>,
}

impl ServerCertificate {
    /// Reads the certificate and its key.
    ///
    /// # Errors
    /// [`TlsError`], which names the file, when one cannot be read or they do not belong together.
    pub fn read(files: CertificateFiles) -> Result<Arc<Self>, TlsError> {
        let provider = crypto();
        let current = RwLock::new(Arc::new(pair(&files, &provider)?));
        Ok(Arc::new(Self {
            files,
            provider,
            current,
        }))
    }

    /// Reads both files again, for the connections from now on.
    ///
    /// # Errors
    /// As [`ServerCertificate::read`]; the certificate before stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        let renewed = Arc::new(pair(&self.files, &self.provider)?);
        *self.current.write() = renewed;
        Ok(())
    }

    /// The acceptor of TLS connections: versions 1.2 and 1.3, for HTTP/1.1.
    ///
    /// # Errors
    /// [`TlsError::Protocol`] when the build supports no version of TLS.
    pub fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, TlsError> {
        let mut config = ServerConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Protocol)?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl ResolvesServerCert for ServerCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().clone())
    }
}

fn pair(files: &CertificateFiles, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let chain = chain(&files.certificate).map_err(|error| TlsError::Certificate {
        path: files.certificate.clone(),
        error,
    })?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| TlsError::Key {
        path: files.key.clone(),
        error,
    })?;
    CertifiedKey::from_der(chain, key, provider).map_err(|error| TlsError::Pair {
        files: files.clone(),
        error,
    })
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(path)?.collect::<Result<_, _>>()?;
    if chain.is_empty() {
        return Err(pem::Error::NoItemsFound);
    }
    Ok(chain)
}
