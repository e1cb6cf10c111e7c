//! Nobody sees anything of another organization, whatever is asked: every path of the dashboard answers in a
//! server of several organizations as it would if the reader's were alone.

use model::{
    EvidenceBatch, Kind, Measures, Observation, Posting, Prompt, Record, RecordKey, SessionId, Source,
};
use utoipa::openapi::OpenApi;

use crate::live::sent;
use crate::world::*;

/// Organizations whose people, sessions, projects and branches go by the same names, and how much each did.
/// The names of models are their own.
const OURS: (&str, i64) = ("org-a", 3);
const HOMES: (&str, i64) = ("", 50);
const THEIRS: (&str, i64) = ("org-b", 700);

fn session(tenant: &str) -> SessionId {
    SessionId::new("s-1").within(&tenant.into())
}

/// What an organization did: of everything that pages tell of, `amount`.
fn work((tenant, amount): (&str, i64)) -> Vec<Posting> {
    let of_kind = |kind: Kind, measures: Measures| Posting {
        kind,
        measures,
        session: session(tenant),
        tenant: tenant.into(),
        project: "/work/shop".into(),
        branch: "main".into(),
        team: "web".into(),
        ..usage_of("ann@example.org", "2026-11-22T11:58:00Z", amount)
    };
    let nothing = Measures::default();
    let request = of_kind(Kind::Request, usage_of("", "2026-11-22T11:58:00Z", amount).measures);
    let mut unheard = Posting { model: format!("unheard-{amount}").into(), ..request.clone() };
    unheard.measures.unpriced_tokens = amount;
    vec![
        request,
        unheard,
        of_kind(Kind::SessionStart, nothing),
        of_kind(Kind::Lines, Measures { lines_added: amount, ..nothing }),
        of_kind(Kind::Commit, Measures { commits: amount, ..nothing }),
        of_kind(Kind::Prompt, Measures { prompts: amount, ..nothing }),
        of_kind(Kind::ApiError, Measures { api_errors: amount, ..nothing }),
        Posting {
            subject: "Edit".into(),
            ..of_kind(Kind::Decision, Measures { accepted: amount, ..nothing })
        },
        Posting {
            subject: "Bash".into(),
            ..of_kind(Kind::ToolResult, Measures { failed: amount, ..nothing })
        },
    ]
}

/// As many records as it did things: sources and events lost are told from these.
fn told((tenant, amount): (&str, i64)) -> EvidenceBatch {
    let record = |number: i64| Record {
        key: RecordKey::of(&[tenant.as_bytes(), &number.to_le_bytes()]),
        session: session(tenant),
        at: at("2026-11-22T11:58:00Z"),
        source: Source::Events,
        context: Default::default(),
        observation: Observation::Prompt(Prompt::default()),
        extra: vec![("number".into(), model::AttributeValue::Int(number * 2))],
    };
    EvidenceBatch {
        session: session(tenant),
        source: Source::Events,
        records: (0..amount).map(record).collect(),
    }
}

async fn world_of(organizations: &[(&str, i64)]) -> World {
    let world = World::new();
    let postings = organizations.iter().flat_map(|organization| work(*organization)).collect();
    world.keep(organizations.iter().map(|organization| told(*organization)).collect(), postings).await;
    world
}

/// What is asked of a path, where it wants to be asked something.
fn query_of(path: &str) -> &'static str {
    match path {
        "/api/analytics" => "?date=2026-11-22",
        "/api/v1/connect/arrivals" => "?since=2026-11-22T11:00:00Z",
        "/api/v1/cost/breakdown" => "?by=model",
        "/api/v1/person" => "?name=ann@example.org",
        "/api/v1/postings" => "?figure=cost&session=s-1",
        "/api/v1/project" => "?name=/work/shop",
        "/api/v1/session" => "?session=s-1",
        "/api/v1/sessions" => "?search=s-1",
        "/api/v1/tools/decisions" => "?by=tool",
        "/api/v1/status-line" => "?session_id=s-1",
        _ => "",
    }
}

