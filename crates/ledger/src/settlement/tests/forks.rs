//! Forks that mark what they copied: each thing once, for the session that did it.

use model::{Kind, Observation, Record, RequestSeen};

use super::harness::{figures, of_kind, only, requests, settled, sum};
use super::makers::{
    answer, answered, asked, decided, done, event, line, marked_copy, process_start, prompted, request,
};

/// A session that was asked twice, and called a tool in its first answer.
fn first() -> Vec<Record> {
    let calling = RequestSeen { tool_uses: vec!["t1".into()], ..answered("m1", "r1", 40) };
    let edit = model::ToolOutcome { lines_added: 3, ..done(Some("t1"), "Edit") };
    vec![
        process_start("first", 0, "fresh"),
        line("first", 1, "prompt 1", prompted(Some("p1"))),
        line("first", 5, "m1", Observation::Request(calling)),
        line("first", 6, "result 1", decided(Some("t1"), "Edit", true)),
        line("first", 6, "result 1", Observation::ToolResult(edit)),
        line("first", 300, "prompt 2", prompted(Some("p2"))),
        answer("first", 310, "m2", 50),
    ]
}

/// All that a fork's file copies of a session: not the start of its process. Copied prompts are given
/// the id of the fork's own first one.
fn copied(original: &[Record], fork: &str, own_prompt: &str) -> Vec<Record> {
    let lines = original.iter().filter(|record| !matches!(record.observation, Observation::ProcessStart(_)));
    let mut first_prompt = true;
    let copies = lines.map(|line| {
        let mut copy = marked_copy(line, fork);
        if let Observation::Prompt(prompt) = &mut copy.observation {
            // The reader keeps the id on the first prompt that carries it.
            prompt.prompt_id = std::mem::take(&mut first_prompt).then(|| own_prompt.to_owned());
        }
        copy
    });
    copies.collect()
}

/// [`first`], and a fork of it that was asked once more.
fn first_and_fork() -> (Vec<Record>, Vec<Record>) {
    let first = first();
    let mut fork = copied(&first, "fork", "p3");
    fork.extend([
        process_start("fork", 1_000, "continue"),
        line("fork", 1_001, "prompt 3", prompted(None)),
        answer("fork", 1_010, "m3", 60),
    ]);
    (first, fork)
}

#[test]
fn copies_count_once_and_for_the_session_that_made_them() {
    let (first, fork) = first_and_fork();
    let postings = settled(&[first, fork].concat());
    assert_eq!(requests(&postings), [("first", 5, 40), ("first", 310, 50), ("fork", 1_010, 60)]);
    assert_eq!(
        figures(&postings, Kind::Prompt, |measures| measures.prompts),
        [("first", 1, 1), ("first", 300, 1), ("fork", 1_001, 1)]
    );
    assert_eq!(figures(&postings, Kind::Decision, |measures| measures.accepted), [("first", 6, 1)]);
    assert_eq!(figures(&postings, Kind::Lines, |measures| measures.lines_added), [("first", 6, 3)]);
    assert_eq!(figures(&postings, Kind::SessionStart, |_| 0), [("first", 0, 0), ("fork", 1_000, 0)]);
}

#[test]
fn a_fork_whose_origin_is_gone_tells_for_it() {
    let (_, fork) = first_and_fork();
    let postings = settled(&fork);
    assert_eq!(requests(&postings), [("first", 5, 40), ("first", 310, 50), ("fork", 1_010, 60)]);
    assert_eq!(sum(&postings, |measures| measures.prompts), 3);
    assert_eq!(figures(&postings, Kind::Lines, |measures| measures.lines_added), [("first", 6, 3)]);
    assert_eq!(figures(&postings, Kind::SessionStart, |_| 0), [("first", 1, 0), ("fork", 1_000, 0)]);
}

#[test]
fn what_was_written_in_the_moment_of_a_copied_answer_was_copied_with_it() {
    let decision = line("first", 5, "result", decided(Some("t9"), "Edit", true));
    let fork = [
        marked_copy(&decision, "fork"),
        marked_copy(&answer("first", 5, "m1", 40), "fork"),
        answer("fork", 20, "m2", 60),
    ];
    assert_eq!(figures(&settled(&fork), Kind::Decision, |measures| measures.accepted), [("first", 5, 1)]);
}

#[test]
fn a_copied_prompt_that_was_given_the_fork_s_id_is_not_the_fork_s() {
    let (_, mut fork) = first_and_fork();
    fork.push(event("fork", 1_001, prompted(Some("p3"))));
    assert_eq!(
        figures(&settled(&fork), Kind::Prompt, |measures| measures.prompts),
        [("first", 1, 1), ("first", 300, 1), ("fork", 1_001, 1)]
    );
}

