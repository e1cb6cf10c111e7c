//! One run of pages is one moment, while telemetry streams in and through crashes.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::people::{DAY, People, Work};
use super::program::{Server, client};

/// People at work when a test begins.
const PEOPLE: i64 = 5_000;
/// Records that arrive in a second, and how many at once.
const RECORDS_PER_SECOND: u64 = 2_000;
const RECORDS_AT_ONCE: u64 = 100;

/// Live use, without a limit: a page a row is many requests.
const SETTINGS: [(&str, &str); 2] =
    [("PITWALL_ANALYTICS_FRESHNESS", "0s"), ("PITWALL_ANALYTICS_REQUESTS_PER_MINUTE", "0")];

/// Sends telemetry. What is not acknowledged is sent again, which adds nothing if it was kept.
async fn send(client: &reqwest::Client, address: &str, body: Vec<u8>) {
    loop {
        let request = client.post(format!("{address}/v1/logs"));
        let request = request.header("content-type", "application/x-protobuf").body(body.clone());
        match request.send().await {
            Ok(answer) if answer.status().is_success() => return,
            Ok(answer) => assert_eq!(answer.status(), 503, "{}", answer.text().await.unwrap()),
            // The server is down for a moment.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// A server at which people work without end.
struct World {
    server: Server,
    key: String,
    client: reqwest::Client,
    /// Held while something is sent, so that whoever holds it knows the truth.
    people: Arc<Mutex<People>>,
    stream: Option<JoinHandle<()>>,
}

impl World {
    async fn new() -> Self {
        let server = Server::start(&SETTINGS);
        let (key, client) = (server.key("admin"), client());
        let mut people = People::default();
        let numbers: Vec<i64> = (0..PEOPLE).collect();
        for some in numbers.chunks(250) {
            // Bodies of several exports make one, as their messages are lists.
            let body = some.iter().flat_map(|number| people.work(&person(*number), *number)).collect();
            send(&client, &server.address, body).await;
        }
        Self { server, key, client, people: Arc::new(Mutex::new(people)), stream: None }
    }

    /// From now on records arrive: of people who are known, and of new ones before, between and behind them.
    fn stream_in(&mut self) {
        let (client, address) = (self.client.clone(), self.server.address.clone());
        let people = Arc::clone(&self.people);
        let mut beat =
            tokio::time::interval(Duration::from_millis(1_000 * RECORDS_AT_ONCE / RECORDS_PER_SECOND));
        self.stream = Some(tokio::spawn(async move {
            for round in 0_u64.. {
                beat.tick().await;
                let mut people = people.lock().await;
                let numbers = round * RECORDS_AT_ONCE..(round + 1) * RECORDS_AT_ONCE;
                let body = numbers.flat_map(|number| people.work(&worker(number), 7)).collect();
                send(&client, &address, body).await;
            }
        }));
    }

    /// No more records arrive.
    async fn stream_ends(&mut self) {
        let _nothing_is_sent = self.people.lock().await;
        if let Some(stream) = self.stream.take() {
            stream.abort();
        }
    }

    /// Reads all pages. The truth is what had been acknowledged before the first was asked for; everything
    /// that arrives after it must not be seen.
    async fn run(&mut self, limit: usize, crash_after_pages: &[usize]) {
        let people = Arc::clone(&self.people);
        let nothing_is_sent = people.lock().await;
        let truth = nothing_is_sent.truth();
        let mut page = self.page(limit, None).await;
        drop(nothing_is_sent);
        let (mut rows, mut pages) = (Vec::new(), 1);
        loop {
            let data = page["data"].as_array().unwrap();
            rows.extend(data.iter().map(row));
            assert_eq!(page["has_more"], page["next_page"].is_string());
            let Some(next) = page["next_page"].as_str() else { break };
            assert_eq!(data.len(), limit, "only the last page may be short");
            if crash_after_pages.contains(&pages) {
                self.server.crash_and_restart();
            }
            page = self.page(limit, Some(next)).await;
            pages += 1;
        }
        assert_eq!(rows.len(), truth.len(), "limit {limit}");
        let expected = truth.into_iter().map(|(email, work)| (email, work.input, work.cents()));
        for (actual, expected) in rows.into_iter().zip(expected) {
            assert_eq!(actual, expected, "limit {limit}");
        }
    }

    async fn page(&self, limit: usize, page: Option<&str>) -> Value {
        let url = format!("{}/v1/organizations/usage_report/claude_code", self.server.address);
        let limit = limit.to_string();
        let query: Vec<_> = [("starting_at", DAY), ("limit", &limit)]
            .into_iter()
            .chain(page.map(|page| ("page", page)))
            .collect();
        let answer = self.client.get(url).query(&query).header("x-api-key", &self.key).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(stream) = &self.stream {
            stream.abort();
        }
    }
}

fn person(number: i64) -> String {
    format!("person-{number:05}@example.org")
}

/// Who works next, of those who are known and of others before, between and behind them.
fn worker(number: u64) -> String {
    let known = i64::try_from(number * 7_919).unwrap() % PEOPLE;
    match number % 4 {
        0 => format!("a-{number:06}@example.org"),
        1 => format!("person-{known:05}-{number}@example.org"),
        2 => format!("z-{number:06}@example.org"),
        _ => person(known),
    }
}

/// Address, input tokens and cents of a row.
fn row(row: &Value) -> (String, i64, i64) {
    let model = &row["model_breakdown"][0];
    let email = row["actor"]["email_address"].as_str().unwrap().to_owned();
    (email, model["tokens"]["input"].as_i64().unwrap(), model["estimated_cost"]["amount"].as_i64().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn analytics_pages_are_the_first_moment_while_records_stream_in() {
    let mut world = World::new().await;
    world.stream_in();
    for limit in [1_000, 7, 1] {
        let before = world.people.lock().await.truth();
        world.run(limit, &[]).await;
        let after = world.people.lock().await.truth();
        assert!(sum(&after) > sum(&before), "nothing arrived meanwhile");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn analytics_pages_are_the_first_moment_across_crashes() {
    let mut world = World::new().await;
    world.stream_in();
    world.run(1_000, &[1, 3]).await;
    world.run(97, &[2, 20]).await;
    world.stream_ends().await;
    // Nothing that was acknowledged is lost, and nothing is there twice.
    world.run(1_000, &[]).await;
}

fn sum(people: &[(String, Work)]) -> i64 {
    people.iter().map(|(_, work)| work.requests).sum()
}
