//! Prompts, failed requests, and things counted by name.

use model::{ApiError, Kind, Observation, Occurrence, Prompt, Record};

use super::harness::{figures, of_kind, only, settled, sum};
use super::makers::{event, installation, line, prompted};

fn command(name: &str) -> Observation {
    Observation::Prompt(Prompt { command: Some(name.into()), ..Prompt::default() })
}

fn occurred(name: &str, identity: Option<&str>) -> Occurrence {
    Occurrence { name: name.into(), identity: identity.map(Into::into), ..Occurrence::default() }
}

#[test]
fn a_prompt_is_known_by_its_id_in_both_sources() {
    let records = [
        event("s", 10, prompted(Some("p1"))),
        line("s", 9, "a", prompted(Some("p1"))),
        line("s", 20, "b", prompted(Some("p2"))),
    ];
    let postings = settled(&records);
    assert_eq!(figures(&postings, Kind::Prompt, |measures| measures.prompts), [("s", 10, 1), ("s", 20, 1)]);
}

#[test]
fn prompts_without_an_id_are_taken_from_the_transcript_as_far_as_they_outnumber_the_events() {
    let lines = [line("s", 10, "a", prompted(None)), line("s", 20, "b", prompted(None))];
    let event = |second| event("s", second, prompted(None));
    let count = |events: &[Record]| sum(&settled(&[&lines[..], events].concat()), |m| m.prompts);
    assert_eq!(count(&[]), 2);
    assert_eq!(count(&[event(11)]), 2);
    assert_eq!(count(&[event(11), event(21)]), 2);
    assert_eq!(count(&[event(11), event(21), event(31)]), 3);
}

#[test]
fn telemetry_that_was_switched_on_late_leaves_earlier_prompts_on_their_day() {
    const DAY: i64 = 86_400;
    let lines =
        [10, 20, DAY + 10, DAY + 20].map(|second| line("s", second, &second.to_string(), prompted(None)));
    let events = [DAY + 10, DAY + 20].map(|second| event("s", second, prompted(None)));
    let postings = settled(&[&lines[..], &events].concat());
    let when: Vec<i64> = figures(&postings, Kind::Prompt, |measures| measures.prompts)
        .into_iter()
        .map(|(_, second, _)| second)
        .collect();
    assert_eq!(when, [10, 20, DAY + 10, DAY + 20]);
}

#[test]
fn a_command_is_no_prompt() {
    let records = [
        event("s", 10, command("compact")),
        line("s", 10, "a", command("compact")),
        event("s", 20, prompted(Some("p1"))),
    ];
    let postings = settled(&records);
    assert_eq!(sum(&postings, |measures| measures.commands), 1);
    assert_eq!(sum(&postings, |measures| measures.prompts), 1);
    assert_eq!(of_kind(&postings, Kind::Prompt)[0].subject, "compact");
}

#[test]
fn prompts_do_not_hide_commands() {
    let records = [event("s", 10, prompted(None)), line("s", 20, "a", command("compact"))];
    let postings = settled(&records);
    assert_eq!((sum(&postings, |m| m.prompts), sum(&postings, |m| m.commands)), (1, 1));
}

#[test]
fn a_failed_request_is_known_by_its_id_and_told_best_by_the_event() {
    let told = ApiError {
        request_id: Some("r1".into()),
        model: Some("us.anthropic.claude-opus-5-5".into()),
        status: Some(529),
        error: Some("overloaded_error".into()),
        attempts: Some(3),
    };
    let seen = ApiError { model: None, error: Some("server_error".into()), ..told.clone() };
    let records =
        [event("s", 10, Observation::ApiError(told)), line("s", 9, "a", Observation::ApiError(seen))];
    let postings = settled(&records);
    let error = only(&postings, Kind::ApiError);
    assert_eq!(error.measures.api_errors, 1);
    assert_eq!(
        [&error.subject, &error.outcome, &error.model],
        ["529", "overloaded_error", "claude-opus-5-5"]
    );
}

#[test]
fn failed_requests_without_an_id_are_not_told_twice() {
    let error = || Observation::ApiError(ApiError { status: Some(529), ..ApiError::default() });
    let records = [event("s", 10, error()), line("s", 10, "a", error()), line("s", 50, "b", error())];
    assert_eq!(sum(&settled(&records), |measures| measures.api_errors), 2);
}

#[test]
fn things_counted_by_name_are_told_apart_by_name_and_identity() {
    let records = [
        event("s", 10, Observation::Occurrence(occurred("hook", Some("h1")))),
        event("s", 11, Observation::Occurrence(occurred("hook", Some("h1")))),
        event("s", 12, Observation::Occurrence(occurred("hook", Some("h2")))),
        event("s", 13, Observation::Occurrence(occurred("skill", Some("h1")))),
        event("s", 14, Observation::Occurrence(occurred("hook", None))),
    ];
    let postings = settled(&records);
    let names: Vec<&str> =
        of_kind(&postings, Kind::Occurrence).iter().map(|one| one.subject.as_str()).collect();
    assert_eq!(names, ["hook", "hook", "skill", "hook"]);
}

#[test]
fn what_happened_once_is_told_by_both_sources_together() {
    let told =
        Occurrence { outcome: Some("manual".into()), duration_ms: Some(900), ..occurred("compaction", None) };
    let seen = Occurrence { subject: Some("x".into()), ..occurred("compaction", None) };
    let records =
        [event("s", 10, Observation::Occurrence(told)), line("s", 12, "a", Observation::Occurrence(seen))];
    let postings = settled(&records);
    let compaction = only(&postings, Kind::Occurrence);
    assert_eq!((compaction.outcome.as_str(), compaction.measures.duration_ms), ("manual", 900));
    assert_eq!(compaction.measures.occurrences, 1);
}

#[test]
fn events_without_session_ids_are_set_against_any_transcript_of_the_family() {
    let unnamed = installation();
    let records = [event(&unnamed, 10, prompted(None)), line("s", 10, "a", prompted(None))];
    assert_eq!(sum(&settled(&records), |measures| measures.prompts), 1);
}

#[test]
fn spans_and_unknown_names_count_nothing() {
    let records = [
        event("s", 10, Observation::Span(occurred("claude_code.tool", None))),
        event("s", 11, Observation::Unknown { name: "haiku".into() }),
    ];
    let postings = settled(&records);
    assert_eq!(postings.len(), 1, "the start of the session");
    assert_eq!(postings[0].kind, Kind::SessionStart);
}
