//! The records behind postings, and where each was read or received.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ledger::witnesses;
use model::{
    CanonicalModel, ClientTotals, Counter, EvidenceBatch, ItemKey, Kind, Observation, Posting, Record,
    RecordKey, RequestSeen, SessionId, Timestamp, canonical_model,
};
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::ToSchema;

use super::Standing;
use crate::ReportError;
use crate::figures::Tokens;

/// One record behind a posting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Witness {
    /// `transcripts`, `events` or `metrics`.
    pub source: String,
    /// When it happened, by the sender's clock.
    pub at: jiff::Timestamp,
    /// The session it was observed in; another than the posting's when it is a copy.
    pub session_id: String,
    /// The transcript file, where that was kept.
    #[schema(required)]
    pub file: Option<String>,
    /// The line in it, from one.
    #[schema(required)]
    pub line: Option<i64>,
    /// The batch it came in with: the time of the transaction that brought it. Null where the store does not
    /// tell.
    #[schema(required)]
    pub received_at: Option<jiff::Timestamp>,
    /// The API's id of the request, where told.
    #[schema(required)]
    pub request_id: Option<String>,
    /// The API's id of the message, where told.
    #[schema(required)]
    pub message_id: Option<String>,
    /// What it tells, in a few words.
    pub tells: String,
    /// The tokens it tells of.
    pub tokens: Tokens,
    /// The cost that the client told with it, in micro-dollars.
    #[schema(required)]
    pub cost_micros: Option<i64>,
    /// Whether its token counts are those that stand.
    pub counts: bool,
}

/// Evidence of some sessions, and what settlement makes of it.
pub(crate) struct Found {
    /// By key: a line that was copied into other sessions' files has the same one there.
    records: HashMap<RecordKey, Vec<Dated>>,
    /// By item, the records that tell of the request.
    requests: HashMap<ItemKey, BTreeSet<RecordKey>>,
    /// Points of running totals, by instant.
    totals: BTreeMap<Timestamp, Vec<Dated>>,
}

#[derive(Clone)]
struct Dated {
    record: Record,
    received_at: Timestamp,
}

impl Found {
    /// Reads the evidence of the postings' sessions and of their kin.
    pub(crate) async fn ask(store: &dyn Store, standing: &[Standing]) -> Result<Self, ReportError> {
        let sessions: BTreeSet<SessionId> =
            standing.iter().map(|standing| standing.posting.session.clone()).collect();
        let mut found = Self { records: HashMap::new(), requests: HashMap::new(), totals: BTreeMap::new() };
        for family in families(store, sessions).await? {
            let family: Vec<SessionId> = family.into_iter().collect();
            found.add(store.dated_evidence(&family).await?);
        }
        Ok(found)
    }

    fn add(&mut self, dated: Vec<(Timestamp, EvidenceBatch)>) {
        let batches: Vec<EvidenceBatch> = dated.iter().map(|(_, batch)| batch.clone()).collect();
        let requests = witnesses(&batches).into_iter();
        self.requests.extend(requests.map(|(item, records)| (item, records.into_iter().collect())));
        for (received_at, batch) in dated {
            for record in batch.records {
                let dated = Dated { received_at, record };
                if matches!(dated.record.observation, Observation::Counter(_) | Observation::Totals(_)) {
                    self.totals.entry(dated.record.at).or_default().push(dated.clone());
                }
                self.records.entry(dated.record.key).or_default().push(dated);
            }
        }
    }

    /// The records behind a posting, transcripts first, each source oldest first.
    pub(crate) fn of(&self, posting: &Posting) -> Vec<Witness> {
        let mut witnesses: Vec<(&Dated, Witness)> = match posting.kind {
            Kind::Request => {
                let seen = self.seen(posting).into_iter();
                seen.map(|(dated, seen)| (dated, request_witness(dated, seen, posting))).collect()
            }
            _ => self.totals_of(posting),
        };
        witnesses.sort_by_key(|(dated, _)| {
            (std::cmp::Reverse(dated.record.source), dated.record.at, dated.record.line())
        });
        witnesses.into_iter().map(|(_, witness)| witness).collect()
    }

    /// Whether there is evidence of a request; what was deleted says nothing, neither way.
    pub(crate) fn knows(&self, posting: &Posting) -> bool {
        !self.seen(posting).is_empty()
    }

    /// The sightings of a request.
    fn seen(&self, posting: &Posting) -> Vec<(&Dated, &RequestSeen)> {
        let records = self.requests.get(&posting.item).into_iter().flatten();
        let records = records.filter_map(|key| self.records.get(key)).flatten();
        let seen = records.filter_map(|dated| match &dated.record.observation {
            Observation::Request(seen) => Some((dated, seen)),
            _ => None,
        });
        seen.collect()
    }

