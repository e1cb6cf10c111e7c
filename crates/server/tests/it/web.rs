//! The dashboard's files.

use crate::world::*;

const ASK_AGAIN: &str = "no-cache";
const FOR_EVER: &str = "public, max-age=31536000, immutable";

#[tokio::test]
async fn files_are_served_and_pages_start_the_dashboard() {
    let world = World::new();
    let page = ("text/html; charset=utf-8", ASK_AGAIN, "<!doctype html>the dashboard");
    for (path, (media_type, caching, body)) in [
        ("/", page),
        ("/index.html", page),
        ("/overview", page),
        ("/people/mira@example.org", page),
        ("/?start=2026-11-20", page),
        ("/icon.svg", ("image/svg+xml", ASK_AGAIN, "<svg/>")),
        ("/assets/index-4fd2.js", ("text/javascript; charset=utf-8", FOR_EVER, "start()")),
    ] {
        let answer = world.get(path, &[]).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), media_type, "{path}");
        assert_eq!(answer.header("cache-control"), caching, "{path}");
        assert_eq!(answer.body, body, "{path}");
    }
}

#[tokio::test]
async fn a_missing_file_is_no_page() {
    let world = World::new();
    for path in ["/assets/index-old.js", "/assets/x", "/favicon.ico", "/../Cargo.toml", "/.gitkeep"] {
        assert_eq!(world.get(path, &[]).await.status, 404, "{path}");
    }
    assert_eq!(world.send(request("POST", "/", &[])).await.status, 405);
}

#[tokio::test]
async fn a_known_file_is_not_sent_again() {
    let world = World::new();
    let tag = world.get("/", &[]).await.header("etag").to_owned();
    assert_eq!(tag, "\"hash of index.html\"");
    let again = world.get("/", &[("if-none-match", &tag)]).await;
    assert_eq!((again.status.as_u16(), again.body.as_str()), (304, ""));
    assert_eq!(again.header("etag"), tag);
    assert_eq!(world.get("/", &[("if-none-match", "\"another\"")]).await.status, 200);
}

#[tokio::test]
async fn without_the_dashboard_the_page_says_how_to_get_it() {
    let world = World::without_dashboard();
    for path in ["/", "/overview"] {
        let answer = world.get(path, &[]).await;
        assert_eq!(answer.status, 503, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.body.contains("make run"), "{}", answer.body);
    }
    assert_eq!(world.get("/assets/index-4fd2.js", &[]).await.status, 404);
    assert_eq!(world.get("/api/v1/status", &[]).await.status, 200);
}

#[tokio::test]
async fn large_answers_are_compressed_on_request() {
    let world = World::new();
    let answer = world.open("/api/openapi.json").await;
    assert!(!answer.headers().contains_key("content-encoding"));
    let request = request("GET", "/api/v1/overview", &[("accept-encoding", "gzip")]);
    let answer = world.respond(request).await;
    assert_eq!(answer.headers()["content-encoding"], "gzip");
}

/// Builds without the dashboard are as right as those with it; whichever this is, it shows.
#[tokio::test]
async fn the_built_dashboard_is_found_where_the_build_puts_it() {
    let index = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist/index.html");
    let answer = World::with_built_dashboard().get("/", &[]).await;
    match std::fs::read_to_string(index) {
        Ok(page) => assert_eq!((answer.status.as_u16(), answer.body), (200, page)),
        Err(_) => assert_eq!(answer.status, 503),
    }
}
