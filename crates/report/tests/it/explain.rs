//! Why a figure is what it is.

use std::sync::Arc;

use ledger::PriceBook;
use model::{
    AttributeValue, ClientTotals, Context, Money, Observation, Record, RecordKey, RequestSeen, Source,
    TokenUsage,
};
use report::asked::Asked;
use report::explain::against::{self, Comparison, ForeignReport, ForeignRow, Reason, ReasonKind, Side};
use report::explain::{self, Explanation, Parameters};
use report::range::Zone;
use report::selection::Selection;

use crate::ledger::*;

const HAIKU: &str = "claude-haiku-5-5";

fn prices() -> PriceBook {
    PriceBook::embedded().unwrap()
}

fn record(source: Source, session: &str, at_text: &str, line: i64, observation: Observation) -> Record {
    let file =
        (source == Source::Transcripts).then(|| format!("/home/mira/.claude/projects/-shop/{session}.jsonl"));
    let extra =
        if file.is_some() { vec![(Record::LINE.to_owned(), AttributeValue::Int(line))] } else { Vec::new() };
    Record {
        key: RecordKey::of(&[
            source.as_str().as_bytes(),
            session.as_bytes(),
            at_text.as_bytes(),
            &line.to_le_bytes(),
        ]),
        session: session.into(),
        at: at(at_text),
        source,
        context: Arc::new(Context { file: file.map(Into::into), ..Context::default() }),
        observation,
        extra,
    }
}

fn answer(message: &str, request: &str, usage: TokenUsage, finished: bool) -> RequestSeen {
    RequestSeen {
        request_id: Some(request.into()),
        message_id: Some(message.into()),
        model: HAIKU.into(),
        usage,
        finished,
        ..RequestSeen::default()
    }
}

fn line(session: &str, at: &str, line: i64, seen: RequestSeen) -> Record {
    record(Source::Transcripts, session, at, line, Observation::Request(seen))
}

fn usage(input: i64, output: i64) -> TokenUsage {
    TokenUsage { input, output, ..TokenUsage::default() }
}

/// A message streamed in two lines, copied into a fork; its event; and the client's totals with 500 tokens of
/// input more.
async fn a_life() -> Ledger {
    let event = RequestSeen {
        message_id: None,
        cost: Some(Money::from_micros(77_000)),
        ..answer("", "req_1", usage(120_000, 1_000), true)
    };
    let totals = ClientTotals {
        models: vec![(HAIKU.into(), usage(120_500, 1_000), Money::from_micros(77_400))],
        ..ClientTotals::default()
    };
    let fork = RequestSeen {
        origin_session: Some("a".into()),
        ..answer("msg_1", "req_1", usage(120_000, 1_000), true)
    };
    let mut ledger = Ledger::default();
    let records = vec![
        line("a", "2026-11-20T10:00:00Z", 7, answer("msg_1", "req_1", usage(120_000, 1), false)),
        line("a", "2026-11-20T10:00:02Z", 8, answer("msg_1", "req_1", usage(120_000, 1_000), true)),
        record(Source::Events, "a", "2026-11-20T10:00:01Z", 0, Observation::Request(event)),
        record(Source::Transcripts, "a", "2026-11-20T10:05:00Z", 12, Observation::Totals(totals)),
        line("b", "2026-11-20T10:00:02Z", 3, fork),
    ];
    ledger.take_in(records, &prices()).await;
    ledger
}

async fn ask(ledger: &Ledger, asked: Asked, session: Option<&str>) -> Explanation {
    let parameters = Parameters { session: session.map(str::to_owned) };
    explain::ask(&ledger.store, &asked, &parameters).await.unwrap()
}

