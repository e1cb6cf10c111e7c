//! Telling bookkeeping from content without reading the line.
//!
//! Most of a transcript's bytes are lines nobody counts: attachments, snapshots, copies of requests. Their
//! kind stands near the beginning, so they are skipped after a few dozen bytes, however long they are.

/// How far into a line its kind is looked for, in bytes.
const MAX_PEEK_BYTES: usize = 1024;

/// What the beginning of a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peek {
    /// Nothing in the line counts, whatever the rest of it is.
    Bookkeeping,
    /// The line may count.
    Content,
}

/// Looks at the beginning of a line, which may be cut off anywhere.
pub(super) fn peek(line: &[u8]) -> Peek {
    let line = &line[..line.len().min(MAX_PEEK_BYTES)];
    let mut scanner = Scanner { bytes: line, position: 0 };
    match scanner.kind() {
        Some(kind) if !counts(kind) => Peek::Bookkeeping,
        _ => Peek::Content,
    }
}

/// Whether lines of this kind are read.
pub(super) fn counts(kind: &[u8]) -> bool {
    matches!(kind, b"assistant" | b"user" | b"system" | b"cost-state" | b"pr-link" | b"queue-operation")
}

struct Scanner<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Scanner<'a> {
    /// The kind of the line, when only simple values stand before it.
    fn kind(&mut self) -> Option<&'a [u8]> {
        self.expect(b'{')?;
        loop {
            let key = self.string()?;
            self.expect(b':')?;
            match key {
                b"type" => return self.string(),
                // An attachment's own type is inside of it; the line's comes after, often very far.
                b"attachment" => return Some(key),
                _ => self.simple_value()?,
            }
            self.expect(b',')?;
        }
    }

    fn next_token(&mut self) -> Option<u8> {
        while self.bytes.get(self.position)?.is_ascii_whitespace() {
            self.position += 1;
        }
        self.bytes.get(self.position).copied()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next_token()? == byte).then(|| self.position += 1)
    }

    /// A string without escapes.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.expect(b'"')?;
        let rest = &self.bytes[self.position..];
        let end = memchr::memchr2(b'"', b'\\', rest)?;
        if rest[end] == b'\\' {
            return None;
        }
        self.position += end + 1;
        Some(&rest[..end])
    }

    fn simple_value(&mut self) -> Option<()> {
        match self.next_token()? {
            b'"' => self.string().map(drop),
            b'{' | b'[' => None,
            _ => {
                let rest = &self.bytes[self.position..];
                self.position += memchr::memchr2(b',', b'}', rest)?;
                Some(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bookkeeping_is_told_by_its_beginning() {
        for line in [
            r#"{"type":"file-history-snapshot","messageId":"x","snapshot":{"#,
            r#"{ "type" : "summary" , "summary":"x"}"#,
            r#"{"parentUuid":null,"isSidechain":false,"attachment":{"type":"user"#,
            r#"{"parentUuid":"a","isSidechain":false,"type":"progress","data":{"type":"assistant""#,
        ] {
            assert_eq!(peek(line.as_bytes()), Peek::Bookkeeping, "{line}");
        }
    }

    #[test]
    fn whatever_may_count_is_content() {
        for line in [
            r#"{"type":"assistant","message":{}}"#,
            r#"{"parentUuid":null,"isSidechain":false,"promptId":"x","type":"user","message":{"#,
            r#"{"message":{"type":"message"},"type":"summary"}"#,
            r#"{"text":"\"","type":"mode"}"#,
            r#"{"type":"cost-state","#,
            r#"{"typ"#,
            "[1,2]",
            "",
        ] {
            assert_eq!(peek(line.as_bytes()), Peek::Content, "{line}");
        }
        let far = format!(r#"{{"a":"{}","type":"mode"}}"#, "x".repeat(MAX_PEEK_BYTES));
        assert_eq!(peek(far.as_bytes()), Peek::Content);
    }
}
