//! What DUMP answers: an object type, a value, two bytes of version, eight of CRC-64. Source: cluster.c `createDumpPayload`,
//! `verifyDumpPayload`.

use snaptape_wire::Crc64;

/// What the key of a pasted value is called: DUMP does not say.
pub const PASTED_KEY: &str = "pasted";

/// Highest versions that are known, for the two magics.
const MAX_VERSION: u16 = 15;
/// See [`MAX_VERSION`].
const MAX_VALKEY_VERSION: u16 = 81;
/// From this version on files begin with VALKEY.
const VALKEY_SINCE: u16 = 80;
/// Highest object type of any server.
const MAX_TYPE: u8 = 33;

/// Type and value, version, and whether the checksum agrees.
fn parts(bytes: &[u8]) -> Option<(&[u8], u16, bool)> {
    let (covered, checksum) = bytes.split_last_chunk::<8>()?;
    let (value, version) = covered.split_last_chunk::<2>()?;
    let mut crc = Crc64::new();
    crc.update(covered);
    let agrees = crc.value() == u64::from_le_bytes(*checksum);
    (value.len() >= 2).then_some((value, u16::from_le_bytes(*version), agrees))
}

/// What is said of bytes that may be what DUMP answers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// They are.
    Good,
    /// They are, or were; one sentence says what speaks against it.
    Doubtful(String),
}

/// Is it what DUMP answers?
pub(crate) fn recognise(bytes: &[u8]) -> Option<Verdict> {
    let (value, version, agrees) = parts(bytes)?;
    let known = matches!(version, 1..=MAX_VERSION | VALKEY_SINCE..=MAX_VALKEY_VERSION);
    let object = value.first().copied()?;
    match (agrees, known) {
        (true, true) => Some(Verdict::Good),
        (true, false) => Some(Verdict::Doubtful(format!(
            "It is what DUMP answers, of RDB version {version}: newer than what is known here, so that its value may be misread."
        ))),
        // Chance makes one in some thousand look like this; a checksum would not.
        (false, true) if object <= MAX_TYPE => Some(Verdict::Doubtful(format!(
            "It looks like what DUMP answers (object type {object}, RDB version {version}), but its checksum does not agree: bytes are wrong or missing, and RESTORE refuses it."
        ))),
        _ => None,
    }
}

/// A snapshot with one key of that value; nothing where the bytes are too few to be what DUMP answers.
pub fn wrap(bytes: &[u8]) -> Option<Vec<u8>> {
    let (value, version, _) = parts(bytes)?;
    let (object, value) = value.split_first()?;
    let header =
        if version >= VALKEY_SINCE { format!("VALKEY{version:03}") } else { format!("REDIS{version:04}") };
    let mut file = Vec::with_capacity(bytes.len() + 32);
    // A version of more digits than there is room for is a fault in its upper byte.
    file.extend_from_slice(header.as_bytes().get(..9)?);
    file.extend_from_slice(&[0xfe, 0, *object]);
    file.push(u8::try_from(PASTED_KEY.len()).ok()?);
    file.extend_from_slice(PASTED_KEY.as_bytes());
    file.extend_from_slice(value);
    file.push(0xff);
    if version >= 5 {
        let mut crc = Crc64::new();
        crc.update(&file);
        file.extend_from_slice(&crc.value().to_le_bytes());
    }
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `SET k hello`, DUMP, of Redis 7.0.
    fn dump(version: u16) -> Vec<u8> {
        let mut bytes = b"\x00\x05hello".to_vec();
        bytes.extend_from_slice(&version.to_le_bytes());
        let mut crc = Crc64::new();
        crc.update(&bytes);
        bytes.extend_from_slice(&crc.value().to_le_bytes());
        bytes
    }

    #[test]
    fn what_dump_answers_becomes_a_snapshot() {
        assert_eq!(recognise(&dump(10)), Some(Verdict::Good));
        let file = wrap(&dump(10)).unwrap();
        assert!(file.starts_with(b"REDIS0010\xfe\x00\x00\x06pasted\x05hello\xff"), "{}", file.escape_ascii());
        assert!(wrap(&dump(80)).unwrap().starts_with(b"VALKEY080"));
        assert!(wrap(&dump(4)).unwrap().ends_with(b"hello\xff"));
        assert_eq!(wrap(b"too short"), None);
    }

    #[test]
    fn what_speaks_against_it_is_said() {
        let mut wrong = dump(11);
        wrong[3] ^= 1;
        let doubt = |bytes: &[u8]| match recognise(bytes) {
            Some(Verdict::Doubtful(why)) => why,
            other => panic!("{other:?}"),
        };
        assert!(doubt(&wrong).contains("checksum does not agree"));
        assert!(doubt(&dump(99)).contains("version 99"));
        assert_eq!(recognise(b"hello, this is no dump"), None);
        assert_eq!(recognise(&[0; 11]), None);
    }
}
