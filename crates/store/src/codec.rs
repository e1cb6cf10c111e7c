//! How evidence is written: JSON, compressed, with a format number.
//!
//! Self-describing on purpose: evidence outlives versions of Pitwall, and fields that a later version
//! adds or drops must not make it unreadable. Contexts, which are equal for nearly all records of a
//! batch, are written once each.

use std::borrow::Cow;
use std::sync::Arc;

use model::{
    AttributeValue, Context, EvidenceBatch, Observation, Record, RecordKey, SessionId, Source, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// The format written by this version.
pub const EVIDENCE_FORMAT: u8 = 1;

/// On batches this small higher levels cost more time and save no space.
const COMPRESSION_LEVEL: i32 = 1;

/// The largest batch that is read back, decompressed; far above what intake writes.
const MAX_DECOMPRESSED_BYTES: usize = 1 << 30;

#[derive(Serialize, Deserialize)]
struct Payload<'a> {
    contexts: Vec<Cow<'a, Context>>,
    records: Vec<StoredRecord<'a>>,
}

#[derive(Serialize, Deserialize)]
struct StoredRecord<'a> {
    key: RecordKey,
    at: Timestamp,
    context: usize,
    observation: Cow<'a, Observation>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    extra: Cow<'a, [(String, AttributeValue)]>,
}

/// Writes batches, one after the other; what it needs for that is made once.
pub struct Encoder {
    compressor: zstd::bulk::Compressor<'static>,
    json: Vec<u8>,
    compressed: Vec<u8>,
}

impl Encoder {
    /// An encoder that has written nothing yet.
    pub fn new() -> Result<Self, StoreError> {
        let compressor = zstd::bulk::Compressor::new(COMPRESSION_LEVEL).map_err(damaged)?;
        Ok(Self { compressor, json: Vec::new(), compressed: Vec::new() })
    }

    /// Writes a batch's records.
    pub fn encode(&mut self, batch: &EvidenceBatch) -> Result<Vec<u8>, StoreError> {
        self.json.clear();
        serde_json::to_writer(&mut self.json, &payload_of(batch)).map_err(damaged)?;
        let bound = zstd::zstd_safe::compress_bound(self.json.len());
        if self.compressed.len() < bound {
            self.compressed.resize(bound, 0);
        }
        let size =
            self.compressor.compress_to_buffer(&self.json, &mut self.compressed[..]).map_err(damaged)?;
        Ok([&[EVIDENCE_FORMAT], &self.compressed[..size]].concat())
    }
}

fn payload_of(batch: &EvidenceBatch) -> Payload<'_> {
    let mut contexts: Vec<&Arc<Context>> = Vec::new();
    let records = batch.records.iter().map(|record| {
        let known = contexts
            .iter()
            .position(|known| Arc::ptr_eq(known, &record.context) || **known == record.context);
        let context = known.unwrap_or_else(|| {
            contexts.push(&record.context);
            contexts.len() - 1
        });
        StoredRecord {
            key: record.key,
            at: record.at,
            context,
            observation: Cow::Borrowed(&record.observation),
            extra: Cow::Borrowed(&record.extra),
        }
    });
    let records = records.collect();
    let contexts = contexts.into_iter().map(|context| Cow::Borrowed(context.as_ref())).collect();
    Payload { contexts, records }
}

