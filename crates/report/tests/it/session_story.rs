//! One session from its beginning to its end.

use model::{
    ApiError, Decision, ItemKey, Kind, Observation, Posting, Prompt, RequestSeen, Source, TokenUsage,
    ToolOutcome,
};
use report::coverage::SourceName;
use report::meaning::Meaning;
use report::session_story::{self, Parameters, SessionStory, TimelineEntry, TimelineKind};

use crate::ledger::*;

/// A request of the session with a context and a duration.
fn asked(at: &str, agent: &str, query_source: &str, context: i64, cost: i64, duration_ms: i64) -> Posting {
    let mut posting = request("s", at, "claude-opus-5-5", 0, cost);
    posting.agent = agent.into();
    posting.query_source = query_source.into();
    posting.measures.tokens =
        TokenUsage { input: 10, cache_read: context - 10, output: context / 100, ..TokenUsage::default() };
    posting.measures.duration_ms = duration_ms;
    posting
}

fn of_call(posting: Posting, call: &str) -> Posting {
    let item = ItemKey::of(posting.kind.as_str(), call);
    Posting { item, ..posting }
}

fn occurrence(at: &str, name: &str, about: &str, duration_ms: i64) -> Posting {
    let mut posting = Posting { kind: Kind::Occurrence, ..prompt("s", at) };
    posting.subject = name.into();
    posting.agent = about.into();
    posting.measures = model::Measures { occurrences: 1, duration_ms, ..model::Measures::default() };
    posting
}

/// Four seconds of conversation, a subagent with two requests and a call, a compaction, an error.
async fn ledger() -> Ledger {
    let mut write = of_call(results("s", "2026-11-20T10:00:08Z", "Write", 1, 0), "toolu_1");
    write.measures.duration_ms = 1_500;
    let mut error = Posting { kind: Kind::ApiError, ..prompt("s", "2026-11-20T10:01:00Z") };
    error.item = ItemKey::of("api_error", "req_9");
    error.subject = "529".into();
    error.outcome = "overloaded_error".into();
    error.measures = model::Measures { api_errors: 1, ..model::Measures::default() };
    let mut question = prompt("s", "2026-11-20T10:00:01Z");
    question.item = ItemKey::of("prompt", "p-1");
    let mut ledger = Ledger::of([
        start("s", "2026-11-20T10:00:00Z"),
        question,
        asked("2026-11-20T10:00:02Z", "", "titles", 300, 1, 500),
        asked("2026-11-20T10:00:04Z", "", "main", 20_000, 100, 2_000),
        of_call(decisions("s", "2026-11-20T10:00:06Z", "Write", 1, 0), "toolu_1"),
        write,
        of_call(lines("s", "2026-11-20T10:00:08Z", 7, 2), "toolu_1"),
        asked("2026-11-20T10:00:20Z", "Explore", "agent", 9_000, 30, 1_000),
        of_call(results("s", "2026-11-20T10:00:22Z", "Grep", 0, 1), "toolu_2"),
        asked("2026-11-20T10:00:24Z", "Explore", "agent", 9_500, 31, 1_000),
        asked("2026-11-20T10:00:30Z", "", "main", 26_000, 200, 3_000),
        occurrence("2026-11-20T10:00:40Z", "compaction", "auto", 4_000),
        error,
        asked("2026-11-20T10:01:10Z", "", "main", 8_000, 40, 1_000),
        unattributed("s", "2026-11-20T10:02:00Z", "claude-opus-5-5", 0, 98),
        // Another session's, which must not be told.
        request("other", "2026-11-20T10:00:05Z", "claude-opus-5-5", 5, 999),
    ])
    .await;
    let request = |agent: Option<&str>, calls: &[&str]| {
        Observation::Request(RequestSeen {
            agent: agent.map(Into::into),
            tool_uses: calls.iter().map(|call| (*call).to_owned()).collect(),
            ..RequestSeen::default()
        })
    };
    let decision =
        Observation::Decision(Decision { tool_use_id: Some("toolu_1".into()), ..Decision::default() });
    let result = Observation::ToolResult(ToolOutcome {
        tool_use_id: Some("toolu_2".into()),
        ..ToolOutcome::default()
    });
    let error = Observation::ApiError(ApiError {
        request_id: Some("req_9".into()),
        attempts: Some(11),
        ..ApiError::default()
    });
    let typed =
        Observation::Prompt(Prompt { prompt_id: Some("p-1".into()), length: Some(240), ..Prompt::default() });
    ledger
        .keep(
            "s",
            Source::Events,
            [
                (at("2026-11-20T10:00:01Z"), typed, 0),
                (at("2026-11-20T10:00:06Z"), decision, 1),
                (at("2026-11-20T10:00:22Z"), result, 5),
                (at("2026-11-20T10:01:00Z"), error, 6),
            ],
        )
        .await;
    let transcript = [(at("2026-11-20T10:00:20Z"), request(Some("Explore"), &["toolu_2"]), 0)];
    ledger.keep("s", Source::Transcripts, transcript).await;
    ledger
}

