//! Requests of jobs as they are stored: compressed, where that makes them smaller.
//!
//! A compressed request begins with the number of a frame of Zstandard (RFC 8878), which no request begins with: what
//! version 0.1 stored is read as it is.

use std::io;

/// The number at the beginning of a frame.
const FRAME: [u8; 4] = 0xFD2F_B528_u32.to_le_bytes();

/// The fastest level: a body of 32 MiB takes a fraction of a second.
const LEVEL: i32 = 1;

/// The smallest request that is compressed, in bytes.
const SMALLEST: usize = 1024;

/// A request as it is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PackedRequest(Vec<u8>);

impl PackedRequest {
    /// Compresses a request, unless that makes it larger.
    pub(crate) fn pack(request: Vec<u8>) -> Self {
        // Whatever looks compressed must be compressed once more.
        let is_frame = request.starts_with(&FRAME);
        if request.len() < SMALLEST && !is_frame {
            return Self(request);
        }
        match zstd::encode_all(&*request, LEVEL) {
            Ok(packed) if is_frame || packed.len() < request.len() => Self(packed),
            _ => Self(request),
        }
    }

    /// The bytes to store.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The request in stored bytes.
    ///
    /// # Errors
    /// When they are no frame, although they begin as one.
    pub(crate) fn unpack(stored: Vec<u8>) -> io::Result<Vec<u8>> {
        if stored.starts_with(&FRAME) {
            zstd::decode_all(&*stored)
        } else {
            Ok(stored)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_request_is_unpacked_to_the_same_bytes() {
        let large = b"{\"amount\": -12.5}, ".repeat(5_000);
        let frame = zstd::encode_all(&*large, LEVEL).unwrap();
        for request in [
            Vec::new(),
            b"short".to_vec(),
            large,
            frame.clone(),
            FRAME.to_vec(),
        ] {
            let packed = PackedRequest::pack(request.clone());
            let unpacked = PackedRequest::unpack(packed.as_bytes().to_vec()).unwrap();
            assert_eq!(unpacked, request);
        }
    }

    #[test]
    fn large_request_takes_a_fraction_of_its_bytes() {
        let request = vec![b' '; 1_000_000];
        assert!(PackedRequest::pack(request).as_bytes().len() < 10_000);
    }

    #[test]
    fn request_that_does_not_shrink_is_stored_as_it_is() {
        let mut number = 1_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            number.to_be_bytes()[0]
        })
        .take(4_000)
        .collect();
        assert_eq!(PackedRequest::pack(noise.clone()).as_bytes(), noise);
    }

    #[test]
    fn cut_frame_is_an_error() {
        let packed = PackedRequest::pack(vec![b' '; 10_000]);
        let bytes = packed.as_bytes();
        assert!(PackedRequest::unpack(bytes[..bytes.len() - 3].to_vec()).is_err());
    }
}