/// Tells nothing of what anybody did.
const WITHOUT_FIGURES: [&str; 5] =
    ["/api/v1/connect", "/api/v1/health/rejected", "/api/v1/status", "/api/v1/widgets", "/api/docs"];
/// Does not end; see below.
const STREAMS: [&str; 2] = ["/api/v1/live", "/api/v1/live/activity"];

/// Every path that tells figures.
fn paths(description: &OpenApi) -> Vec<String> {
    let readable =
        description.paths.paths.iter().filter(|(_, path)| path.get.is_some()).map(|(path, _)| path);
    let own = readable.filter(|path| path.starts_with("/api/") || path.starts_with("/widget/"));
    own.filter(|path| {
        let path = path.as_str();
        path != "/api/openapi.json" && !WITHOUT_FIGURES.contains(&path) && !STREAMS.contains(&path)
    })
    .map(|path| path.replace("{file}", "summary.svg"))
    .collect()
}

#[tokio::test]
async fn every_answer_is_that_of_a_server_where_the_organization_is_alone() {
    let everybody = world_of(&[HOMES, OURS, THEIRS]).await;
    let (alone, nobody) = (world_of(&[OURS]).await, world_of(&[]).await);
    let paths = paths(&server::openapi());
    assert!(paths.len() > 30, "{paths:?}");
    for path in paths {
        let question = format!("{path}{}", query_of(&path));
        let ask = async |world: &World| {
            let answer = world.get(&question, &[("x-api-key", VIEWER_OF_A)]).await;
            (answer.status, answer.body)
        };
        let expected = ask(&alone).await;
        assert_eq!(expected.0, 200, "{question}: {}", expected.1);
        assert_ne!(ask(&nobody).await, expected, "{question} tells nothing");
        assert_eq!(ask(&everybody).await, expected, "{question}");
    }
}

#[tokio::test]
async fn a_token_for_cards_shows_its_keys_organization() {
    let (everybody, alone) = (world_of(&[HOMES, OURS, THEIRS]).await, world_of(&[OURS]).await);
    for world in [&everybody, &alone] {
        let presence = state::KeyPresence::Usable;
        world.keys.presence.lock().unwrap().insert(state::KeyKind::Viewer, presence);
    }
    let widgets = everybody.get("/api/v1/widgets", &[("x-api-key", VIEWER_OF_A)]).await.json();
    let token = widgets["token"].as_str().unwrap().replace(' ', "%20");
    for card in ["summary.json", "summary.svg", "cost.svg", "tokens.svg", "sessions.svg", "lines.svg"] {
        let path = format!("/widget/{card}?token={token}");
        let shown = everybody.get(&path, &[]).await;
        assert_eq!((shown.status.as_u16(), &shown.body), (200, &alone.get(&path, &[]).await.body), "{card}");
        let other = everybody.get(&format!("{path}&organization=org-b"), &[]).await;
        assert_eq!(other.status, 403, "{card}");
    }
}

#[tokio::test]
async fn what_others_do_is_not_streamed() {
    for path in STREAMS {
        let world = World::new();
        let stream = world.respond(request("GET", path, &[("x-api-key", VIEWER_OF_A)])).await;
        let mut body = stream.into_body();
        sent(&mut body);
        world.post(work(THEIRS)).await;
        assert_eq!(sent(&mut body), "", "{path}");
        world.post(work(OURS)).await;
        let ours = sent(&mut body);
        assert!(ours.contains("unheard-3") && !ours.contains("unheard-700"), "{path}: {ours}");
    }
}

#[tokio::test]
async fn what_was_refused_is_told_to_the_servers_own_organization_alone() {
    let world = World::new();
    for (key, status) in [(VIEWER_OF_A, 403), (ADMIN_OF_A, 403), (VIEWER, 200)] {
        assert_eq!(world.get("/api/v1/health/rejected", &[("x-api-key", key)]).await.status, status, "{key}");
    }
}
