//! The description of the API, for people.

use serde_json::Value;

use crate::world::*;

async fn page() -> Answer {
    World::new().get("/api/docs", &[]).await
}

#[tokio::test]
async fn every_operation_and_shape_is_on_the_page() {
    let answer = page().await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/html; charset=utf-8"));
    let document: Value = serde_json::to_value(server::openapi()).unwrap();
    let mut operations = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            let heading = format!("id=\"{id}\"><b>{}</b> <code>{path}</code>", method.to_uppercase());
            assert!(answer.body.contains(&heading), "{heading}");
            operations += 1;
        }
    }
    assert!(operations > 15);
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(answer.body.contains(&format!("id=\"schema-{name}\"")), "{name}");
    }
}

#[tokio::test]
async fn every_link_leads_somewhere_on_the_page() {
    let body = page().await.body;
    let links = body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let links: Vec<_> = links.collect();
    assert!(links.len() > 50);
    for link in links {
        match link.strip_prefix('#') {
            Some(place) => assert!(body.contains(&format!("id=\"{place}\"")), "{link}"),
            None => assert_eq!(link, "openapi.json"),
        }
    }
}

#[tokio::test]
async fn the_page_loads_nothing() {
    let answer = page().await;
    for word in ["<script", "<link", "<img", "<iframe", "src=", "@import", "url("] {
        assert!(!answer.body.contains(word), "{word}");
    }
    assert!(answer.header("content-security-policy").contains("default-src 'none'"));
}

#[tokio::test]
async fn operations_have_ids_and_tags_that_are_described() {
    let document: Value = serde_json::to_value(server::openapi()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let tags: Vec<_> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let mut ids = std::collections::BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{operation}");
            let [tag] = operation["tags"].as_array().unwrap().as_slice() else { panic!("{operation}") };
            assert!(tags.contains(&tag), "{tag}");
        }
    }
}

#[tokio::test]
async fn every_reference_is_there() {
    let document: Value = serde_json::to_value(server::openapi()).unwrap();
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Object(entries) => {
                found.extend(entries.get("$ref").and_then(Value::as_str).map(str::to_owned));
                entries.values().for_each(|item| references(item, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50);
    for reference in found {
        assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
    }
}
