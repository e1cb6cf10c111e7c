//! Pages of the Analytics API: one run is one moment.

use model::Sign;
use serde_json::Value;

use crate::world::*;

fn person(number: usize) -> String {
    format!("person-{number:03}@example.org")
}

async fn fifty_people() -> World {
    let world = World::new();
    world.post((0..50).map(|number| usage_of(&person(number), "2026-11-20T08:00:00Z", 1))).await;
    world
}

/// People come, go and work on.
async fn life_goes_on(world: &World, round: usize) {
    world.post([usage_of(&format!("a-{round}@example.org"), "2026-11-20T01:00:00Z", 5)]).await;
    world.post([usage_of(&person(round % 50), "2026-11-20T09:00:00Z", 7)]).await;
    let gone = usage_of(&person((round * 7) % 50), "2026-11-20T08:00:00Z", 1);
    world.append(vec![(Sign::Reversal, gone)]).await;
}

/// What happens between two pages.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Between {
    Nothing,
    Life,
    LifeAndRestart,
}

async fn all_pages(world: &mut World, limits: &[usize], between: Between) -> Vec<Value> {
    let (mut rows, mut page) = (Vec::new(), String::new());
    for round in 0.. {
        let limit = limits[round % limits.len()];
        let answer = world.usage(&format!("starting_at=2026-11-20&limit={limit}{page}")).await.json();
        let data = answer["data"].as_array().unwrap();
        rows.extend(data.iter().cloned());
        assert_eq!(answer["has_more"], answer["next_page"].is_string());
        let Some(next) = answer["next_page"].as_str() else { break };
        assert_eq!(data.len(), limit, "only the last page may be short");
        page = format!("&page={next}");
        if between != Between::Nothing {
            life_goes_on(world, round).await;
        }
        if between == Between::LifeAndRestart {
            world.restart();
        }
    }
    rows
}

#[tokio::test]
async fn pages_are_the_first_moment_while_data_streams_in() {
    for limits in [&[1][..], &[7], &[49], &[50], &[1_000], &[3, 20, 1]] {
        for between in [Between::Nothing, Between::Life, Between::LifeAndRestart] {
            let mut world = fifty_people().await;
            let first_moment = all_pages(&mut world, &[1_000], Between::Nothing).await;
            assert_eq!(first_moment.len(), 50);
            let pages = all_pages(&mut world, limits, between).await;
            assert_eq!(pages, first_moment, "limits {limits:?}, {between:?}");
        }
    }
}

#[tokio::test]
async fn a_new_run_shows_what_has_changed() {
    let mut world = fifty_people().await;
    let before = all_pages(&mut world, &[20], Between::Nothing).await;
    life_goes_on(&world, 3).await;
    let after = all_pages(&mut world, &[20], Between::Nothing).await;
    assert_ne!(before, after);
    assert_eq!(after[0]["actor"]["email_address"], "a-3@example.org");
}

async fn next_page(world: &World) -> String {
    world.usage("starting_at=2026-11-20&limit=5").await.json()["next_page"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_clock_goes_on_without_changing_a_run() {
    let hour = std::time::Duration::from_secs(60 * 60);
    let world = World::with_settings(|settings| settings.analytics.freshness = hour);
    world.clock.set("2026-11-20T09:30:00Z");
    let work = |number| {
        let (early, late) = ("2026-11-20T08:00:00Z", "2026-11-20T09:00:00Z");
        [usage_of(&person(number), early, 1), usage_of(&person(number), late, 10)]
    };
    world.post((0..9).flat_map(work)).await;
    let page = next_page(&world).await;
    world.clock.set("2026-11-20T12:00:00Z");
    let rest = world.usage(&format!("starting_at=2026-11-20&page={page}")).await.json();
    let input: Vec<_> = rest["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["model_breakdown"][0]["tokens"]["input"])
        .collect();
    assert_eq!(input, [1, 1, 1, 1], "what has grown old enough meanwhile belongs to the next run");
}

#[tokio::test]
async fn a_cursor_of_something_else_is_refused() {
    let world = fifty_people().await;
    let page = next_page(&world).await;
    let place = page.len() / 2;
    let other = if &page[place..=place] == "A" { "B" } else { "A" };
    let tampered = format!("{}{other}{}", &page[..place], &page[place + 1..]);
    let ask = async |day: &str, page: &str, key: &str| {
        let path = format!("{USAGE}?starting_at={day}&page={page}");
        world.get(&path, &[("x-api-key", key)]).await.analytics_error()
    };
    let refusal = |message: &str| (400, "invalid_request_error".to_owned(), format!("page: {message}"));

    let foreign = refusal("is not a cursor of this server: start again without it");
    assert_eq!(ask("2026-11-20", &tampered, ADMIN).await, foreign);
    assert_eq!(ask("2026-11-20", &page[..page.len() - 1], ADMIN).await, foreign);
    let other_day = "belongs to another day: repeat the one of the first page, or start again without it";
    assert_eq!(ask("2026-11-21", &page, ADMIN).await, refusal(other_day));
    let other_organization = "belongs to another organization's key: start again without it";
    assert_eq!(ask("2026-11-20", &page, ADMIN_OF_A).await, refusal(other_organization));
    world.clock.set("2026-11-29T12:00:01Z");
    let expired = "is older than seven days: start again without it";
    assert_eq!(ask("2026-11-20", &page, ADMIN).await, refusal(expired));
}
