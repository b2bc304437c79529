//! API keys, made by the program itself, and servers that accept them.

use reqwest::{Method, Response};
use tempfile::NamedTempFile;

use crate::client::ApiClient;
use crate::command::microseg;
use crate::server::Server;

/// A key and its entry for the server.
pub struct TestKey {
    /// The secret.
    pub key: String,
    /// `NAME:SCOPES:SHA256`, or `NAME@TENANT:SCOPES:SHA256`.
    pub entry: String,
}

impl TestKey {
    /// A new key with a name and scopes.
    pub fn make(name: &str, scopes: &str) -> Self {
        Self::made_by(&["key", name, "--scopes", scopes])
    }

    /// A new key of a tenant.
    pub fn of_tenant(name: &str, tenant: &str, scopes: &str) -> Self {
        Self::made_by(&["key", name, "--tenant", tenant, "--scopes", scopes])
    }

    fn made_by(arguments: &[&str]) -> Self {
        let made = microseg().args(arguments).output().unwrap();
        assert!(made.status.success());
        let line = |bytes| String::from_utf8(bytes).unwrap().trim_end().to_owned();
        Self {
            key: line(made.stdout),
            entry: line(made.stderr),
        }
    }

    /// The digest of the key, which is in the entry.
    pub fn digest(&self) -> &str {
        self.entry.rsplit(':').next().unwrap()
    }
}

/// A file of entries.
pub fn key_file<'a>(entries: impl IntoIterator<Item = &'a str>) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    let lines: Vec<&str> = entries.into_iter().collect();
    std::fs::write(file.path(), lines.join("\n")).unwrap();
    file
}

/// A server that accepts these keys.
pub fn server_with_keys(keys: &[&TestKey], arguments: &[&str]) -> Server {
    let file = key_file(keys.iter().map(|key| key.entry.as_str()));
    let path = file.path().to_str().unwrap();
    Server::start(&[&["--api-keys-file", path], arguments].concat())
}

/// The answer to a request with a key and without a body.
pub async fn ask_with_key(
    server: &ApiClient,
    method: Method,
    path: &str,
    key: &TestKey,
) -> Response {
    let request = server.request(method, path).bearer_auth(&key.key);
    request.send().await.unwrap()
}
