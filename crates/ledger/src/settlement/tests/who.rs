//! Whose work it was, where, and with what.

use model::{Actor, Context, CustomerType, Kind, OrganizationId, Posting, Record, Text};

use super::harness::{of_kind, only, settled};
use super::makers::{OPUS, answer, cost, delta, marked_copy, request, with_context};

fn text(text: &str) -> Option<Text> {
    Some(text.into())
}

fn request_with(second: i64, name: &str, context: &Context) -> Record {
    with_context(request("s", second, name, 40), context)
}

fn actor(context: &Context) -> Actor {
    only(&settled(&[request_with(10, "r1", context)]), Kind::Request).actor.clone()
}

#[test]
fn an_actor_is_the_signed_in_person_else_the_surest_name_there_is() {
    let mut context = Context {
        email: text("ann@example.com"),
        ingest_key: text("ci"),
        installation: text("0123"),
        login: text("ann@laptop"),
        ..Context::default()
    };
    let api = |name: &str| Actor::Api { name: name.into() };
    assert_eq!(actor(&context), Actor::User { email: "ann@example.com".into() });
    context.email = None;
    assert_eq!(actor(&context), api("ci"));
    context.ingest_key = None;
    assert_eq!(actor(&context), api("0123"));
    context.installation = None;
    assert_eq!(actor(&context), api("ann@laptop"));
    context.login = None;
    assert_eq!(actor(&context), api("unknown"));
}

#[test]
fn a_session_has_one_actor_however_late_it_is_known() {
    let signed_in = Context { email: text("ann@example.com"), ..Context::default() };
    let local = Context { login: text("ann@laptop"), project: text("/work"), ..Context::default() };
    let records = [
        with_context(answer("s", 5, "m1", 40), &local),
        with_context(answer("s", 15, "m2", 50), &local),
        request_with(20, "m2", &signed_in),
    ];
    let postings = settled(&records);
    assert!(postings.iter().all(|posting| posting.actor == Actor::User { email: "ann@example.com".into() }));
    assert!(postings.iter().all(|posting| posting.project == "/work"));
}

#[test]
fn telemetry_is_asked_before_transcripts() {
    let told = Context { project: text("/told"), organization: text("org"), ..Context::default() };
    let seen = Context { project: text("/seen"), repository: text("example/demo"), ..Context::default() };
    let records = [with_context(answer("s", 5, "m1", 40), &seen), request_with(90, "r2", &told)];
    for posting in settled(&records) {
        assert_eq!((posting.project.as_str(), posting.repository.as_str()), ("/told", "example/demo"));
        assert_eq!(posting.organization, OrganizationId::new("org"));
    }
}

#[test]
fn branch_terminal_and_version_are_those_of_the_moment() {
    let moment = |branch: &str, terminal: &str, version: &str| Context {
        branch: text(branch),
        terminal: text(terminal),
        client_version: text(version),
        entrypoint: text("cli"),
        ..Context::default()
    };
    let records = [
        request_with(10, "r1", &moment("main", "vscode", "2.1.0")),
        request_with(20, "r2", &moment("fix", "tmux", "2.2.0")),
        request_with(30, "r3", &Context::default()),
    ];
    let postings = settled(&records);
    let of_moment = |posting: &&Posting| {
        (posting.branch.clone(), posting.terminal.clone(), posting.client_version.clone())
    };
    let expected = [("main", "vscode", "2.1.0"), ("fix", "tmux", "2.2.0"), ("main", "vscode", "2.1.0")];
    let expected = expected.map(|(a, b, c)| (a.into(), b.into(), c.into()));
    assert_eq!(of_kind(&postings, Kind::Request).iter().map(of_moment).collect::<Vec<_>>(), expected);
}

#[test]
fn the_event_s_own_moment_stands_against_the_line_s() {
    let seen = Context { branch: text("fix"), terminal: text("from line"), ..Context::default() };
    let told = Context { terminal: text("from event"), ..Context::default() };
    let records = [with_context(answer("s", 5, "r1", 40), &seen), request_with(10, "r1", &told)];
    let postings = settled(&records);
    let posting = only(&postings, Kind::Request);
    assert_eq!((posting.branch.as_str(), posting.terminal.as_str()), ("fix", "from event"));
}

#[test]
fn what_only_totals_know_is_the_session_s_as_well() {
    let context = Context {
        email: text("ann@example.com"),
        customer_type: Some(CustomerType::Subscription),
        subscription: text("team"),
        team: text("core"),
        remote: Some(true),
        ..Context::default()
    };
    let records = [request_with(10, "r1", &context), delta("s", (0, 60), &cost(OPUS), 1.0)];
    let postings = settled(&records);
    let rest = only(&postings, Kind::Unattributed);
    assert_eq!(rest.actor, Actor::User { email: "ann@example.com".into() });
    assert_eq!(rest.customer_type, CustomerType::Subscription);
    assert_eq!((rest.subscription_type.as_str(), rest.team.as_str(), rest.remote), ("team", "core", true));
}

#[test]
fn an_origin_without_a_file_is_known_by_its_fork() {
    let context = Context { login: text("ann@laptop"), project: text("/work"), ..Context::default() };
    let copied = with_context(marked_copy(&answer("first", 5, "m1", 40), "fork"), &context);
    let postings = settled(&[copied, with_context(answer("fork", 20, "m2", 50), &context)]);
    assert!(postings.iter().all(|posting| posting.project == "/work"));
    assert_eq!(of_kind(&postings, Kind::Request)[0].session, "first".into());
}