async fn story(ledger: &Ledger, meaning: Meaning) -> SessionStory {
    let parameters = Parameters { session: "s".into(), meaning };
    session_story::ask(&ledger.store, &parameters).await.unwrap().unwrap()
}

fn the<'a>(story: &'a SessionStory, kind: TimelineKind, title: &str) -> &'a TimelineEntry {
    let mut found = story.entries.iter().filter(|entry| entry.kind == kind && entry.title == title);
    let entry = found.next().unwrap();
    assert_eq!(found.next(), None, "{kind:?} {title} twice");
    entry
}

#[tokio::test]
async fn everything_happens_in_its_order() {
    let story = story(&ledger().await, NUMBERED).await;
    let told: Vec<_> = story.entries.iter().map(|entry| (entry.kind, entry.title.as_str())).collect();
    use TimelineKind::*;
    let opus = "claude-opus-5-5";
    assert_eq!(
        told,
        [
            (Start, "unknown"),
            (Prompt, "prompt"),
            (Request, opus),
            (Request, opus),
            // Decided at 6, ended at 8 after 1.5 seconds: it began at 6.5.
            (Gap, "missing events"),
            (Tool, "Write"),
            (Request, opus),
            (Tool, "Grep"),
            (Request, opus),
            (Request, opus),
            (Compaction, "compaction"),
            (Error, "529"),
            (Request, opus),
        ]
    );
    assert_eq!(
        (story.entries_before, story.session.requests, story.session.cost_micros.settled),
        (0, 6, 500)
    );
    let times: Vec<_> = story.entries.iter().map(|entry| entry.started_at).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[tokio::test]
async fn a_call_is_one_entry_with_what_every_posting_tells_of_it() {
    let story = story(&ledger().await, NUMBERED).await;
    let write = the(&story, TimelineKind::Tool, "Write");
    assert_eq!((write.accepted, write.succeeded, write.duration_ms), (Some(true), Some(true), Some(1_500)));
    assert_eq!(write.lines.map(|lines| (lines.added, lines.removed)), Some((7, 2)));
    assert_eq!(write.started_at, at("2026-11-20T10:00:06.5Z").to_jiff());
    assert_eq!(the(&story, TimelineKind::Prompt, "prompt").length, Some(240));
    let error = the(&story, TimelineKind::Error, "529");
    assert_eq!((error.attempts, error.detail.as_deref()), (Some(11), Some("overloaded_error")));
    assert_eq!(the(&story, TimelineKind::Compaction, "compaction").detail.as_deref(), Some("auto"));
}

#[tokio::test]
async fn a_subagent_has_its_own_requests_and_calls() {
    let story = story(&ledger().await, NUMBERED).await;
    assert_eq!(story.subagents.len(), 1);
    let explore = &story.subagents[0];
    assert_eq!((explore.kind.as_str(), explore.requests, explore.tool_calls), ("Explore", 2, 1));
    assert_eq!((explore.cost_micros.settled, explore.tokens.output), (61, 90 + 95));
    // Its first request ended at 20 and took a second.
    assert_eq!(explore.started_at, at("2026-11-20T10:00:19Z").to_jiff());
    assert_eq!(explore.duration_ms, 5_000);
    let of_it = story.entries.iter().filter(|entry| entry.subagent == Some(0)).count();
    assert_eq!(of_it, 3);
    assert_eq!(the(&story, TimelineKind::Tool, "Grep").subagent, Some(0));
    assert_eq!(the(&story, TimelineKind::Tool, "Write").subagent, None);
}

#[tokio::test]
async fn subagents_of_one_kind_are_told_apart_by_their_ids() {
    let mut ledger = Ledger::of([
        asked("2026-11-20T10:00:20Z", "Explore", "agent", 9_000, 30, 0),
        asked("2026-11-20T10:00:21Z", "Explore", "agent", 7_000, 20, 0),
        asked("2026-11-20T10:00:22Z", "Explore", "agent", 9_100, 30, 0),
    ])
    .await;
    let seen = |context: i64| {
        let usage = TokenUsage { output: context / 100, ..TokenUsage::default() };
        Observation::Request(RequestSeen { usage, ..RequestSeen::default() })
    };
    ledger
        .keep(
            "s",
            Source::Events,
            [
                (at("2026-11-20T10:00:20Z"), seen(9_000), 1),
                (at("2026-11-20T10:00:21Z"), seen(7_000), 2),
                (at("2026-11-20T10:00:22Z"), seen(9_100), 1),
            ],
        )
        .await;
    let by_number = Meaning {
        subagent: |record| match (NUMBERED.sequence)(record) {
            Some(1) => Some("first"),
            Some(2) => Some("second"),
            _ => None,
        },
        ..Meaning::NONE
    };
    let story = story(&ledger, by_number).await;
    let costs: Vec<_> = story.subagents.iter().map(|subagent| subagent.cost_micros.settled).collect();
    assert_eq!(costs, [60, 20]);
}

#[tokio::test]
async fn context_is_the_conversations_and_cost_is_everything() {
    let story = story(&ledger().await, NUMBERED).await;
    let context: Vec<_> = story.context.iter().map(|point| (point.tokens, point.cached)).collect();
    assert_eq!(context, [(20_000, 19_990), (26_000, 25_990), (8_000, 7_990)]);
    let spending: Vec<_> = story.spending.iter().map(|point| point.cost_micros).collect();
    assert_eq!(spending, [1, 101, 131, 162, 362, 402, 500]);
}

#[tokio::test]
async fn coverage_tells_sources_gaps_and_remainders() {
    let story = story(&ledger().await, NUMBERED).await;
    let sources: Vec<_> = story.coverage.sources.iter().map(|told| (told.source, told.records)).collect();
    assert_eq!(sources, [(SourceName::Events, 4), (SourceName::Transcripts, 1)]);
    let events = story.coverage.events;
    assert_eq!((events.received, events.missing, events.processes), (4, 3, 1));
    assert_eq!(story.coverage.unattributed.cost_micros.settled, 98);
    assert_eq!(story.coverage.unattributed.cost_share, Some(98.0 / 500.0));
    let gap = the(&story, TimelineKind::Gap, "missing events");
    assert_eq!((gap.missing, gap.started_at), (Some(3), at("2026-11-20T10:00:06Z").to_jiff()));
}

#[tokio::test]
async fn postings_alone_tell_decisions_and_results_apart() {
    let mut ledger = Ledger::default();
    ledger
        .post([
            decisions("s", "2026-11-20T10:00:06Z", "Write", 1, 0),
            results("s", "2026-11-20T10:00:08Z", "Write", 1, 0),
            // A counter's point of several decisions is no moment.
            decisions("s", "2026-11-20T10:01:00Z", "Edit", 3, 1),
        ])
        .await;
    let story = story(&ledger, Meaning::NONE).await;
    let told: Vec<_> = story.entries.iter().map(|entry| (entry.accepted, entry.succeeded)).collect();
    assert_eq!(told, [(Some(true), None), (None, Some(true))]);
    assert_eq!(story.decisions.accepted, 4);
}

#[tokio::test]
async fn a_session_that_nobody_knows_has_no_story() {
    let parameters = Parameters { session: "nobody".into(), meaning: Meaning::NONE };
    assert_eq!(session_story::ask(&ledger().await.store, &parameters).await.unwrap(), None);
}