#[tokio::test]
async fn a_request_is_explained_by_its_lines_its_event_and_its_price() {
    let explanation = ask(&a_life().await, everything(), None).await;
    let request = &explanation.postings[0];
    assert_eq!((request.kind.as_str(), request.session_id.as_str()), ("request", "a"));
    let evidence: Vec<_> = request
        .evidence
        .iter()
        .map(|witness| {
            let file = witness.file.as_deref().and_then(|file| file.rsplit('/').next()).unwrap_or("");
            (
                witness.source.as_str(),
                witness.session_id.as_str(),
                file,
                witness.line,
                witness.tokens.output,
                witness.counts,
            )
        })
        .collect();
    assert_eq!(
        evidence,
        [
            ("transcripts", "a", "a.jsonl", Some(7), 1, false),
            ("transcripts", "b", "b.jsonl", Some(3), 1_000, true),
            ("transcripts", "a", "a.jsonl", Some(8), 1_000, true),
            ("events", "a", "", None, 1_000, true),
        ]
    );
    assert_eq!(request.evidence[0].received_at, Some(Ledger::posted_at(1).to_jiff()));
    assert_eq!(request.evidence[3].cost_micros, Some(77_000));
    assert_eq!(request.evidence[0].message_id.as_deref(), Some("msg_1"));

    // A prompt of 120,000 tokens: the dearer tier, 0.50 and 2.50 dollars a million.
    let price = request.price.as_ref().unwrap();
    assert_eq!(
        (price.prompt_tokens_above, price.prompt_tokens, price.total_micros),
        (100_000, 120_000, 62_500)
    );
    let products: Vec<_> = price
        .products
        .iter()
        .map(|product| (product.kind.as_str(), product.tokens, product.usd_per_million, product.cost_micros))
        .collect();
    assert_eq!(products, [("input", 120_000, 0.5, 60_000), ("output", 1_000, 2.5, 2_500)]);
    assert!(price.as_posted && !price.own && !price.us_inference);
    assert_eq!((request.cost_micros.settled, request.cost_micros.priced), (77_000, 62_500));
}

#[tokio::test]
async fn what_only_totals_know_is_explained_by_them() {
    let explanation = ask(&a_life().await, everything(), None).await;
    let rest = &explanation.postings[1];
    assert_eq!((rest.kind.as_str(), rest.tokens.input, rest.cost_micros.settled), ("unattributed", 500, 400));
    let witness = &rest.evidence[0];
    assert_eq!((rest.evidence.len(), witness.line, witness.tokens.input), (1, Some(12), 120_500));
    assert_eq!(witness.tells, "the client's totals of the session so far");

    let totals = explanation.totals;
    assert_eq!((totals.postings, totals.requests, totals.tokens.input), (2, 1, 120_500));
    assert_eq!((totals.unattributed.postings, totals.unattributed.tokens.input), (1, 500));
    assert_eq!((totals.cost_micros.settled, totals.unattributed.cost_micros.settled), (77_400, 400));
}

#[tokio::test]
async fn only_what_is_asked_about_is_explained() {
    let mut ledger = a_life().await;
    ledger.post([request("z", "2026-11-20T12:00:00Z", "claude-opus-5-5", 5, 20)]).await;
    let count = async |asked: Asked, session| {
        let explanation = ask(&ledger, asked, session).await;
        (explanation.totals.postings, explanation.postings.len())
    };
    assert_eq!(count(everything(), None).await, (3, 3));
    assert_eq!(count(everything(), Some("z")).await, (1, 1));
    assert_eq!(count(everything(), Some("nobody")).await, (0, 0));
    assert_eq!(count(Asked { limit: Some(1), ..everything() }, None).await, (3, 1));
    let selection = Selection { models: vec!["haiku".into()], ..Selection::default() };
    assert_eq!(count(Asked { selection, ..everything() }, None).await, (2, 2));
    let day = Some("2026-11-21".parse().unwrap());
    assert_eq!(count(Asked { since: day, until: day, ..everything() }, None).await, (0, 0));
}

