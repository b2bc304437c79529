//! Faults of a request's head that hyper lets pass: its host, and the coding of its body.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Request, Version, header};

use microseg_problem::{Problem, ProblemKind};

/// What is wrong with a head: an extension of the requests that have one. They are answered by their problem, and their
/// connection ends, since what follows a wrong head may be read in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadFault {
    /// No host, several, or one that is none (RFC 9112, section 3.2).
    Host,
    /// The body has a coding beside `chunked`, which is not decoded here (RFC 9112, section 6.1).
    TransferCoding,
    /// The body is `chunked` more than once (RFC 9112, section 7.1).
    ChunkedTwice,
}

impl From<HeadFault> for Problem {
    fn from(fault: HeadFault) -> Self {
        let (kind, detail) = match fault {
            HeadFault::Host => (
                ProblemKind::MalformedHead,
                "expected one header `host`, and in it a name or an address with or without a port",
            ),
            HeadFault::ChunkedTwice => (
                ProblemKind::MalformedHead,
                "transfer-encoding: expected `chunked` once",
            ),
            HeadFault::TransferCoding => (
                ProblemKind::UnknownTransferCoding,
                "transfer-encoding: only `chunked` is decoded",
            ),
        };
        Self::new(kind, detail)
    }
}

impl HeadFault {
    /// The fault of a request's head, if it has one.
    pub(super) fn of<B>(request: &Request<B>) -> Option<Self> {
        let headers = request.headers();
        if !has_host(request.version(), headers) {
            return Some(Self::Host);
        }
        coding_fault(headers)
    }
}

fn has_host(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => version < Version::HTTP_11,
        (Some(host), None) => {
            // It is empty where the target has no authority.
            host.is_empty()
                || Authority::try_from(host.as_bytes())
                    .is_ok_and(|authority| !authority.as_str().contains('@'))
        }
        (Some(_), Some(_)) => false,
    }
}

fn coding_fault(headers: &HeaderMap) -> Option<HeadFault> {
    let declared = headers.get_all(header::TRANSFER_ENCODING).iter();
    let mut chunked = 0;
    for value in declared {
        for coding in value.as_bytes().split(|&byte| byte == b',') {
            match coding.trim_ascii() {
                b"" => {}
                coding if coding.eq_ignore_ascii_case(b"chunked") => chunked += 1,
                _ => return Some(HeadFault::TransferCoding),
            }
        }
    }
    (chunked > 1).then_some(HeadFault::ChunkedTwice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(version: Version, head: &[(header::HeaderName, &'static str)]) -> Option<HeadFault> {
        let mut request = Request::new(());
        *request.version_mut() = version;
        for (name, value) in head {
            let value = axum::http::HeaderValue::from_static(value);
            request.headers_mut().append(name, value);
        }
        HeadFault::of(&request)
    }

    #[test]
    fn head_has_one_host() {
        let with = |hosts: &[&'static str]| {
            let hosts: Vec<_> = hosts.iter().map(|host| (header::HOST, *host)).collect();
            fault(Version::HTTP_11, &hosts)
        };
        for host in ["x", "", "127.0.0.1:8080", "[::1]:80", "a.example"] {
            assert_eq!(with(&[host]), None, "{host}");
        }
        for hosts in [
            &[][..],
            &["a", "b"],
            &["a", "a"],
            &["a b"],
            &["user@a"],
            &["a/b"],
        ] {
            assert_eq!(with(hosts), Some(HeadFault::Host), "{hosts:?}");
        }
        assert_eq!(fault(Version::HTTP_10, &[]), None);
    }

    #[test]
    fn only_chunked_is_a_known_coding() {
        let with = |codings: &[&'static str]| {
            let name = header::TRANSFER_ENCODING;
            let mut head: Vec<_> = codings.iter().map(|one| (name.clone(), *one)).collect();
            head.push((header::HOST, "x"));
            fault(Version::HTTP_11, &head)
        };
        assert_eq!(with(&[]), None);
        assert_eq!(with(&["chunked"]), None);
        assert_eq!(with(&[", Chunked"]), None);
        let unknown = Some(HeadFault::TransferCoding);
        assert_eq!(with(&["gzip, chunked"]), unknown);
        assert_eq!(with(&["gzip", "chunked"]), unknown);
        assert_eq!(with(&["identity, chunked"]), unknown);
        assert_eq!(with(&["chunked, chunked"]), Some(HeadFault::ChunkedTwice));
    }
}
