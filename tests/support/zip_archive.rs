//! Zip archives without compression, which is what TorchScript files are: read, changed and written again.

/// The entries of an archive: names and contents.
pub struct ZipArchive(pub Vec<(String, Vec<u8>)>);

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;

impl ZipArchive {
    /// Reads an archive whose entries are stored.
    pub fn read(bytes: &[u8]) -> Self {
        let end = (0..bytes.len() - 21)
            .rev()
            .find(|&place| u32_at(bytes, place) == END)
            .unwrap();
        let mut entries = Vec::new();
        let mut place = u32_at(bytes, end + 16) as usize;
        for _ in 0..u16_at(bytes, end + 10) {
            assert_eq!(u32_at(bytes, place), CENTRAL);
            assert_eq!(u16_at(bytes, place + 10), 0, "stored");
            let size = u32_at(bytes, place + 24) as usize;
            let [name, extra, comment] = [28, 30, 32].map(|at| u16_at(bytes, place + at));
            let local = u32_at(bytes, place + 42) as usize;
            let begin = local + 30 + u16_at(bytes, local + 26) + u16_at(bytes, local + 28);
            let text = &bytes[place + 46..place + 46 + name];
            let text = String::from_utf8(text.to_owned()).unwrap();
            entries.push((text, bytes[begin..begin + size].to_owned()));
            place += 46 + name + extra + comment;
        }
        Self(entries)
    }

    /// The entry whose name ends like this.
    pub fn entry(&mut self, end: &str) -> &mut Vec<u8> {
        let mut entries = self.0.iter_mut();
        &mut entries.find(|(name, _)| name.ends_with(end)).unwrap().1
    }

    /// Writes the archive.
    pub fn write(&self) -> Vec<u8> {
        let (mut bytes, mut central) = (Vec::new(), Vec::new());
        for (name, content) in &self.0 {
            let local = bytes.len();
            let sizes = [crc32(content), number(content.len()), number(content.len())];
            let name_size = u16::try_from(name.len()).unwrap().to_le_bytes();
            // Version 2.0, no flags, stored, the first of January 1980.
            let common = [&[20, 0, 0, 0, 0, 0, 0, 0, 33, 0][..], &numbers(&sizes)].concat();
            for part in [&numbers(&[LOCAL])[..], &common, &name_size, &[0, 0]] {
                bytes.extend_from_slice(part);
            }
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(content);
            for part in [
                &numbers(&[CENTRAL])[..],
                &[20, 0],
                &common,
                &name_size,
                &[0; 12],
            ] {
                central.extend_from_slice(part);
            }
            central.extend_from_slice(&numbers(&[number(local)]));
            central.extend_from_slice(name.as_bytes());
        }
        let (begin, size) = (number(bytes.len()), number(central.len()));
        bytes.extend_from_slice(&central);
        let count = u16::try_from(self.0.len()).unwrap().to_le_bytes();
        let end = [&numbers(&[END])[..], &[0; 4], &count, &count];
        bytes.extend(end.concat());
        bytes.extend(numbers(&[size, begin]));
        bytes.extend([0, 0]);
        bytes
    }
}

fn number(size: usize) -> u32 {
    u32::try_from(size).unwrap()
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|one| one.to_le_bytes()).collect()
}

fn u16_at(bytes: &[u8], place: usize) -> usize {
    u16::from_le_bytes(bytes[place..place + 2].try_into().unwrap()).into()
}

fn u32_at(bytes: &[u8], place: usize) -> u32 {
    u32::from_le_bytes(bytes[place..place + 4].try_into().unwrap())
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg())
        })
    })
}