#[tokio::test]
async fn what_was_taken_back_is_not_explained() {
    let mut ledger = Ledger::default();
    let wrong = request("a", "2026-11-20T12:00:00Z", "claude-opus-5-5", 5, 20);
    let right = request("a", "2026-11-20T12:00:00Z", "claude-opus-5-5", 50, 200);
    ledger.post([wrong.clone()]).await;
    ledger.correct(wrong, right).await;
    let explanation = ask(&ledger, everything(), None).await;
    assert_eq!((explanation.postings.len(), explanation.totals.tokens.input), (1, 50));
    assert_eq!(explanation.postings[0].posted_at, Ledger::posted_at(2).to_jiff());
    assert!(explanation.postings[0].evidence.is_empty());
    // 50 x 4 and 5 x 20 micro-dollars: this ledger was made with another price.
    let price = explanation.postings[0].price.as_ref().unwrap();
    assert_eq!((price.total_micros, price.as_posted), (300, false));
}

fn side(input: i64, output: i64, cost_micros: i64) -> Side {
    Side { input, output, cost_micros, ..Side::default() }
}

fn theirs(date: &str, model: &str, side: Side) -> ForeignRow {
    ForeignRow { date: date.parse().unwrap(), model: model.into(), side, unpriced: false }
}

async fn compare(ledger: &Ledger, asked: Asked, rows: Vec<ForeignRow>) -> Comparison {
    against::ask(&ledger.store, &asked, &ForeignReport { rows }).await.unwrap()
}

/// The reasons of the only row, and what they leave.
fn reasons(comparison: &Comparison) -> (Vec<(ReasonKind, Side)>, Side) {
    assert_eq!(comparison.rows.len(), 1, "{comparison:#?}");
    let row = &comparison.rows[0];
    let reasons = row.reasons.iter().map(|Reason { kind, amount, .. }| (*kind, *amount));
    (reasons.collect(), row.unexplained)
}

#[tokio::test]
async fn what_transcripts_leave_out_and_list_prices_are_told_apart() {
    let ledger = a_life().await;
    // A reader of the lines, with the list price of 62,500 micro-dollars.
    let rows = vec![theirs("2026-11-20", HAIKU, side(120_000, 1_000, 62_500))];
    let comparison = compare(&ledger, everything(), rows).await;
    assert_eq!(comparison.rows[0].difference, side(500, 0, 14_900));
    assert_eq!(
        reasons(&comparison),
        (
            vec![(ReasonKind::Unattributed, side(500, 0, 400)), (ReasonKind::ListPrices, side(0, 0, 14_500)),],
            Side::default()
        )
    );
    assert_eq!(
        (comparison.ours, comparison.theirs),
        (side(120_500, 1_000, 77_400), side(120_000, 1_000, 62_500))
    );
    let sums: Vec<_> = comparison.reasons.iter().map(|reason| (reason.kind, reason.amount)).collect();
    assert_eq!(sums, reasons(&comparison).0, "one row is all rows");
    assert_eq!(comparison.difference, side(500, 0, 14_900));
}

#[tokio::test]
async fn what_is_equal_is_only_counted_and_what_cannot_be_proved_is_said() {
    let ledger = a_life().await;
    let equal = theirs("2026-11-20", "claude-haiku-5-5-20261007", side(120_500, 1_000, 77_401));
    let comparison = compare(&ledger, everything(), vec![equal]).await;
    assert_eq!((comparison.rows.len(), comparison.equal_rows), (0, 1), "a micro-dollar is rounding");
    let odd = theirs("2026-11-20", HAIKU, side(119_999, 1_000, 77_400));
    let (_, left) = reasons(&compare(&ledger, everything(), vec![odd]).await);
    assert_eq!(left, side(1, 0, -400));
    let elsewhere = vec![theirs("2026-11-20", "claude-opus-9", side(5, 5, 5))];
    let comparison = compare(&ledger, everything(), elsewhere).await;
    assert_eq!((comparison.rows.len(), comparison.unexplained.input), (2, 120_000 - 5));
}

