//! Copies that do not say so: a session that was resumed into a new file, a file copied by hand.

use model::{Kind, Observation, Record, RequestSeen};

use super::harness::{figures, requests, settled, sum};
use super::makers::{answer, answered, copy, done, line, process_start, prompted, request};

fn original() -> Vec<Record> {
    let calling = RequestSeen { tool_uses: vec!["t1".into()], ..answered("m1", "r1", 40) };
    let wrote = model::ToolOutcome { lines_added: 3, ..done(Some("t1"), "Write") };
    vec![
        line("old", 1, "prompt 1", prompted(Some("p1"))),
        line("old", 5, "m1", Observation::Request(calling)),
        line("old", 6, "result", Observation::ToolResult(wrote)),
        answer("old", 10, "m2", 50),
    ]
}

fn copies(of: &[Record], session: &str) -> Vec<Record> {
    of.iter().map(|record| copy(record, session)).collect()
}

#[test]
fn the_session_that_went_on_alone_first_had_what_both_hold() {
    // "a" sorts before "old", so the name does not decide it.
    let mut old = original();
    old.push(answer("old", 20, "m3", 60));
    let mut new = copies(&original(), "a");
    new.push(answer("a", 1_000, "m4", 70));
    let postings = settled(&[old, new].concat());
    assert_eq!(requests(&postings), [("old", 5, 40), ("old", 10, 50), ("old", 20, 60), ("a", 1_000, 70)]);
    assert_eq!(figures(&postings, Kind::Prompt, |measures| measures.prompts), [("old", 1, 1)]);
    assert_eq!(figures(&postings, Kind::Lines, |measures| measures.lines_added), [("old", 6, 3)]);
}

#[test]
fn a_session_wholly_contained_in_another_had_it_first() {
    let mut new = copies(&original(), "a");
    new.push(answer("a", 1_000, "m4", 70));
    let postings = settled(&[original(), new].concat());
    assert_eq!(requests(&postings), [("old", 5, 40), ("old", 10, 50), ("a", 1_000, 70)]);
}

#[test]
fn of_two_equal_files_one_counts() {
    let postings = settled(&[original(), copies(&original(), "a")].concat());
    assert_eq!(requests(&postings), [("a", 5, 40), ("a", 10, 50)]);
    assert_eq!(sum(&postings, |measures| measures.lines_added), 3);
}

#[test]
fn three_files_one_after_the_other_count_each_thing_once() {
    let mut second = copies(&original(), "m");
    second.push(answer("m", 1_000, "m3", 60));
    let mut third = copies(&second, "a");
    third.push(answer("a", 2_000, "m4", 70));
    let expected = [("old", 5, 40), ("old", 10, 50), ("m", 1_000, 60), ("a", 2_000, 70)];
    assert_eq!(requests(&settled(&[original(), second, third].concat())), expected);
}

#[test]
fn a_resumed_session_repeats_nothing() {
    let mut records = original();
    records.extend(original());
    records.extend([process_start("old", 900, "resume"), answer("old", 901, "m3", 60)]);
    let postings = settled(&records);
    assert_eq!(requests(&postings), [("old", 5, 40), ("old", 10, 50), ("old", 901, 60)]);
    assert_eq!(figures(&postings, Kind::SessionStart, |_| 0), [("old", 1, 0), ("old", 900, 0)]);
}

#[test]
fn a_message_that_another_file_renumbered_is_still_one() {
    // Other line ids, the same message: two records, one request.
    let again = line("a", 5, "other line", Observation::Request(answered("m1", "r1", 40)));
    let postings = settled(&[original(), vec![again, answer("a", 1_000, "m4", 70)]].concat());
    assert_eq!(sum(&postings, |measures| measures.requests), 3);
}

#[test]
fn telemetry_says_whose_a_copied_request_is() {
    // Only the copy is left, and does not say that it is one; the event's request id finds it.
    let copied = answer("new", 5, "m1", 40);
    let records = [copied, request("old", 6, "m1", 40), answer("new", 1_000, "m4", 70)];
    assert_eq!(requests(&settled(&records)), [("old", 6, 40), ("new", 1_000, 70)]);
}

#[test]
fn telemetry_says_whose_a_copied_request_is_also_if_its_answer_was_never_finished() {
    let begun = RequestSeen { finished: false, ..answered("m1", "m1", 3) };
    let copied = line("new", 5, "m1", Observation::Request(begun));
    let records = [copied, request("old", 6, "m1", 40), answer("new", 1_000, "m4", 70)];
    assert_eq!(requests(&settled(&records)), [("old", 6, 40), ("new", 1_000, 70)]);
}

#[test]
fn one_id_for_a_line_of_one_session_and_an_event_of_another_is_a_proxy_s_if_the_figures_differ() {
    let records = [answer("a", 5, "proxy", 40), request("b", 9, "proxy", 60)];
    assert_eq!(requests(&settled(&records)), [("a", 5, 40), ("b", 9, 60)]);
}

#[test]
fn a_request_id_that_a_proxy_repeats_does_not_join_sessions() {
    let records = [
        answer("a", 5, "proxy", 40),
        line("b", 7, "m2", Observation::Request(answered("m2", "proxy", 50))),
        request("c", 9, "proxy", 60),
    ];
    assert_eq!(requests(&settled(&records)), [("a", 5, 40), ("b", 7, 50), ("c", 9, 60)]);
}

#[test]
fn nor_does_it_if_the_figures_happen_to_agree() {
    let records = [
        line("a", 5, "m1", Observation::Request(answered("m1", "proxy", 40))),
        line("b", 7, "m2", Observation::Request(answered("m2", "proxy", 40))),
        request("c", 9, "proxy", 40),
    ];
    assert_eq!(requests(&settled(&records)), [("a", 5, 40), ("b", 7, 40), ("c", 9, 40)]);
}

#[test]
fn a_file_of_copies_does_not_begin_when_the_original_did() {
    let mut old = original();
    old.insert(0, process_start("old", 0, "fresh"));
    let mut new = copies(&original(), "a");
    // The reader of the file sees its first line and takes it for a start.
    new.insert(0, process_start("a", 0, "fresh"));
    new.extend([process_start("a", 1_000, "resume"), answer("a", 1_001, "m4", 70)]);
    let starts = settled(&[old, new].concat());
    assert_eq!(figures(&starts, Kind::SessionStart, |_| 0), [("old", 0, 0), ("a", 1_000, 0)]);
}

#[test]
fn an_original_that_went_on_after_it_was_copied_twice_over_keeps_what_it_made() {
    let mut old = original();
    old.push(answer("old", 20, "m5", 90));
    let mut second = copies(&original(), "m");
    second.push(answer("m", 1_000, "m3", 60));
    let mut third = copies(&second, "a");
    third.push(answer("a", 2_000, "m4", 70));
    let expected = [("old", 5, 40), ("old", 10, 50), ("old", 20, 90), ("m", 1_000, 60), ("a", 2_000, 70)];
    assert_eq!(requests(&settled(&[old, second, third].concat())), expected);
}
