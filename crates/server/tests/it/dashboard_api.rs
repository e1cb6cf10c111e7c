//! What the dashboard asks.

use model::Posting;
use serde_json::{Value, json};
use server::Writing;
use server::api::status::{ImportState, ImportStatus};
use state::{KeyKind, KeyPresence};

use crate::world::*;

#[tokio::test]
async fn the_overview_is_what_was_posted() {
    let world = World::new();
    let in_shop = |posting: Posting| Posting { project: "/work/shop".into(), ..posting };
    world
        .post([
            in_shop(usage_of("mira@example.org", "2026-11-20T22:59:59Z", 100)),
            in_shop(usage_of("noah@example.org", "2026-11-20T23:00:00Z", 20)),
            usage_of("mira@example.org", "2026-11-19T12:00:00Z", 3),
        ])
        .await;
    let path = "/api/v1/overview?start=2026-11-20&end=2026-11-21&timezone=Europe/Berlin";
    let answer = world.get(path, &[]).await.json();
    assert_eq!(
        answer["range"],
        json!({ "start": "2026-11-20", "end": "2026-11-21", "timezone": "Europe/Berlin" })
    );
    assert_eq!(answer["boundary"], "2026-11-22T11:00:00.000001Z");
    assert_eq!(answer["price_book"], "2026-11-22");
    let days: Vec<_> = answer["days"].as_array().unwrap().iter().map(|day| &day["tokens"]["input"]).collect();
    assert_eq!(days, [100, 20]);
    assert_eq!(answer["totals"]["tokens"]["input"], 120);
    assert_eq!(answer["totals"]["active_people"], 2);
    assert_eq!(answer["totals"]["cost_micros"]["settled"], 20_000);
    assert_eq!(answer["previous"]["tokens"]["input"], 3);
    assert_eq!(answer["projects"][0]["project"], "/work/shop");
    assert_eq!(answer["models"][0]["requests"], 2);
}

#[tokio::test]
async fn the_overview_covers_thirty_days_up_to_today_unless_told_otherwise() {
    let world = World::new();
    world.clock.set("2026-11-22T23:30:00Z");
    let range = async |query: &str| -> Value {
        let answer = world.get(&format!("/api/v1/overview{query}"), &[]).await.json();
        let days = answer["days"].as_array().unwrap();
        json!([
            answer["range"]["start"],
            answer["range"]["end"],
            days.len(),
            days.last().unwrap()["complete"]
        ])
    };
    assert_eq!(range("").await, json!(["2026-10-24", "2026-11-22", 30, false]));
    assert_eq!(range("?timezone=Europe/Berlin").await, json!(["2026-10-25", "2026-11-23", 30, false]));
    assert_eq!(range("?end=2026-11-10").await, json!(["2026-10-12", "2026-11-10", 30, true]));
    assert_eq!(range("?start=2026-11-20").await, json!(["2026-11-20", "2026-11-22", 3, false]));
    assert_eq!(range("?start=2026-12-24").await, json!(["2026-12-24", "2026-12-24", 1, false]));
}

#[tokio::test]
async fn parameters_that_cannot_be_used_are_named() {
    let world = World::new();
    for (path, message) in [
        ("overview?start=yesterday", "start: must be a date in the form YYYY-MM-DD, such as 2026-11-20"),
        ("overview?end=2026-02-30", "end: must be a date in the form YYYY-MM-DD, such as 2026-11-20"),
        (
            "overview?timezone=Mars/Base",
            "\"Mars/Base\" is not a time zone: use an IANA name such as Europe/Berlin, or UTC",
        ),
        (
            "overview?start=2026-11-20&end=2026-11-19",
            "the range ends on 2026-11-19, before it starts on 2026-11-20",
        ),
        (
            "overview?start=1999-01-01&end=2026-11-19",
            "the range from 1999-01-01 to 2026-11-19 is too long: at most 3660 days, in the years 1970 to 9998",
        ),
        ("requests/recent?limit=0", "limit: must be a whole number from 1 to 500"),
        ("requests/recent?limit=501", "limit: must be a whole number from 1 to 500"),
    ] {
        let error = world.get(&format!("/api/v1/{path}"), &[]).await.api_error();
        assert_eq!(error, (400, "invalid_request".into(), message.into()), "{path}");
    }
}