/// Reads a batch back.
pub fn decode(session: SessionId, source: Source, bytes: &[u8]) -> Result<EvidenceBatch, StoreError> {
    let (format, compressed) = bytes.split_first().ok_or_else(|| damaged("an empty evidence batch"))?;
    if *format > EVIDENCE_FORMAT {
        return Err(StoreError::NewerFormat { found: u32::from(*format), known: u32::from(EVIDENCE_FORMAT) });
    }
    let size = zstd::zstd_safe::get_frame_content_size(compressed).ok().flatten().unwrap_or(0);
    let capacity = usize::try_from(size).unwrap_or(usize::MAX).min(MAX_DECOMPRESSED_BYTES);
    let json = zstd::bulk::decompress(compressed, capacity).map_err(damaged)?;
    let payload: Payload<'_> = serde_json::from_slice(&json).map_err(damaged)?;
    let contexts: Vec<_> =
        payload.contexts.into_iter().map(|context| Arc::new(context.into_owned())).collect();
    let records = payload.records.into_iter().map(|stored| {
        let context = contexts.get(stored.context).ok_or_else(|| damaged("a context that is not there"))?;
        Ok(Record {
            key: stored.key,
            session: session.clone(),
            at: stored.at,
            source,
            context: Arc::clone(context),
            observation: stored.observation.into_owned(),
            extra: stored.extra.into_owned(),
        })
    });
    let records = records.collect::<Result<_, StoreError>>()?;
    Ok(EvidenceBatch { session, source, records })
}

fn damaged(error: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(error.to_string())
}

#[cfg(test)]
mod tests {
    use model::{Counter, CounterPoint, ItemKey, Occurrence, Prompt, Temporality};

    use super::*;

    fn batch() -> EvidenceBatch {
        let context = Arc::new(Context { email: Some("mira@example.org".into()), ..Context::default() });
        let other = Arc::new(Context { terminal: Some("vscode".into()), ..Context::default() });
        let record = |name: &str, context: &Arc<Context>, observation| Record {
            key: RecordKey::of(&[name.as_bytes()]),
            session: "s".into(),
            at: Timestamp::from_seconds(7),
            source: Source::Events,
            context: Arc::clone(context),
            observation,
            extra: vec![("own".into(), AttributeValue::Double(1.5))],
        };
        let prompt = Observation::Prompt(Prompt { length: Some(3), ..Prompt::default() });
        let hook = Observation::Occurrence(Occurrence { name: "hook".into(), ..Occurrence::default() });
        let records = vec![
            record("a", &context, prompt),
            record("b", &other, hook),
            record("c", &context, Observation::Unknown { name: "new".into() }),
        ];
        EvidenceBatch { session: "s".into(), source: Source::Events, records }
    }

    fn encode(batch: &EvidenceBatch) -> Vec<u8> {
        let mut encoder = Encoder::new().unwrap();
        encoder.encode(&EvidenceBatch { records: vec![batch.records[0].clone()], ..batch.clone() }).unwrap();
        encoder.encode(batch).unwrap()
    }

    #[test]
    fn a_batch_survives() {
        let batch = batch();
        let bytes = encode(&batch);
        assert_eq!(decode("s".into(), Source::Events, &bytes).unwrap(), batch);
    }

    /// What is read back settles to the same as what was written only if not a bit of it differs.
    #[test]
    fn numbers_survive_to_the_last_bit() {
        let value = |number: u32| 1.0 / f64::from(3 * number + 1) * 10f64.powi(number as i32 % 9 - 4);
        let record = |number| Record {
            observation: Observation::Counter(CounterPoint {
                counter: Counter::Commits,
                series: ItemKey::of("series", "s"),
                start: None,
                temporality: Temporality::Delta,
                value: value(number),
            }),
            extra: vec![("own".into(), AttributeValue::Double(value(number)))],
            ..batch().records[0].clone()
        };
        let batch = EvidenceBatch { records: (0..2_000).map(record).collect(), ..batch() };
        let bytes = encode(&batch);
        assert!(decode("s".into(), Source::Events, &bytes).unwrap() == batch, "a number has changed");
    }

    #[test]
    fn damage_is_told() {
        let mut bytes = encode(&batch());
        bytes.truncate(bytes.len() / 2);
        assert!(matches!(decode("s".into(), Source::Events, &bytes), Err(StoreError::Damaged(_))));
        assert!(matches!(
            decode("s".into(), Source::Events, &[9]),
            Err(StoreError::NewerFormat { found: 9, .. })
        ));
    }
}
