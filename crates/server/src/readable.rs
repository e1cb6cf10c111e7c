//! Bytes as characters that people can read to each other.

/// Five bits a character; letters and digits that are not mistaken for each other.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// One character per byte, out of its lowest five bits: for random or hashed bytes.
pub(crate) fn readable(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}
