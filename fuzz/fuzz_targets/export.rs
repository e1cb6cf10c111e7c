//! What holds of every export, however it was written.

use sources::claude_code::ClaudeCode;
use sources::otlp::{Admission, Encoding, Rejections, Signal, Translate, decode, encode};

use crate::kept;

const SIGNALS: [Signal; 3] = [Signal::Logs, Signal::Metrics, Signal::Traces];

/// Whatever can be decoded can be understood as Claude Code's, or not, and does not change when it is sent on.
pub fn check(data: &[u8], encoding: Encoding) {
    let Some((choice, body)) = data.split_first() else { return };
    let signal = SIGNALS[usize::from(*choice) % SIGNALS.len()];
    let mut rejections = Rejections::default();
    let Ok(export) = decode(signal, encoding, body, &mut rejections) else { return };
    let sent_on = encode(export.clone());
    let mut none = Rejections::default();
    let again =
        decode(signal, Encoding::Protobuf, &sent_on, &mut none).expect("what was encoded can be decoded");
    assert_eq!(format!("{again:?}"), format!("{export:?}"));
    assert_eq!(none.count(), 0);

    kept::check(ClaudeCode::default().translate(export, &Admission::default(), &mut rejections));
}
