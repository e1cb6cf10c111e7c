//! When sessions begin, and each time a process takes them up again.

use model::{Counter, Kind, Observation, Occurrence, Posting, ProcessStart, Record};

use super::harness::{of_kind, settled};
use super::makers::{
    answer, cumulative, delta, event, installation, line, opus_output, process_start, prompted, request,
    seconds,
};

/// Session, second and type of each start.
fn starts(postings: &[Posting]) -> Vec<(&str, i64, &str)> {
    let starts = of_kind(postings, Kind::SessionStart).into_iter();
    starts.map(|start| (start.session.as_str(), seconds(start.at), start.subject.as_str())).collect()
}

fn counted(session: &str, interval: (i64, i64), start_type: &str) -> Record {
    delta(session, interval, &Counter::Sessions(start_type.into()), 1.0)
}

#[test]
fn a_session_begins_with_the_first_that_is_known_of_it() {
    let records = [request("s", 30, "r1", 40), event("s", 10, prompted(Some("p1")))];
    assert_eq!(starts(&settled(&records)), [("s", 10, "fresh")]);
}

#[test]
fn a_process_that_runs_over_days_is_one_start() {
    let days = [0, 86_400, 2 * 86_400].map(|day| request("s", day, &day.to_string(), 40));
    assert_eq!(starts(&settled(&days)), [("s", 0, "fresh")]);
}

#[test]
fn every_source_tells_of_the_same_start() {
    let records = [
        process_start("s", 10, "fresh"),
        line("s", 10, "a", prompted(Some("p1"))),
        event("s", 11, prompted(Some("p1"))),
        counted("s", (8, 60), "fresh"),
    ];
    assert_eq!(starts(&settled(&records)), [("s", 8, "fresh")]);
}

#[test]
fn a_session_is_taken_up_again_each_time_a_process_resumes_it() {
    let lines = [
        process_start("s", 0, "fresh"),
        answer("s", 5, "m1", 40),
        process_start("s", 1_000, "resume"),
        answer("s", 1_005, "m2", 50),
        process_start("s", 90_000, "resume"),
    ];
    let metrics = [
        counted("s", (1, 60), "fresh"),
        counted("s", (1_001, 1_060), "resume"),
        counted("s", (90_001, 90_060), "continue"),
    ];
    let resumed = [("s", 0, "fresh"), ("s", 1_000, "resume"), ("s", 90_000, "resume")];
    assert_eq!(starts(&settled(&lines)), resumed);
    assert_eq!(
        starts(&settled(&metrics)),
        [("s", 1, "fresh"), ("s", 1_001, "resume"), ("s", 90_001, "continue")]
    );
    assert_eq!(starts(&settled(&[&lines[..], &metrics].concat())), resumed);
}

#[test]
fn the_type_is_told_by_whoever_knows_it() {
    // The event is first, the metric says how the process started.
    let records = [request("s", 5, "r1", 40), counted("s", (7, 60), "continue")];
    assert_eq!(starts(&settled(&records)), [("s", 5, "continue")]);
}

#[test]
fn a_running_count_of_processes_repeats_itself() {
    let counter = Counter::Sessions("fresh".into());
    let resumed = Counter::Sessions("resume".into());
    let points = [
        cumulative("s", (0, 60), &counter, 1.0),
        cumulative("s", (0, 120), &counter, 1.0),
        cumulative("s", (0, 7_200), &counter, 1.0),
        cumulative("s", (9_000, 9_060), &resumed, 1.0),
        cumulative("s", (9_000, 9_120), &resumed, 1.0),
    ];
    assert_eq!(starts(&settled(&points)), [("s", 0, "fresh"), ("s", 9_000, "resume")]);
}

#[test]
fn a_running_count_without_a_start_is_dated_by_its_first_point() {
    let counter = Counter::Sessions("fresh".into());
    let points = [60, 120, 7_200].map(|second| {
        let mut record = cumulative("s", (0, second), &counter, 1.0);
        if let Observation::Counter(point) = &mut record.observation {
            point.start = None;
        }
        record
    });
    assert_eq!(starts(&settled(&points)), [("s", 60, "fresh")]);
}

#[test]
fn a_process_that_is_heard_of_late_is_one_start() {
    // Nobody listened for the first two hours.
    let counter = Counter::Sessions("fresh".into());
    let records = [request("s", 7_150, "r1", 40), cumulative("s", (0, 7_200), &counter, 1.0)];
    assert_eq!(starts(&settled(&records)), [("s", 0, "fresh")]);
}