#[tokio::test]
async fn copies_and_unfinished_lines_are_found() {
    let mut ledger = Ledger::default();
    let replayed = |request: &str, finished, output| answer("msg_1", request, usage(1_000, output), finished);
    let records = vec![
        line("a", "2026-11-20T10:00:00Z", 1, replayed("req_1", false, 1)),
        line("a", "2026-11-20T10:00:01Z", 2, replayed("req_1", true, 70)),
        line("a", "2026-11-20T10:00:02Z", 3, replayed("req_2", true, 70)),
    ];
    ledger.take_in(records, &prices()).await;
    let ask =
        async |side| reasons(&compare(&ledger, everything(), vec![theirs("2026-11-20", HAIKU, side)]).await);
    // 1,000 x 0.1 and 70 x 0.5 micro-dollars: 135 once, 270 twice.
    assert_eq!(
        ask(side(2_000, 140, 270)).await,
        (vec![(ReasonKind::Copies, side(-1_000, -70, -135))], Side::default())
    );
    // The first line of each id: 1 and 70.
    let (first, left) = ask(side(2_000, 71, 236)).await;
    assert_eq!((first[0], left), ((ReasonKind::Copies, side(-1_000, -1, -101)), Side::default()));
}

#[tokio::test]
async fn lines_without_a_request_id_are_counted_each_but_for_those_of_subagents() {
    let mut ledger = Ledger::default();
    let unnamed = |message: &str, finished, output, agent: Option<&str>| RequestSeen {
        request_id: None,
        agent: agent.map(Into::into),
        ..answer(message, "", usage(1_000, output), finished)
    };
    let records = vec![
        line("a", "2026-11-20T10:00:00Z", 1, unnamed("msg_1", false, 1, None)),
        line("a", "2026-11-20T10:00:01Z", 2, unnamed("msg_1", true, 70, None)),
        line("a", "2026-11-20T10:00:02Z", 3, unnamed("msg_2", false, 3, Some("explore"))),
        line("a", "2026-11-20T10:00:03Z", 4, unnamed("msg_2", true, 90, Some("explore"))),
    ];
    ledger.take_in(records, &prices()).await;
    // 3,000 x 0.1 and 161 x 0.5 micro-dollars are 380.5; without the first line they are 280.
    let rows = vec![theirs("2026-11-20", HAIKU, side(3_000, 161, 381))];
    assert_eq!(
        reasons(&compare(&ledger, everything(), rows).await),
        (vec![(ReasonKind::Copies, side(-1_000, -1, -101))], Side::default())
    );
    // Progress lines repeat those of subagents: all four lines are 482.
    let rows = vec![theirs("2026-11-20", HAIKU, side(4_000, 164, 482))];
    assert_eq!(
        reasons(&compare(&ledger, everything(), rows).await),
        (vec![(ReasonKind::Copies, side(-2_000, -4, -202))], Side::default())
    );
}

#[tokio::test]
async fn a_line_that_stands_in_two_files_is_told_of_in_both() {
    let unnamed = RequestSeen { request_id: None, ..answer("msg_1", "", usage(1_000, 100), true) };
    let original = line("a", "2026-11-20T10:00:00Z", 1, unnamed.clone());
    let copied =
        line("b", "2026-11-20T10:00:00Z", 4, RequestSeen { origin_session: Some("a".into()), ..unnamed });
    let mut ledger = Ledger::default();
    ledger.take_in(vec![original.clone(), Record { key: original.key, ..copied }], &prices()).await;
    let explanation = ask(&ledger, everything(), None).await;
    let places: Vec<_> = explanation.postings[0].evidence.iter().map(|witness| witness.line).collect();
    assert_eq!(places, [Some(1), Some(4)]);
    // 1,000 x 0.1 and 100 x 0.5 micro-dollars, twice.
    let rows = vec![theirs("2026-11-20", HAIKU, side(2_000, 200, 300))];
    assert_eq!(
        reasons(&compare(&ledger, everything(), rows).await),
        (vec![(ReasonKind::Copies, side(-1_000, -100, -150))], Side::default())
    );
}