    /// The sightings of a request in transcripts, by what other readers of transcripts tell them apart:
    /// message id and request id.
    pub(crate) fn transcript_copies(
        &self,
        posting: &Posting,
    ) -> BTreeMap<(String, String), Vec<&RequestSeen>> {
        let mut copies: BTreeMap<(String, String), Vec<&RequestSeen>> = BTreeMap::new();
        let mut seen = self.seen(posting);
        seen.sort_by_key(|(dated, _)| (dated.record.at, dated.record.line()));
        let lines = seen.into_iter().filter(|(dated, _)| dated.record.source == model::Source::Transcripts);
        for (_, seen) in lines {
            let id = |id: &Option<String>| id.clone().unwrap_or_default();
            copies.entry((id(&seen.message_id), id(&seen.request_id))).or_default().push(seen);
        }
        copies
    }

    /// The points of running totals that proved an unattributed posting: those of its instant, of its session
    /// or, where a session stands for several, of its kin.
    fn totals_of(&self, posting: &Posting) -> Vec<(&Dated, Witness)> {
        let model = canonical_model(&posting.model);
        let at_that_instant: Vec<&Dated> = self.totals.get(&posting.at).into_iter().flatten().collect();
        let own = at_that_instant.iter().any(|dated| dated.record.session == posting.session);
        let told_by =
            at_that_instant.into_iter().filter(|dated| !own || dated.record.session == posting.session);
        told_by.filter_map(|dated| Some((dated, total_witness(dated, &model)?))).collect()
    }
}

/// The families that the sessions belong to, each once.
async fn families(
    store: &dyn Store,
    sessions: BTreeSet<SessionId>,
) -> Result<Vec<BTreeSet<SessionId>>, ReportError> {
    let mut known: BTreeSet<SessionId> = BTreeSet::new();
    let mut families = Vec::new();
    for session in sessions {
        if known.contains(&session) {
            continue;
        }
        let mut family = BTreeSet::from([session.clone()]);
        let mut asked = vec![session];
        while !asked.is_empty() {
            let kin = store.kin(&asked).await?;
            asked = kin
                .into_iter()
                .map(|(_, relative)| relative)
                .filter(|relative| family.insert(relative.clone()))
                .collect();
        }
        known.extend(family.iter().cloned());
        families.push(family);
    }
    Ok(families)
}

fn request_witness(dated: &Dated, seen: &RequestSeen, posting: &Posting) -> Witness {
    let counts = seen.usage.total() == posting.measures.tokens.total()
        && seen.usage.output == posting.measures.tokens.output;
    let tells = match (dated.record.source == model::Source::Transcripts, seen.finished) {
        (false, _) => "the request, with its cost",
        (true, true) => "the answer, finished",
        (true, false) => "a part of the answer, not finished",
    };
    Witness {
        request_id: seen.request_id.clone(),
        message_id: seen.message_id.clone(),
        tells: tells.to_owned(),
        tokens: (&seen.usage).into(),
        cost_micros: seen.cost.map(|cost| model::Money::to_micros(cost.as_picos().into())),
        counts,
        ..witness(dated)
    }
}

/// `None` for a total that tells nothing of the model.
fn total_witness(dated: &Dated, model: &CanonicalModel) -> Option<Witness> {
    let mut witness = witness(dated);
    match &dated.record.observation {
        Observation::Counter(point) => {
            let (named, amount) = match &point.counter {
                Counter::Tokens { model, kind } => (model, format!("{} {kind:?} tokens", point.value)),
                Counter::Cost { model } => (model, format!("{} dollars", point.value)),
                _ => return None,
            };
            witness.tells = format!("a metric: {amount}").to_lowercase();
            (canonical_model(named) == *model).then_some(witness)
        }
        Observation::Totals(ClientTotals { models, .. }) => {
            let (_, usage, cost) = models.iter().find(|(name, _, _)| canonical_model(name) == *model)?;
            witness.tells = "the client's totals of the session so far".to_owned();
            witness.tokens = usage.into();
            witness.cost_micros = Some(model::Money::to_micros(cost.as_picos().into()));
            Some(witness)
        }
        _ => None,
    }
}

/// What every record tells of itself.
fn witness(dated: &Dated) -> Witness {
    let Dated { record, received_at } = dated;
    Witness {
        source: record.source.as_str().to_owned(),
        at: record.at.to_jiff(),
        session_id: record.session.told().to_owned(),
        file: record.context.file.as_deref().map(str::to_owned),
        line: record.line(),
        received_at: (*received_at != Timestamp::MIN).then(|| received_at.to_jiff()),
        request_id: None,
        message_id: None,
        tells: String::new(),
        tokens: Tokens::default(),
        cost_micros: None,
        counts: false,
    }
}
