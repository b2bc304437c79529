//! The server's certificate.

use std::path::PathBuf;

use clap::Args;

use crate::tls::CertificateFiles;

/// TLS.
#[derive(Debug, Clone, Args)]
pub struct TlsSettings {
    /// The server's certificate in PEM, and after it those that lead to an authority; with it all connections are TLS. It
    /// is read again on SIGHUP
    #[arg(
        long,
        value_name = "FILE",
        env = "MICROSEG_TLS_CERTIFICATE",
        requires = "tls_key"
    )]
    pub tls_certificate: Option<PathBuf>,

    /// The private key of the certificate, in PEM
    #[arg(
        long,
        value_name = "FILE",
        env = "MICROSEG_TLS_KEY",
        requires = "tls_certificate"
    )]
    pub tls_key: Option<PathBuf>,
}

impl TlsSettings {
    /// Where the certificate is, if connections are to be TLS.
    #[must_use]
    pub fn files(&self) -> Option<CertificateFiles> {
        Some(CertificateFiles {
            certificate: self.tls_certificate.clone()?,
            key: self.tls_key.clone()?,
        })
    }
}
