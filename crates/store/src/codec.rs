//! How evidence is written: JSON, compressed, with a format number.
//!
//! Self-describing on purpose: evidence outlives versions of Pitwall, and fields that a later version
//! adds or drops must not make it unreadable. Contexts, which are equal for nearly all records of a
//! batch, are written once each. The keys of the records, which nothing compresses, follow the JSON as
//! they are.
//!
//! Most batches of telemetry are a few records of one session, too short to repeat themselves. What they
//! have in common with each other is in a dictionary (`scripts/evidence_dictionary.py`).
//!
//! | Format | After its number |
//! |---|---|
//! | 1 | JSON in one zstd frame, keys in it |
//! | 2 | JSON in one zstd frame with [`DICTIONARY`]; the keys, 16 bytes each, little-endian |

use std::borrow::Cow;
use std::sync::Arc;

use model::{
    AttributeValue, Context, EvidenceBatch, Observation, Record, RecordKey, SessionId, Source, Timestamp,
};
use serde::{Deserialize, Serialize};
use zstd::zstd_safe::CParameter;

use crate::StoreError;

/// The format written by this version.
pub const EVIDENCE_FORMAT: u8 = 2;

/// The format of before there was a dictionary.
const WITHOUT_DICTIONARY: u8 = 1;

/// Never changes: what was written with it is read with it. Another one needs another format.
const DICTIONARY: &[u8] = include_bytes!("codec/evidence-2.dict");

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
    /// In the first format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<RecordKey>,
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
    frame: Vec<u8>,
}

impl Encoder {
    /// An encoder that has written nothing yet.
    pub fn new() -> Result<Self, StoreError> {
        let mut compressor =
            zstd::bulk::Compressor::with_dictionary(COMPRESSION_LEVEL, DICTIONARY).map_err(damaged)?;
        // The format tells which dictionary it is.
        compressor.set_parameter(CParameter::DictIdFlag(false)).map_err(damaged)?;
        Ok(Self { compressor, json: Vec::new(), frame: Vec::new() })
    }

