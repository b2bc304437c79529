//! The server's certificate.

use std::path::PathBuf;

use clap::Args;

use microseg_tls::CertificateFiles;

/// TLS.
#[derive(Debug, Clone, Args)]
pub struct TlsSettings {
    /// The server's certificate in PEM, and after it those that lead to an authority; with it all connections are TLS. It
    /// is read again on SIGHUP
    #[arg(long, value_name = "FILE", env = "MICROSEG_TLS_CERTIFICATE")]
    pub tls_certificate: Option<PathBuf>,

    /// The private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", env = "MICROSEG_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
}

impl TlsSettings {
    /// Where the certificate is, if connections are to be TLS.
    ///
    /// # Errors
    /// When only one of the two is there: nobody who names a certificate wants to do without it.
    pub fn files(&self) -> Result<Option<CertificateFiles>, HalfACertificate> {
        match (&self.tls_certificate, &self.tls_key) {
            (Some(certificate), Some(key)) => Ok(Some(CertificateFiles {
                certificate: certificate.clone(),
                key: key.clone(),
            })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(HalfACertificate::NoKey),
            (None, Some(_)) => Err(HalfACertificate::NoCertificate),
        }
    }
}

/// A certificate without its key, or the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HalfACertificate {
    /// The key is missing.
    #[error("--tls-certificate needs --tls-key")]
    NoKey,
    /// The certificate is missing.
    #[error("--tls-key needs --tls-certificate")]
    NoCertificate,
}
