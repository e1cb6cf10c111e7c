//! Bodies that were damaged on the way: whatever comes, nothing panics.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use sources::claude_code::ClaudeCode;
use sources::otlp::{Admission, Rejections, Translate, decode};

use super::fixtures::{self, Capture};

fn captures() -> Vec<Capture> {
    ["http-json/edits-accepted", "http-protobuf/subagent", "traces/subagent"]
        .into_iter()
        .flat_map(|name| fixtures::own(name).captures)
        .collect()
}

fn read(capture: &Capture, body: &[u8]) {
    let mut rejections = Rejections::default();
    if let Ok(export) = decode(capture.signal, capture.encoding, body, &mut rejections) {
        let items = export.len();
        let records = ClaudeCode::default().translate(export, &Admission::default(), &mut rejections);
        assert!(records.len() <= items);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_body_is_read_or_refused(
        which: Index,
        damage in vec((any::<Index>(), any::<u8>()), 1..20),
        cut: Option<Index>,
    ) {
        let captures = captures();
        let capture = which.get(&captures);
        let mut body = capture.body.clone();
        for (position, byte) in damage {
            let position = position.index(body.len());
            body[position] = byte;
        }
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len()));
        }
        read(capture, &body);
    }

    #[test]
    fn noise_is_read_or_refused(which: Index, body in vec(any::<u8>(), 0..300)) {
        let captures = captures();
        read(which.get(&captures), &body);
    }
}