#[tokio::test]
async fn searches_that_are_not_priced_are_found() {
    let mut ledger = Ledger::default();
    let searched = RequestSeen { web_searches: 2, ..answer("msg_1", "req_1", usage(1_000, 100), true) };
    ledger.take_in(vec![line("a", "2026-11-20T10:00:00Z", 1, searched)], &prices()).await;
    // A search is a cent; 1,000 x 0.1 and 100 x 0.5 micro-dollars are 150.
    let rows = vec![theirs("2026-11-20", HAIKU, side(1_000, 100, 150))];
    assert_eq!(
        reasons(&compare(&ledger, everything(), rows).await),
        (vec![(ReasonKind::WebSearches, side(0, 0, 20_000))], Side::default())
    );
}

#[tokio::test]
async fn what_only_telemetry_knows_is_found() {
    let mut ledger = Ledger::default();
    let event = RequestSeen {
        message_id: None,
        cost: Some(Money::from_micros(10)),
        ..answer("", "req_9", usage(7, 3), true)
    };
    let records = vec![
        record(Source::Events, "a", "2026-11-20T10:00:00Z", 0, Observation::Request(event)),
        line("a", "2026-11-20T11:00:00Z", 1, answer("msg_1", "req_1", usage(1_000, 100), true)),
    ];
    ledger.take_in(records, &prices()).await;
    let rows = vec![theirs("2026-11-20", HAIKU, side(1_000, 100, 150))];
    assert_eq!(
        reasons(&compare(&ledger, everything(), rows).await),
        (vec![(ReasonKind::NotInTranscripts, side(7, 3, 10))], Side::default())
    );
}

#[tokio::test]
async fn another_zone_is_found_by_its_offset() {
    let ledger = Ledger::of([
        request("a", "2026-11-20T10:00:00Z", HAIKU, 100, 30),
        request("a", "2026-11-20T18:45:00Z", HAIKU, 10, 20),
    ])
    .await;
    // India is five and a half hours ahead: the second request is of the 21st there.
    let rows =
        vec![theirs("2026-11-20", HAIKU, side(100, 10, 30)), theirs("2026-11-21", HAIKU, side(10, 1, 20))];
    let comparison = compare(&ledger, everything(), rows.clone()).await;
    assert_eq!(comparison.rows.len(), 2);
    for (row, amount) in comparison.rows.iter().zip([side(10, 1, 20), side(-10, -1, -20)]) {
        assert_eq!((row.reasons[0].kind, row.reasons[0].amount), (ReasonKind::Zone, amount));
        assert_eq!(row.unexplained, Side::default());
    }
    // Of the offsets that fit, the first from the west.
    assert_eq!(comparison.rows[1].reasons[0].text, "their day is one of UTC+05:30");
    let zone = Zone::named("Asia/Kolkata").unwrap();
    let same = compare(&ledger, Asked { zone, ..everything() }, rows).await;
    assert_eq!((same.rows.len(), same.equal_rows), (0, 2));
}

#[tokio::test]
async fn a_missing_price_is_named_on_either_side() {
    let mut ledger = Ledger::default();
    let unheard =
        |model: &str| RequestSeen { model: model.into(), ..answer("msg_1", "req_1", usage(10, 5), true) };
    ledger.take_in(vec![line("a", "2026-11-20T10:00:00Z", 1, unheard("claude-unheard-9"))], &prices()).await;
    let rows = vec![theirs("2026-11-20", "claude-unheard-9", side(10, 5, 99))];
    assert_eq!(
        reasons(&compare(&ledger, everything(), rows).await).0,
        [(ReasonKind::WeHaveNoPrice, side(0, 0, -99))]
    );

    let mut ledger = Ledger::default();
    ledger.take_in(vec![line("a", "2026-11-20T10:00:00Z", 1, unheard(HAIKU))], &prices()).await;
    let rows = vec![ForeignRow { unpriced: true, ..theirs("2026-11-20", HAIKU, side(10, 5, 0)) }];
    // 10 x 0.1 + 5 x 0.5 micro-dollars are 3.5.
    assert_eq!(
        reasons(&compare(&ledger, everything(), rows).await).0,
        [(ReasonKind::TheyHaveNoPrice, side(0, 0, 4))]
    );
}
