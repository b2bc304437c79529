//! Requests in files of the corpus: the first line is about the request, the rest is the body.

use std::str;

/// The first line, and what stands below it; a first line that is no text says nothing.
pub(crate) fn split(data: &[u8]) -> (&str, &[u8]) {
    let end = data.iter().position(|&byte| byte == b'\n');
    let (first, rest) = end.map_or((data, &[][..]), |end| (&data[..end], &data[end + 1..]));
    (str::from_utf8(first).unwrap_or_default().trim(), rest)
}

/// The pieces that a body of many lines arrives in: of so many bytes, or whole.
pub(crate) fn pieces(body: &[u8], size: &str) -> Vec<Vec<u8>> {
    match size.parse() {
        Ok(size) if size > 0 => body.chunks(size).map(<[u8]>::to_vec).collect(),
        _ => vec![body.to_vec()],
    }
}

/// The lines of a body that are answered, with their numbers from 1: not blank, or too large for anybody to know.
pub(crate) fn lines(body: &[u8], limit: usize) -> impl Iterator<Item = (u64, &[u8])> {
    let numbered = (1..).zip(body.split(|&byte| byte == b'\n'));
    numbered.filter(move |(_, line)| line.len() > limit || !line.trim_ascii().is_empty())
}
