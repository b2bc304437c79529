//! Settings of TLS: the certificate and its key.

use std::path::PathBuf;

use clap::Args;
use microseg_tls::CertificateFiles;

/// TLS.
#[derive(Debug, Clone, Args)]
pub struct TlsSettings {
    /// The server's certificate in PEM, followed by the chain to an authority; with it, all connections use TLS. It is read
    /// again on SIGHUP
    #[arg(long, value_name = "FILE", env = "MICROSEG_TLS_CERTIFICATE")]
    pub tls_certificate: Option<PathBuf>,

    /// The private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", env = "MICROSEG_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
}

impl TlsSettings {
    /// The files of the certificate; `None` without TLS.
    ///
    /// # Errors
    /// [`IncompleteCertificate`] when only one of the two files is given.
    pub fn files(&self) -> Result<Option<CertificateFiles>, IncompleteCertificate> {
        match (&self.tls_certificate, &self.tls_key) {
            (Some(certificate), Some(key)) => Ok(Some(CertificateFiles {
                certificate: certificate.clone(),
                key: key.clone(),
            })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(IncompleteCertificate::NoKey),
            (None, Some(_)) => Err(IncompleteCertificate::NoCertificate),
        }
    }
}

/// A certificate without its key, or a key without its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IncompleteCertificate {
    /// The key is missing.
    #[error("--tls-certificate needs --tls-key")]
    NoKey,
    /// The certificate is missing.
    #[error("--tls-key needs --tls-certificate")]
    NoCertificate,
}
