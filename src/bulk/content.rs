//! Content of a file by its first bytes: files that are not what their names say.

/// A kind of content that is not read as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Content {
    /// Compressed by a program of this name; the second name is that of the command that prints the content.
    #[error(
        "compressed by {name}: decompress it first, as with `{command} FILE | microseg score -`, and --format csv for a table"
    )]
    Compressed {
        /// The program.
        name: &'static str,
        /// The command that prints the content.
        command: &'static str,
    },
    /// A ZIP archive, as office documents are.
    #[error("a ZIP archive, as .xlsx and .ods workbooks are: save the table as CSV")]
    Zip,
    /// A workbook of old Excel versions.
    #[error("an .xls workbook: save the table as CSV")]
    OldWorkbook,
    /// Text of two or four bytes a character.
    #[error("{0} text: convert it first, as with `iconv -f {0} -t UTF-8`")]
    WideText(&'static str),
    /// Parquet where text was expected.
    #[error("Parquet: --format parquet reads it")]
    Parquet,
    /// A table or document in another format.
    #[error("{0}, which is not read")]
    Other(&'static str),
    /// Bytes that are no text.
    #[error("binary: neither text nor Parquet")]
    Binary,
}

/// The first bytes of formats that have such.
const SIGNATURES: [(&[u8], Content); 18] = [
    (b"\x1f\x8b", compressed("gzip", "zcat")),
    (b"\x28\xb5\x2f\xfd", compressed("zstd", "zstdcat")),
    (b"BZh", compressed("bzip2", "bzcat")),
    (b"\xfd7zXZ\0", compressed("xz", "xzcat")),
    (b"\x04\x22\x4d\x18", compressed("lz4", "lz4cat")),
    (b"\xff\x06\0\0sNaPpY", compressed("snappy", "snzip -dc")),
    (b"PK\x03\x04", Content::Zip),
    (b"PK\x05\x06", Content::Zip),
    (b"\xd0\xcf\x11\xe0", Content::OldWorkbook),
    (b"\xff\xfe\0\0", Content::WideText("UTF-32")),
    (b"\0\0\xfe\xff", Content::WideText("UTF-32")),
    (b"\xff\xfe", Content::WideText("UTF-16")),
    (b"\xfe\xff", Content::WideText("UTF-16")),
    (b"PAR1", Content::Parquet),
    (b"Obj\x01", Content::Other("Avro")),
    (b"ARROW1", Content::Other("Arrow IPC")),
    (b"SQLite format 3\0", Content::Other("an SQLite database")),
    (b"%PDF-", Content::Other("a PDF document")),
];

const fn compressed(name: &'static str, command: &'static str) -> Content {
    Content::Compressed { name, command }
}

impl Content {
    /// What a text that begins with these bytes is instead; `None` when it may be a text.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        let signed = SIGNATURES.iter().find(|(bytes, _)| head.starts_with(bytes));
        signed
            .map(|&(_, content)| content)
            .or_else(|| Self::without_signature(head))
    }

    fn without_signature(head: &[u8]) -> Option<Self> {
        let zeros = |skip| {
            let every_second = head.iter().skip(skip).step_by(2);
            every_second.filter(|&&byte| byte == 0).count()
        };
        let (even, odd) = (zeros(0), zeros(1));
        // Latin letters have a zero in one of their two bytes.
        if head.len() >= 4 && (even + odd) * 4 > head.len() {
            match (even, odd) {
                (0, _) => return Some(Self::WideText("UTF-16LE")),
                (_, 0) => return Some(Self::WideText("UTF-16BE")),
                _ => {}
            }
        }
        // The head may end inside of a character.
        let is_text = match std::str::from_utf8(head) {
            Ok(_) => true,
            Err(error) => error.error_len().is_none(),
        };
        (even + odd > 0 && !is_text).then_some(Self::Binary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_known_by_its_first_bytes() {
        let wide =
            |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        for (head, found) in [
            (b"\x1f\x8b\x08\0".to_vec(), "compressed by gzip"),
            (b"\x28\xb5\x2f\xfd\x04".to_vec(), "compressed by zstd"),
            (b"PK\x03\x04junk".to_vec(), "a ZIP archive"),
            (wide("\u{feff}customer_id"), "UTF-16 text"),
            (wide("customer_id,amount"), "UTF-16LE text"),
            (b"PAR1\x15".to_vec(), "Parquet"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff".to_vec(), "binary"),
        ] {
            let content = Content::of(&head).unwrap().to_string();
            assert!(content.starts_with(found), "{content}");
        }
    }

    #[test]
    fn text_in_any_language_is_text() {
        let long = "\u{17d}luť".repeat(2_000);
        for text in [
            "",
            "a",
            "\u{feff}customer_id,amount\n",
            "{}",
            "P",
            "BZ",
            &long[..4_095],
        ] {
            assert_eq!(Content::of(text.as_bytes()), None, "{text}");
        }
        // Latin 1, and zeros as MySQL writes bits.
        assert_eq!(Content::of(b"id,name\n1,caf\xe9\n"), None);
        assert_eq!(Content::of(b"id,flag\n1,\0\n"), None);
    }
}
