//! Requests to the model, each counted once.
//!
//! Two sources tell of a request: the `api_request` event, and the lines of the answer in transcripts.
//! Lines are one message when they share the message id (a replayed message can carry another request
//! id, and a proxy can repeat one). Which event tells of which message, [`super::pairing`] decides.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::{
    CanonicalModel, ItemKey, Kind, Measures, Money, Observation, Posting, Record, RecordKey, RequestSeen,
    SessionId, Source, Text, Timestamp, TokenUsage,
};

use super::family::Family;
use super::links::{message_key, request_key};
use super::pairing::pair;
use crate::{Conditions, PriceBook};

/// One request, settled.
pub(super) struct Request<'f> {
    /// What is posted for it.
    pub posting: Posting,
    /// The model it is priced as.
    pub model: &'f CanonicalModel,
    /// The tool calls of its answer; they belong to the session that owns the request.
    pub tool_uses: Vec<&'f str>,
    /// Other sessions whose transcripts hold a copy.
    pub held_by: Vec<&'f SessionId>,
}

pub(super) type Seen<'f> = (&'f Record, &'f RequestSeen);

/// All that was seen of one request; each list oldest first.
#[derive(Default)]
pub(super) struct Gathered<'f> {
    pub events: Vec<Seen<'f>>,
    pub lines: Vec<Seen<'f>>,
}

pub(super) fn settle<'f>(family: &'f Family<'f>, prices: &PriceBook) -> Vec<Request<'f>> {
    let (gathered, shared) = gather(family);
    let mut requests = Vec::with_capacity(gathered.len());
    for request in gathered {
        requests.push(request.settle(family, prices, &shared));
    }
    requests
}

/// The item that is posted for each request, with the records that tell of it.
pub(super) fn witnesses<'f>(family: &'f Family<'f>) -> Vec<(ItemKey, Vec<&'f Record>)> {
    let (gathered, shared) = gather(family);
    let told_by = |request: &Gathered<'f>| request.all().map(|(record, _)| record).collect();
    gathered.iter().map(|request| (request.item(&shared), told_by(request))).collect()
}

/// What was seen of each request, and the request ids that do not tell requests apart.
fn gather<'f>(family: &'f Family<'f>) -> (Vec<Gathered<'f>>, HashSet<&'f str>) {
    let seen = family.pick(|record| match &record.observation {
        Observation::Request(request) => Some(request),
        _ => None,
    });
    let (lines, events): (Vec<Seen<'_>>, Vec<Seen<'_>>) =
        seen.into_iter().partition(|(record, _)| record.source == Source::Transcripts);
    let mut gathered = pair(family, messages_of(lines), reports_of(events));
    let shared = repeated_request_ids(&gathered);
    gathered.retain(|request| !request.is_void());
    (gathered, shared)
}

/// Lines by message: the message id, without it the request id, without both the line itself.
fn messages_of(lines: Vec<Seen<'_>>) -> Vec<Vec<Seen<'_>>> {
    grouped(lines, |_, request| match (&request.message_id, &request.request_id) {
        (Some(message), _) => Some((true, message.as_str())),
        (None, Some(request)) => Some((false, request.as_str())),
        (None, None) => None,
    })
}

/// Events by request id. A second event that says the same of the same request at the same moment is a
/// repetition; any other is another request that shares the id.
fn reports_of(events: Vec<Seen<'_>>) -> Vec<Vec<Seen<'_>>> {
    grouped(events, |record, request| {
        request.request_id.as_deref().map(|id| (id, &record.session, record.at, request.usage))
    })
}

/// Groups what has the same identity, in the order of each group's oldest; without one it stands alone.
fn grouped<'f, I: Eq + std::hash::Hash>(
    seen: Vec<Seen<'f>>,
    identity: impl Fn(&'f Record, &'f RequestSeen) -> Option<I>,
) -> Vec<Vec<Seen<'f>>> {
    let mut groups: Vec<Vec<Seen<'_>>> = Vec::new();
    let mut places: HashMap<I, usize> = HashMap::new();
    for (record, request) in seen {
        let place = match identity(record, request) {
            Some(identity) => *places.entry(identity).or_insert(groups.len()),
            None => groups.len(),
        };
        match groups.get_mut(place) {
            Some(group) => group.push((record, request)),
            None => groups.push(vec![(record, request)]),
        }
    }
    groups
}

/// The observation whose figures stand: finished over unfinished, then the largest.
pub(super) fn best<'f>(seen: impl Iterator<Item = Seen<'f>>) -> Option<Seen<'f>> {
    let rank = |(record, request): &Seen<'_>| {
        let usage = request.usage;
        (request.finished, usage.output, usage.total(), usage, record.at, record.key)
    };
    seen.max_by_key(rank)
}

/// Request ids that several requests carry, which therefore do not tell them apart.
fn repeated_request_ids<'f>(gathered: &[Gathered<'f>]) -> HashSet<&'f str> {
    let mut once = HashSet::with_capacity(gathered.len());
    gathered.iter().filter_map(Gathered::request_id).filter(|id| !once.insert(*id)).collect()
}

impl<'f> Gathered<'f> {
    fn all(&self) -> impl Iterator<Item = Seen<'f>> + '_ {
        self.events.iter().chain(&self.lines).copied()
    }

    /// A message that was begun and never got any figures.
    fn is_void(&self) -> bool {
        self.all().all(|(_, seen)| seen.usage.is_empty() && !seen.finished)
    }