#[test]
fn a_view_of_other_sessions_is_none() {
    assert_eq!(starts(&settled(&[counted("view", (0, 60), "agents_view")])), []);
    let told = Observation::ProcessStart(ProcessStart { start_type: "agents_view".into() });
    assert_eq!(starts(&settled(&[event("view", 0, told)])), []);
}

#[test]
fn a_view_that_was_then_worked_in_is_a_session() {
    let records = [counted("s", (0, 60), "agents_view"), event("s", 300, prompted(Some("p1")))];
    // The first record is the point, at the end of its interval.
    assert_eq!(starts(&settled(&records)), [("s", 60, "fresh")]);
}

#[test]
fn an_id_that_a_process_has_until_it_has_read_which_session_it_continues_is_none() {
    let loaded = Occurrence { name: "plugin_loaded".into(), ..Occurrence::default() };
    let provisional = [
        event("provisional", 1_000, Observation::Occurrence(loaded)),
        counted("provisional", (1_000, 1_060), "continue"),
        delta("provisional", (1_000, 1_060), &Counter::ActiveCliSeconds, 2.0),
    ];
    let continued = [request("s", 10, "r1", 40), request("s", 1_010, "r2", 40)];
    let records = [&provisional[..], &continued].concat();
    assert_eq!(starts(&settled(&records)), [("s", 10, "fresh")]);
}

#[test]
fn a_fork_that_was_worked_in_is_a_session_although_its_process_continues_another() {
    let start = counted("fork", (0, 60), "continue");
    for work in [request("fork", 30, "r1", 40), delta("fork", (0, 60), &opus_output(), 40.0)] {
        assert_eq!(starts(&settled(&[start.clone(), work])), [("fork", 0, "continue")]);
    }
}

#[test]
fn a_session_opened_in_a_view_is_not_started_by_it() {
    let records = [
        process_start("s", 0, "fresh"),
        answer("s", 5, "m1", 40),
        counted("s", (5_000, 5_060), "agents_view"),
    ];
    assert_eq!(starts(&settled(&records)), [("s", 0, "fresh")]);
}

#[test]
fn without_session_ids_processes_are_counted() {
    let unnamed = installation();
    let records = [
        counted(&unnamed, (0, 60), "fresh"),
        counted(&unnamed, (1_000, 1_060), "resume"),
        counted(&unnamed, (2_000, 2_060), "agents_view"),
        request(&unnamed, 10, "r1", 40),
    ];
    let postings = settled(&records);
    assert_eq!(starts(&postings), [(unnamed.as_str(), 0, "fresh"), (unnamed.as_str(), 1_000, "resume")]);
    let items: Vec<_> = of_kind(&postings, Kind::SessionStart).iter().map(|start| start.item).collect();
    assert_ne!(items[0], items[1], "two processes are two sessions, as far as anybody knows");
}

#[test]
fn without_session_ids_and_counts_there_is_at_least_one() {
    let unnamed = installation();
    let records = [request(&unnamed, 10, "r1", 40), request(&unnamed, 9_000, "r2", 40)];
    assert_eq!(starts(&settled(&records)), [(unnamed.as_str(), 10, "fresh")]);
}

#[test]
fn processes_whose_session_a_transcript_names_are_not_counted_again() {
    let unnamed = installation();
    let records = [
        process_start("s", 2, "fresh"),
        answer("s", 5, "m1", 40),
        request(&unnamed, 5, "m1", 40),
        counted(&unnamed, (0, 60), "fresh"),
        // Another process, on a machine whose transcripts are not read.
        counted(&unnamed, (1_000, 1_060), "fresh"),
    ];
    assert_eq!(starts(&settled(&records)), [("s", 2, "fresh"), (unnamed.as_str(), 1_000, "fresh")]);
}

#[test]
fn all_starts_of_a_session_are_one_item() {
    let records =
        [process_start("s", 0, "fresh"), answer("s", 5, "m1", 40), process_start("s", 1_000, "resume")];
    let postings = settled(&records);
    let items: std::collections::BTreeSet<_> =
        of_kind(&postings, Kind::SessionStart).iter().map(|start| start.item).collect();
    assert_eq!(items.len(), 1);
}
