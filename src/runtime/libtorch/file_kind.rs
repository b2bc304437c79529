//! Kind of a file that libtorch cannot load: other files of PyTorch and of other frameworks, by their first bytes or by the
//! names in their archive.

/// Marks in front of the entries and of the end of a zip archive's directory.
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";

/// Size of a directory entry without its name, and of the directory's end.
const ENTRY_SIZE: usize = 46;
const END_SIZE: usize = 22;

/// What a file is that is not TorchScript, in words; `None` when it is TorchScript or nothing known.
pub(super) fn kind_of_other_file(bytes: &[u8]) -> Option<&'static str> {
    if let Some(names) = names_in_archive(bytes) {
        return kind_of_archive(bytes, &names);
    }
    let begins = |mark: &[u8]| bytes.starts_with(mark);
    if bytes.is_empty() {
        Some("an empty file")
    } else if begins(b"version https://git-lfs") {
        Some("a pointer of Git LFS, whose file was not fetched (git lfs pull)")
    } else if begins(b"\x89HDF") {
        Some("an HDF5 file, as Keras writes it")
    } else if begins(b"\x1f\x8b") {
        Some("a gzip file")
    } else if begins(b"PK") {
        Some("a zip archive that is cut off")
    } else if begins(b"\x80") {
        Some("a pickle, as pickle.dump and old versions of torch.save write it")
    } else if bytes.get(8) == Some(&b'{') && bytes.get(6..8) == Some(&[0, 0]) {
        Some("weights without code (safetensors)")
    } else if begins(b"\x08") && contains(&bytes[..bytes.len().min(512)], b"pytorch") {
        Some("an ONNX model")
    } else if begins(b"<") {
        Some("a web page or an XML file")
    } else {
        None
    }
}

fn kind_of_archive(bytes: &[u8], names: &[&[u8]]) -> Option<&'static str> {
    let has = |end: &[u8]| names.iter().any(|name| name.ends_with(end));
    if has(b"/constants.pkl") {
        None
    } else if has(b"/archive_format") || has(b"exported_program.json") || has(b"models/model.json")
    {
        Some("a program of torch.export (.pt2)")
    } else if has(b"data.pkl") && contains(bytes, b"torch.nn.modules") {
        Some("a pickled module of torch.save, which needs its Python code")
    } else if has(b"data.pkl") {
        Some("weights without code, as torch.save writes a state_dict or a checkpoint")
    } else if has(b".npy") {
        Some("an archive of NumPy")
    } else {
        Some("a zip archive of another program")
    }
}

/// The names in the directory of a zip archive; `None` when there is no directory.
fn names_in_archive(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    // A comment of up to 64 kB may follow the end.
    let tail = bytes.len().saturating_sub(END_SIZE + usize::from(u16::MAX));
    let mut ends = (tail..bytes.len().saturating_sub(END_SIZE - 1)).rev();
    let end = ends.find(|&place| bytes[place..].starts_with(&END))?;
    let number = |place: usize, size: usize| {
        let digits = bytes.get(place..place + size)?.iter().rev();
        Some(digits.fold(0, |number, &digit| number << 8 | usize::from(digit)))
    };
    let mut place = number(end + 16, 4)?;
    let mut names = Vec::new();
    while bytes.get(place..place + 4) == Some(&ENTRY) {
        let name = number(place + 28, 2)?;
        let others = number(place + 30, 2)? + number(place + 32, 2)?;
        let begin = place + ENTRY_SIZE;
        names.push(bytes.get(begin..begin + name)?);
        place = begin + name + others;
    }
    (!names.is_empty()).then_some(names)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A zip archive's directory, of which only names are read.
    fn archive(names: &[&str]) -> Vec<u8> {
        let mut bytes = b"content ".to_vec();
        let directory = u32::try_from(bytes.len()).unwrap();
        for name in names {
            let mut entry = [0; ENTRY_SIZE];
            entry[..4].copy_from_slice(&ENTRY);
            entry[28] = u8::try_from(name.len()).unwrap();
            bytes.extend(entry);
            bytes.extend(name.as_bytes());
        }
        let mut end = [0; END_SIZE];
        end[..4].copy_from_slice(&END);
        end[16..20].copy_from_slice(&directory.to_le_bytes());
        bytes.extend(end);
        bytes
    }

    #[test]
    fn archives_are_told_apart_by_their_names() {
        let kind = |names: &[&str]| kind_of_other_file(&archive(names)).unwrap_or("TorchScript");
        assert_eq!(kind(&["n/data.pkl", "n/constants.pkl"]), "TorchScript");
        assert!(kind(&["n/data.pkl", "n/data/0"]).contains("state_dict"));
        assert!(kind(&["n/data.pkl", "n/torch.nn.modules"]).contains("pickled module"));
        assert!(kind(&["n/archive_format"]).contains("torch.export"));
        assert!(kind(&["serialized_exported_program.json"]).contains("torch.export"));
        assert!(kind(&["weights.npy"]).contains("NumPy"));
        assert!(kind(&["xl/workbook.xml"]).contains("another program"));
    }

    #[test]
    fn other_files_are_told_apart_by_their_first_bytes() {
        let kind = |bytes: &[u8]| kind_of_other_file(bytes).unwrap_or("unknown");
        assert!(kind(b"").contains("empty"));
        assert!(kind(b"\x80\x02}q\x00").contains("pickle"));
        assert!(kind(b"\x40\0\0\0\0\0\0\0{\"a\":1}").contains("safetensors"));
        assert!(kind(b"\x08\x08\x12\x07pytorch").contains("ONNX"));
        assert!(kind(b"PK\x03\x04").contains("cut off"));
        assert_eq!(kind(b"anything else"), "unknown");
        let whole = archive(&["n/constants.pkl"]);
        for length in 0..whole.len() {
            // Whatever is cut off: no place outside of the file is read.
            let _ = kind_of_other_file(&whole[..length]);
        }
    }
}
