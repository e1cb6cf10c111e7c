//! What holds of every record, wherever it was read: it stands being written down, and being settled.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ledger::{PriceBook, Rules, settle};
use model::{EvidenceBatch, Record, SessionId, Source, Timestamp};
use store::codec::{Decoder, Encoder};

static PRICES: LazyLock<PriceBook> = LazyLock::new(|| PriceBook::embedded().expect("a price book"));

/// Records come back from the evidence as they were, and amount to something, whatever it is.
pub fn check(records: Vec<Record>) {
    let mut batches: BTreeMap<(SessionId, Source), Vec<Record>> = BTreeMap::new();
    for record in records {
        batches.entry((record.session.clone(), record.source)).or_default().push(record);
    }
    let batches: Vec<EvidenceBatch> = batches
        .into_iter()
        .map(|((session, source), records)| EvidenceBatch { session, source, records })
        .collect();
    let mut encoder = Encoder::new().expect("an encoder");
    let mut decoder = Decoder::new().expect("a decoder");
    for batch in &batches {
        let written = encoder.encode(batch).expect("records can be written down");
        let read = decoder.decode(batch.session.clone(), batch.source, &written).expect("and read back");
        assert_eq!(format!("{read:?}"), format!("{batch:?}"));
    }
    let now = Timestamp::from_seconds(1_795_200_000);
    settle(&batches, Rules { prices: &PRICES, now, quiet_micros: 0 });
}
