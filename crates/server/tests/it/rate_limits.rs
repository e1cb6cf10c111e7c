//! How often a key may ask.

use server::RateLimit;

use crate::world::*;

const DAY: &str = "?starting_at=2026-11-20";

/// Thirty requests a minute, two at once.
fn strict() -> World {
    World::with_settings(|settings| settings.analytics.rate_limit = RateLimit::new(30, 2))
}

async fn ask(world: &World, key: &str) -> (u16, [String; 4]) {
    let answer = world.get(&format!("{USAGE}{DAY}"), &[("x-api-key", key)]).await;
    let of_requests = |name: &str| answer.header(&format!("anthropic-ratelimit-requests-{name}")).to_owned();
    let told = [
        of_requests("limit"),
        of_requests("remaining"),
        of_requests("reset"),
        answer.header("retry-after").to_owned(),
    ];
    (answer.status.as_u16(), told)
}

fn told(remaining: &str, reset: &str, retry_after: &str) -> [String; 4] {
    ["30", remaining, reset, retry_after].map(str::to_owned)
}

#[tokio::test]
async fn a_key_that_asks_too_often_is_told_when_to_come_back() {
    let world = strict();
    assert_eq!(ask(&world, ADMIN).await, (200, told("1", "2026-11-22T12:00:02Z", "")));
    assert_eq!(ask(&world, ADMIN).await, (200, told("0", "2026-11-22T12:00:04Z", "")));
    assert_eq!(ask(&world, ADMIN).await, (429, told("0", "2026-11-22T12:00:04Z", "2")));
    let refused = world.usage(&DAY[1..]).await;
    let message = "the key asks too often: wait for 2 seconds";
    assert_eq!(refused.analytics_error(), (429, "rate_limit_error".into(), message.into()));
    assert_eq!(refused.header("anthropic-organization-id"), HOME);
    world.clock.set("2026-11-22T12:00:02Z");
    assert_eq!(ask(&world, ADMIN).await, (200, told("0", "2026-11-22T12:00:06Z", "")));
}

#[tokio::test]
async fn keys_have_a_bucket_each_and_every_path_takes_from_it() {
    let world = strict();
    for path in ["/v1/organizations/me", "/v1/organizations/users"] {
        assert_eq!(world.get(path, &[("x-api-key", ADMIN)]).await.status, 200);
    }
    assert_eq!(ask(&world, ADMIN).await.0, 429);
    assert_eq!(ask(&world, ADMIN_OF_A).await.0, 200);
    // A key of the wrong kind is counted too; requests without a key that can be used are not.
    assert_eq!(
        [ask(&world, VIEWER).await.0, ask(&world, VIEWER).await.0, ask(&world, VIEWER).await.0],
        [403, 403, 429]
    );
    for _ in 0..5 {
        let (status, told) = ask(&world, REVOKED).await;
        assert_eq!((status, told.concat()), (401, String::new()));
    }
    // The dashboard's own API has no limit.
    for _ in 0..5 {
        assert_eq!(world.get("/api/v1/overview", &[("x-api-key", ADMIN)]).await.status, 200);
    }
}

#[tokio::test]
async fn without_a_limit_none_is_told() {
    let world = World::new();
    for _ in 0..9 {
        assert_eq!(ask(&world, ADMIN).await, (200, [const { String::new() }; 4]));
    }
}