#[tokio::test]
async fn the_newest_requests_come_first_and_as_many_as_asked_for() {
    let world = World::new();
    let at_second =
        |second: i64| usage_of("mira@example.org", &format!("2026-11-22T11:00:{second:02}Z"), second);
    world.post((0..60).map(at_second)).await;
    let input = async |query: &str| {
        let answer = world.get(&format!("/api/v1/requests/recent{query}"), &[]).await.json();
        let requests = answer["requests"].as_array().unwrap();
        requests.iter().map(|request| request["tokens"]["input"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(input("?limit=3").await, [59, 58, 57]);
    assert_eq!(input("").await.len(), 50);
}

#[tokio::test]
async fn the_status_tells_what_goes_on() {
    let world = World::new();
    let nothing_yet = json!({
        "version": env!("CARGO_PKG_VERSION"), "now": "2026-11-22T12:00:00Z", "data": "main", "empty": true,
        "http_address": "127.0.0.1:4318", "grpc_address": "127.0.0.1:4317",
        "import": {
            "state": "off", "files_done": 0, "files_total": 0, "bytes_done": 0, "bytes_total": 0,
            "lines_skipped": 0, "message": null
        },
        "demo": { "state": "none", "progress": 0.0, "address": null, "message": null }
    });
    assert_eq!(world.get("/api/v1/status", &[]).await.json(), nothing_yet);

    let running =
        ImportStatus { state: ImportState::Running, files_total: 7, bytes_done: 5, ..ImportStatus::OFF };
    world.import.send_replace(running);
    world.post([usage_of("mira@example.org", "2026-11-20T08:00:00Z", 1)]).await;
    let started = world.send(request("POST", "/api/v1/demo", &[])).await;
    assert_eq!(started.status, 202);
    let demo = json!({ "state": "filling", "progress": 0.25, "address": null, "message": null });
    assert_eq!(started.json(), demo);
    let status = world.get("/api/v1/status", &[]).await.json();
    assert_eq!(status["empty"], false);
    assert_eq!(status["import"]["state"], "running");
    assert_eq!((&status["import"]["files_total"], &status["import"]["bytes_done"]), (&7.into(), &5.into()));
    assert_eq!(status["demo"], demo);
}

#[tokio::test]
async fn the_settings_name_the_address_that_was_asked() {
    let world = World::new();
    let endpoint = async |world: &World, headers: &[(&str, &str)]| {
        let answer = world.get("/api/v1/connect", headers).await.json();
        let text: Value = serde_json::from_str(answer["settings"][0]["text"].as_str().unwrap()).unwrap();
        text["env"]["OTEL_EXPORTER_OTLP_ENDPOINT"].as_str().unwrap().to_owned()
    };
    assert_eq!(endpoint(&world, &[]).await, "http://127.0.0.1:4318");
    assert_eq!(endpoint(&world, &[("host", "localhost:9000")]).await, "http://localhost:9000");
    let public =
        World::with_settings(|settings| settings.public_url = Some("https://pitwall.example.org".into()));
    assert_eq!(endpoint(&public, &[("host", "localhost:9000")]).await, "https://pitwall.example.org");
}

#[tokio::test]
async fn the_settings_ask_for_an_ingest_key_once_there_is_one() {
    let world = World::new();
    let asks = async || world.get("/api/v1/connect", &[]).await.body.contains("YOUR-INGEST-KEY");
    assert!(!asks().await);
    world.keys.presence.lock().unwrap().insert(KeyKind::Ingest, KeyPresence::Usable);
    assert!(asks().await);
}

#[tokio::test]
async fn what_is_not_there_is_told_in_json() {
    let world = World::new();
    for path in ["/api", "/api/", "/api/v1", "/api/v1/overviews", "/api/v2/overview"] {
        let (status, code, _) = world.get(path, &[]).await.api_error();
        assert_eq!((status, code.as_str()), (404, "not_found"), "{path}");
    }
    for (method, path, allowed) in [
        ("POST", "/api/v1/overview", "GET,HEAD"),
        ("GET", "/api/v1/demo", "POST"),
        ("PUT", "/api/v1/live", "GET,HEAD"),
    ] {
        let answer = world.send(request(method, path, &[])).await;
        let (status, code, _) = answer.api_error();
        assert_eq!((status, code.as_str()), (405, "method_not_allowed"), "{method} {path}");
        assert_eq!(answer.header("allow"), allowed);
    }
}

#[tokio::test]
async fn the_description_is_served() {
    let answer = World::new().get("/api/openapi.json", &[]).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.json()["openapi"], "3.1.0");
    assert_eq!(answer.json(), serde_json::to_value(server::openapi()).unwrap());
}

#[tokio::test]
async fn health_and_readiness() {
    let world = World::new();
    assert_eq!(world.get("/healthz", &[]).await.body, "ok\n");
    let ready = async || {
        let answer = world.get("/readyz", &[]).await;
        (answer.status.as_u16(), answer.body)
    };
    assert_eq!(ready().await, (200, "ready\n".into()));
    world.writing.set(Writing::Fails);
    let text = "ready, but the ledger cannot be written just now, the log says why\n";
    assert_eq!(ready().await, (200, text.into()), "it can still be read");
    world.writing.set(Writing::Ended);
    assert_eq!(ready().await, (503, "nothing is written any more, the log says why\n".into()));
    assert_eq!(world.get("/healthz", &[]).await.status, 200);
}

#[tokio::test]
async fn the_server_tells_prometheus_how_it_is() {
    let world = World::new();
    let answer = world.get("/metrics", &[]).await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(
        answer.body,
        "# HELP pitwall_pit_stops_total Stops in the pit.\n# TYPE pitwall_pit_stops_total counter\n\
         pitwall_pit_stops_total 3\n"
    );
    let status = async |key: &str| world.get("/metrics", &[("x-api-key", key)]).await.status.as_u16();
    assert_eq!((status(VIEWER).await, status(VIEWER_OF_A).await), (200, 403));
    world.keys.presence.lock().unwrap().insert(KeyKind::Viewer, KeyPresence::Usable);
    assert_eq!(world.get("/metrics", &[]).await.status, 401);
    assert_eq!((status(VIEWER).await, status(INGEST).await), (200, 403));
}

#[tokio::test]
async fn what_goes_wrong_inside_stays_inside() {
    let world = World::with_broken_ledger();
    for path in ["overview", "requests/recent", "status"] {
        let answer = world.get(&format!("/api/v1/{path}"), &[]).await;
        let message = "something went wrong inside Pitwall: its log says what";
        assert_eq!(answer.api_error(), (500, "internal".into(), message.into()), "{path}");
    }
    let message = "something went wrong inside Pitwall: its log says what, under this request id";
    let answer = world.usage("starting_at=2026-11-20").await;
    assert_eq!(answer.analytics_error(), (500, "api_error".into(), message.into()));
    let answer = world.get("/readyz", &[]).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.body, "the ledger cannot be read, the log says why\n");
}
