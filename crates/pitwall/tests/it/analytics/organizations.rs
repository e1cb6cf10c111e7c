//! Two organizations at one server that send the very same thing.

use serde_json::Value;

use crate::program::{Place, fixture};

const CONFIGURATION: &str = r#"
[organizations.acme]
subscription_type = "team"
ingest_keys.ci = { customer_type = "api" }
[organizations.labs]
subscription_type = "enterprise"
"#;

/// The day of the capture.
const DAY: &str = "2026-11-22";

#[tokio::test]
async fn the_same_capture_sent_by_two_organizations_is_each_ones_own() {
    let place = Place::new();
    std::fs::create_dir(place.data()).unwrap();
    std::fs::write(place.data().join("pitwall.toml"), CONFIGURATION).unwrap();
    let key = |kind: &str, name: &str, organization: &[&str]| {
        let create = ["key", "create", "--json", "--kind", kind, "--name", name];
        let made = place.json(&[&create[..], organization].concat());
        made["key"].as_str().unwrap().to_owned()
    };
    let (acme, labs) = (["--organization", "acme"], ["--organization", "labs"]);
    let ingest = [key("ingest", "ci", &acme), key("ingest", "laptops", &labs), key("ingest", "own", &[])];
    let admin = [key("admin", "a", &acme), key("admin", "b", &labs), key("admin", "c", &[])];
    let server = place.serve().start();
    for ingest in &ingest {
        for (path, body) in exports() {
            let headers = [("content-type", "application/json"), ("x-api-key", ingest)];
            assert_eq!(server.post(path, &headers, body).await.status, 200);
        }
    }
    let truth: Value = serde_json::from_slice(
        &std::fs::read(fixture("otlp/http-json/edits-accepted/expected.json")).unwrap(),
    )
    .unwrap();
    let mut organizations = Vec::new();
    for (admin, name, subscription) in
        [(&admin[0], "ci", None), (&admin[1], "laptops", Some("enterprise")), (&admin[2], "own", None)]
    {
        let rows = server.usage(admin, DAY).await;
        let [row] = rows.as_slice() else { panic!("{name}: {rows:?}") };
        assert_eq!(row["actor"]["api_key_name"], name);
        assert_eq!(row["customer_type"], if subscription.is_some() { "subscription" } else { "api" });
        assert_eq!(row["subscription_type"].as_str(), subscription);
        assert_eq!(row["core_metrics"]["lines_of_code"], truth["lines"]);
        assert_eq!(row["core_metrics"]["num_sessions"], truth["sessions_started"]);
        organizations.push(row["organization_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(organizations[..2], ["acme", "labs"]);
    assert!(!["acme", "labs"].contains(&organizations[2].as_str()));
}

/// The capture's exports: path and body.
fn exports() -> [(&'static str, Vec<u8>); 2] {
    let body = |file: &str| std::fs::read(fixture("otlp/http-json/edits-accepted").join(file)).unwrap();
    [("/v1/logs", body("0001-logs.json")), ("/v1/metrics", body("0002-metrics.json"))]
}
