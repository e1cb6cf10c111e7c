//! Questions whose answer somebody has already.

use crate::world::*;

const OVERVIEW: &str = "/api/v1/overview?start=2026-11-20&end=2026-11-20";

async fn tag_of(world: &World, path: &str) -> String {
    let answer = world.get(path, &[]).await;
    assert_eq!(answer.status, 200, "{path}");
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert!(answer.headers.get_all("vary").iter().any(|vary| vary == "authorization, x-api-key"));
    answer.header("etag").to_owned()
}

#[tokio::test]
async fn an_answer_is_not_sent_again_until_something_is_posted() {
    let world = World::new();
    world.post([usage_of("mira@example.org", "2026-11-20T08:00:00Z", 1)]).await;
    let tag = tag_of(&world, OVERVIEW).await;
    let again = world.get(OVERVIEW, &[("if-none-match", &tag)]).await;
    assert_eq!((again.status.as_u16(), again.body.as_str()), (304, ""));
    assert_eq!(again.header("etag"), tag);
    assert_eq!(world.get(OVERVIEW, &[("if-none-match", "W/\"1\", W/\"2\"")]).await.status, 200);
    let among_others = format!("W/\"1\", {tag}");
    assert_eq!(world.get(OVERVIEW, &[("if-none-match", &among_others)]).await.status, 304);

    world.post([usage_of("mira@example.org", "2026-11-20T09:00:00Z", 20)]).await;
    let answer = world.get(OVERVIEW, &[("if-none-match", &tag)]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["totals"]["tokens"]["input"], 21);
}

#[tokio::test]
async fn a_tag_is_good_for_one_question_and_one_quarter_of_an_hour() {
    let world = World::new();
    let tag = tag_of(&world, OVERVIEW).await;
    assert_ne!(tag, tag_of(&world, &format!("{OVERVIEW}&team=web")).await);
    assert_ne!(tag, tag_of(&world, "/api/v1/requests/recent").await);
    world.clock.set("2026-11-22T12:14:59.999999Z");
    assert_eq!(tag, tag_of(&world, OVERVIEW).await);
    // Midnight in Kathmandu is at a quarter past: the day that was running is over.
    world.clock.set("2026-11-22T18:15:00Z");
    assert_ne!(tag, tag_of(&world, OVERVIEW).await);
}

#[tokio::test]
async fn only_who_may_see_the_answer_is_told_that_it_did_not_change() {
    let world = World::new();
    let open = tag_of(&world, OVERVIEW).await;
    world.keys.presence.lock().unwrap().insert(state::KeyKind::Viewer, state::KeyPresence::Usable);
    assert_eq!(world.get(OVERVIEW, &[("if-none-match", &open)]).await.status, 401);
    let key = ("authorization", "Bearer viewer");
    // What was answered to nobody in particular is not the answer to a key.
    assert_eq!(world.get(OVERVIEW, &[key, ("if-none-match", &open)]).await.status, 200);
}

#[tokio::test]
async fn what_changes_by_itself_and_what_fails_has_no_tag() {
    let world = World::new();
    for path in ["/api/v1/status", "/api/v1/connect", "/api/v1/overview?start=never"] {
        let answer = world.get(path, &[("if-none-match", "*")]).await;
        assert_eq!(answer.header("etag"), "", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
    assert_eq!(World::with_broken_ledger().get(OVERVIEW, &[("if-none-match", "*")]).await.status, 500);
}

#[tokio::test]
async fn filters_are_read_from_the_query() {
    let world = World::new();
    world
        .post([
            usage_of("mira@example.org", "2026-11-20T08:00:00Z", 1),
            usage_of("noah@example.org", "2026-11-20T08:00:00Z", 20),
            usage_of("ida@example.org", "2026-11-20T08:00:00Z", 300),
        ])
        .await;
    let input = async |query: &str| {
        world.get(&format!("{OVERVIEW}{query}"), &[]).await.json()["totals"]["tokens"]["input"].clone()
    };
    assert_eq!(input("&person=mira@example.org&person=ida%40example.org").await, 301);
    assert_eq!(input("&person=mira@example.org&terminal=tmux").await, 0);
    assert_eq!(input("&team=unknown").await, 321);
    let values = world.get("/api/v1/filters?start=2026-11-20&end=2026-11-20", &[]).await.json();
    assert_eq!(
        values["people"],
        serde_json::json!({ "values": ["ida@example.org", "mira@example.org", "noah@example.org"], "all": true })
    );
    for (query, message) in [
        ("&source=rumours", "source: must be one of events, metrics, traces, transcripts"),
        ("&compare=never", "compare: must be before or year"),
    ] {
        let error = world.get(&format!("{OVERVIEW}{query}"), &[]).await.api_error();
        assert_eq!(error, (400, "invalid_request".into(), message.into()));
    }
    let many: String = (0..201).map(|number| format!("&team={number}")).collect();
    let error = world.get(&format!("{OVERVIEW}{many}"), &[]).await.api_error();
    assert_eq!(error.2, "team: takes at most 200 values");
}