    fn request_id(&self) -> Option<&'f str> {
        let ids = |seen: &[Seen<'f>]| seen.iter().filter_map(|(_, seen)| seen.request_id.as_deref()).min();
        ids(&self.events).or_else(|| ids(&self.lines))
    }

    fn message_id(&self) -> Option<&'f str> {
        self.lines.iter().filter_map(|(_, line)| line.message_id.as_deref()).min()
    }

    fn settle(self, family: &'f Family<'f>, prices: &PriceBook, shared: &HashSet<&str>) -> Request<'f> {
        let told_by: Vec<&Record> = self.all().map(|(record, _)| record).collect();
        let nowhere = SessionId::default();
        let owner = family.owner(&told_by).unwrap_or(&nowhere);
        let at = self.at();
        let mut posting = family.posting(Kind::Request, at, owner, self.item(shared), &told_by);
        let (model, displayed) = self.model(family);
        posting.model = displayed;
        posting.request = self.request_id().map(request_key);
        posting.message = self.message_id().map(message_key);
        posting.query_source = self.text(|seen| &seen.query_source);
        posting.agent = self.text(|seen| &seen.agent);
        posting.skill = self.text(|seen| &seen.skill);
        posting.mcp_server = self.text(|seen| &seen.mcp_server);
        posting.effort = self.text(|seen| &seen.effort);
        posting.fast = self.all().any(|(_, seen)| seen.fast);
        posting.measures = self.measures(model, at, posting.fast, prices);
        let tool_uses: BTreeSet<&str> =
            self.lines.iter().flat_map(|(_, line)| &line.tool_uses).map(String::as_str).collect();
        let held_by = family.holders(&told_by, owner);
        Request { posting, model, tool_uses: tool_uses.into_iter().collect(), held_by }
    }

    /// The event's time, else that of the line whose figures stand.
    fn at(&self) -> Timestamp {
        let event = self.events.iter().map(|(record, _)| record.at).min();
        let line = || best(self.lines.iter().copied()).map(|(record, _)| record.at);
        event.or_else(line).unwrap_or(Timestamp::MIN)
    }

    fn item(&self, shared: &HashSet<&str>) -> ItemKey {
        let request = self.request_id().filter(|id| !shared.contains(id));
        match (request, self.message_id()) {
            (Some(request), _) => request_key(request),
            (None, Some(message)) => message_key(message),
            (None, None) => {
                let first = self.all().map(|(record, _)| record.key).min();
                ItemKey::of("record", &first.as_ref().map(RecordKey::to_string).unwrap_or_default())
            }
        }
    }

    /// The model as the event names it, else the line whose figures stand, in the fullest spelling seen.
    fn model(&self, family: &'f Family<'f>) -> (&'f CanonicalModel, Text) {
        let spellings = &family.spellings;
        let named = self.events.first().copied().or_else(|| best(self.lines.iter().copied()));
        let model = spellings.canonical(named.map_or("", |(_, seen)| &seen.model));
        let alike = self.all().map(|(_, seen)| seen.model.as_str());
        let displayed = spellings.best(alike.filter(|spelling| spellings.canonical(spelling) == model));
        (model, displayed)
    }

    fn text(&self, field: impl Fn(&'f RequestSeen) -> &'f Option<Text>) -> Text {
        self.all().find_map(|(_, seen)| field(seen).clone()).unwrap_or_default()
    }

    /// Final figures; the lifetimes of cache writes from whoever tells them.
    fn usage(&self) -> TokenUsage {
        let mut usage = best(self.all()).map(|(_, seen)| seen.usage).unwrap_or_default();
        if !usage.is_split() {
            let split = self.all().map(|(_, seen)| seen.usage).filter(TokenUsage::is_split);
            let same = split.filter(|other| other.cache_creation == usage.cache_creation).max();
            if let Some(other) = same {
                usage.cache_creation_5m = other.cache_creation_5m;
                usage.cache_creation_1h = other.cache_creation_1h;
            }
        }
        usage
    }

    /// What it used and cost; the client's own cost, where it told one, is the settled one.
    fn measures(&self, model: &CanonicalModel, at: Timestamp, fast: bool, prices: &PriceBook) -> Measures {
        let usage = self.usage();
        let searches = self.all().map(|(_, seen)| seen.web_searches).max().unwrap_or(0);
        let us_inference = self.all().any(|(_, seen)| seen.us_inference);
        let priced = prices.price(model, at, &usage, Conditions { fast, us_inference, batch: false });
        let priced = priced.map(|price| price.plus(prices.web_searches(searches)));
        let costs = |seen: &[Seen<'f>]| seen.iter().filter_map(|(_, seen)| seen.cost).max();
        let reported = costs(&self.events).or_else(|| costs(&self.lines));
        let first_told =
            |field: fn(&RequestSeen) -> Option<i64>| self.all().find_map(|(_, seen)| field(seen));
        Measures {
            requests: 1,
            tokens: usage,
            cost_settled: reported.or(priced).map_or(0, Money::as_picos),
            cost_reported: reported.map_or(0, Money::as_picos),
            cost_priced: priced.map_or(0, Money::as_picos),
            unpriced_tokens: if priced.is_none() { usage.total() } else { 0 },
            web_searches: searches,
            duration_ms: first_told(|seen| seen.duration_ms).unwrap_or(0),
            ttft_ms: first_told(|seen| seen.ttft_ms).unwrap_or(0),
            ..Measures::default()
        }
    }
}