#[test]
fn two_forks_of_one_session_copy_it_once() {
    let first = first();
    let mut left = copied(&first, "left", "p3");
    left.push(answer("left", 1_010, "m3", 60));
    let mut right = copied(&first, "right", "p4");
    right.push(answer("right", 1_020, "m4", 70));
    let expected = [("first", 5, 40), ("first", 310, 50), ("left", 1_010, 60), ("right", 1_020, 70)];
    assert_eq!(requests(&settled(&[first, left.clone(), right.clone()].concat())), expected);
    assert_eq!(requests(&settled(&[left, right].concat())), expected, "also without the original");
}

#[test]
fn a_fork_of_a_fork_names_whoever_made_each_request() {
    let (first, fork) = first_and_fork();
    let mut second = copied(&fork, "second", "p4");
    second.push(answer("second", 2_000, "m4", 70));
    let expected = [("first", 5, 40), ("first", 310, 50), ("fork", 1_010, 60), ("second", 2_000, 70)];
    assert_eq!(requests(&settled(&[first.clone(), fork, second.clone()].concat())), expected);
    // Without the file between them.
    assert_eq!(requests(&settled(&[first, second].concat())), expected);
}

#[test]
fn telemetry_of_both_sessions_adds_nothing() {
    let (first, fork) = first_and_fork();
    let events = [
        request("first", 6, "r1", 40),
        request("first", 311, "m2", 50),
        request("fork", 1_011, "m3", 60),
        event("first", 6, decided(Some("t1"), "Edit", true)),
        event("first", 7, Observation::ToolResult(done(Some("t1"), "Edit"))),
    ];
    let expected = [("first", 6, 40), ("first", 311, 50), ("fork", 1_011, 60)];
    for lines in [[first, fork.clone()].concat(), fork] {
        let postings = settled(&[&lines[..], &events].concat());
        assert_eq!(requests(&postings), expected);
        assert_eq!(sum(&postings, |measures| measures.accepted), 1);
        assert_eq!(sum(&postings, |measures| measures.succeeded), 1);
        assert_eq!(sum(&postings, |measures| measures.lines_added), 3);
    }
}

#[test]
fn what_a_call_did_belongs_to_the_session_of_the_answer_it_stands_in() {
    // The fork went on while the original's call was still running: its result stands behind the marks.
    let calling = RequestSeen { tool_uses: vec!["t1".into()], ..answered("m1", "r1", 40) };
    let call = line("first", 5, "m1", Observation::Request(calling));
    let committed = model::ToolOutcome { committed: true, ..done(Some("t1"), "Bash") };
    let result = line("first", 9, "result", Observation::ToolResult(committed));
    let fork = [marked_copy(&call, "fork"), marked_copy(&result, "fork"), answer("fork", 20, "m2", 60)];
    assert_eq!(figures(&settled(&fork), Kind::Commit, |measures| measures.commits), [("first", 9, 1)]);
}

#[test]
fn a_session_is_not_forked_from_itself() {
    let own = RequestSeen { origin_session: Some("s".into()), ..answered("m1", "r1", 40) };
    let postings = settled(&[line("s", 1, "a", Observation::Request(own)), answer("s", 2, "m2", 50)]);
    assert_eq!(requests(&postings), [("s", 1, 40), ("s", 2, 50)]);
    assert_eq!(of_kind(&postings, Kind::SessionStart).len(), 1);
}

#[test]
fn sessions_that_name_each_other_are_settled_all_the_same() {
    let named = |uuid: &str, session: &str, seconds: i64, origin: &str| {
        let seen = RequestSeen { origin_session: Some(origin.into()), ..answered(uuid, uuid, 40) };
        line(session, seconds, uuid, Observation::Request(seen))
    };
    let records = [named("m1", "a", 1, "b"), named("m2", "b", 2, "a"), answer("a", 3, "m3", 50)];
    assert_eq!(sum(&settled(&records), |measures| measures.requests), 3);
    assert_eq!(sum(&settled(&records), |measures| measures.tokens.output), 130);
}

#[test]
fn a_line_that_is_only_begun_in_the_original_is_finished_by_the_copy() {
    let begun = RequestSeen { finished: false, ..answered("m1", "r1", 3) };
    let original = line("first", 5, "a", Observation::Request(begun));
    let finished = line("first", 8, "b", Observation::Request(answered("m1", "r1", 900)));
    let postings = settled(&[original, marked_copy(&finished, "fork"), answer("fork", 20, "m2", 60)]);
    assert_eq!(requests(&postings), [("first", 8, 900), ("fork", 20, 60)]);
    let told = event("first", 9, Observation::Request(asked("r1", 900)));
    assert_eq!(only(&settled(&[told]), Kind::Request).measures.tokens.output, 900);
}