    /// Writes a batch's records.
    pub fn encode(&mut self, batch: &EvidenceBatch) -> Result<Vec<u8>, StoreError> {
        self.json.clear();
        serde_json::to_writer(&mut self.json, &payload_of(batch)).map_err(damaged)?;
        let bound = zstd::zstd_safe::compress_bound(self.json.len());
        if self.frame.len() < bound {
            self.frame.resize(bound, 0);
        }
        let size = self.compressor.compress_to_buffer(&self.json, &mut self.frame[..]).map_err(damaged)?;
        let mut bytes = Vec::with_capacity(1 + size + batch.records.len() * size_of::<u128>());
        bytes.push(EVIDENCE_FORMAT);
        bytes.extend_from_slice(&self.frame[..size]);
        bytes.extend(batch.records.iter().flat_map(|record| record.key.as_u128().to_le_bytes()));
        Ok(bytes)
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
            key: None,
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

/// Reads batches back, one after the other; what it needs for that is made once.
pub struct Decoder {
    plain: zstd::bulk::Decompressor<'static>,
    primed: zstd::bulk::Decompressor<'static>,
}

impl Decoder {
    /// A decoder that has read nothing yet.
    pub fn new() -> Result<Self, StoreError> {
        let plain = zstd::bulk::Decompressor::new().map_err(damaged)?;
        let primed = zstd::bulk::Decompressor::with_dictionary(DICTIONARY).map_err(damaged)?;
        Ok(Self { plain, primed })
    }

    /// Reads a batch back.
    pub fn decode(
        &mut self,
        session: SessionId,
        source: Source,
        bytes: &[u8],
    ) -> Result<EvidenceBatch, StoreError> {
        let (format, rest) = bytes.split_first().ok_or_else(|| damaged("an empty evidence batch"))?;
        let (keys, json) = match *format {
            WITHOUT_DICTIONARY => (Vec::new(), decompress(&mut self.plain, rest)?),
            EVIDENCE_FORMAT => {
                let size = zstd::zstd_safe::find_frame_compressed_size(rest)
                    .map_err(|code| damaged(zstd::zstd_safe::get_error_name(code)))?;
                let (frame, keys) =
                    rest.split_at_checked(size).ok_or_else(|| damaged("a batch that is cut short"))?;
                let (keys, _) = keys.as_chunks();
                let keys = keys.iter().map(|key| RecordKey::from_bits(u128::from_le_bytes(*key)));
                (keys.collect(), decompress(&mut self.primed, frame)?)
            }
            found => {
                let (found, known) = (u32::from(found), u32::from(EVIDENCE_FORMAT));
                return Err(StoreError::NewerFormat { found, known });
            }
        };
        let payload: Payload<'_> = serde_json::from_slice(&json).map_err(damaged)?;
        let contexts: Vec<_> =
            payload.contexts.into_iter().map(|context| Arc::new(context.into_owned())).collect();
        let mut keys = keys.into_iter();
        let records = payload.records.into_iter().map(|stored| {
            let key = stored.key.or_else(|| keys.next()).ok_or_else(|| damaged("a record without a key"))?;
            let context =
                contexts.get(stored.context).ok_or_else(|| damaged("a context that is not there"))?;
            Ok(Record {
                key,
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
}

fn decompress(decompressor: &mut zstd::bulk::Decompressor<'_>, frame: &[u8]) -> Result<Vec<u8>, StoreError> {
    let size = zstd::zstd_safe::get_frame_content_size(frame).ok().flatten().unwrap_or(0);
    let capacity = usize::try_from(size).unwrap_or(usize::MAX).min(MAX_DECOMPRESSED_BYTES);
    decompressor.decompress(frame, capacity).map_err(damaged)
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

    fn decode(bytes: &[u8]) -> Result<EvidenceBatch, StoreError> {
        Decoder::new().unwrap().decode("s".into(), Source::Events, bytes)
    }

    /// As the first version wrote [`batch`].
    #[test]
    fn the_first_format_is_read() {
        let batch = batch();
        let mut payload = payload_of(&batch);
        for (stored, record) in payload.records.iter_mut().zip(&batch.records) {
            stored.key = Some(record.key);
        }
        let json = serde_json::to_vec(&payload).unwrap();
        assert!(json.starts_with(
            br#"{"contexts":[{"email":"mira@example.org"},{"terminal":"vscode"}],"records":[{"key":""#
        ));
        let mut bytes = vec![WITHOUT_DICTIONARY];
        bytes.extend(zstd::bulk::compress(&json, COMPRESSION_LEVEL).unwrap());
        assert_eq!(decode(&bytes).unwrap(), batch);
    }

    /// Two ways to tell that somebody has changed it: ledgers that were written with it could not be read.
    #[test]
    fn the_dictionary_is_the_one_that_ledgers_were_written_with() {
        assert_eq!(RecordKey::of(&[DICTIONARY]).to_string(), "db5ba0e15488eed50be556fd2cca1d89");
        let bytes = encode(&batch());
        assert!(Decoder::new().unwrap().plain.decompress(&bytes[1..bytes.len() - 3 * 16], 1 << 20).is_err());
    }

    #[test]
    fn a_batch_survives() {
        let batch = batch();
        let bytes = encode(&batch);
        assert_eq!(decode(&bytes).unwrap(), batch);
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
        assert!(decode(&bytes).unwrap() == batch, "a number has changed");
    }

    #[test]
    fn damage_is_told() {
        let mut bytes = encode(&batch());
        bytes.truncate(bytes.len() / 2);
        assert!(matches!(decode(&bytes), Err(StoreError::Damaged(_))));
        assert!(matches!(decode(&[9]), Err(StoreError::NewerFormat { found: 9, .. })));
    }
}
