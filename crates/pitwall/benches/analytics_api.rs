//! How long a page of the Analytics API takes, on a day of many users, while telemetry streams in.
//!
//! `cargo bench -p pitwall --bench analytics_api`; `USERS`, `REQUESTS` (by user) and `PER_SECOND` (records that
//! arrive meanwhile) change the data.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking, and prints what it measured"
)]

#[expect(dead_code, reason = "the tests, whose it is, use more of it")]
#[path = "../tests/it/analytics/people.rs"]
mod people;
#[expect(dead_code, reason = "the tests, whose it is, use more of it")]
#[path = "../tests/it/analytics/program.rs"]
mod program;

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use people::{DAY, People};
use program::{Server, client};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Bodies on their way at the same time, while the day is filled.
const CONNECTIONS: usize = 16;
const RECORDS_IN_A_BODY: usize = 100;
/// Runs of pages that are measured.
const RUNS: usize = 20;

const SETTINGS: [(&str, &str); 2] =
    [("PITWALL_ANALYTICS_FRESHNESS", "0s"), ("PITWALL_ANALYTICS_REQUESTS_PER_MINUTE", "0")];

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[tokio::main]
async fn main() {
    let (users, requests, per_second) =
        (number("USERS", 10_000), number("REQUESTS", 30), number("PER_SECOND", 2_000));
    let server = Server::start(&SETTINGS);
    let world = World { key: server.key("admin"), client: client(), address: server.address.clone() };
    let people = Arc::new(Mutex::new(People::default()));
    let began = Instant::now();
    world.fill(&mut *people.lock().await, users, requests).await;
    let records = users * requests;
    println!("{users} users, {records} records in {:.1} s", began.elapsed().as_secs_f64());

    for meanwhile in [0, per_second] {
        let stream = (meanwhile > 0)
            .then(|| tokio::spawn(stream_in(world.clone(), Arc::clone(&people), users, meanwhile)));
        for limit in [20, 1_000] {
            let (mut first, mut later) = (Vec::new(), Vec::new());
            for _ in 0..RUNS {
                world.run(limit, &mut first, &mut later).await;
            }
            println!(
                "{meanwhile} records/s arrive, limit {limit}: first page {}, later pages {}",
                told(first),
                told(later)
            );
        }
        if let Some(stream) = stream {
            stream.abort();
        }
    }
}

/// Median, 95th percentile and maximum.
fn told(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |part: usize| {
        times
            .get((times.len() * part / 100).min(times.len() - 1))
            .map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    format!("{:.1} / {:.1} / {:.1} ms", at(50), at(95), at(100))
}

#[derive(Clone)]
struct World {
    address: String,
    key: String,
    client: reqwest::Client,
}

impl World {
    async fn fill(&self, people: &mut People, users: usize, requests: usize) {
        let mut bodies = Vec::new();
        for _ in 0..requests {
            for some in (0..users).collect::<Vec<_>>().chunks(RECORDS_IN_A_BODY) {
                bodies
                    .push(some.iter().flat_map(|user| people.work(&email(*user), 100)).collect::<Vec<u8>>());
            }
        }
        let mut sending =
            futures::stream::iter(bodies).map(|body| self.send(body)).buffer_unordered(CONNECTIONS);
        while sending.next().await.is_some() {}
    }

    async fn send(&self, body: Vec<u8>) {
        let request = self.client.post(format!("{}/v1/logs", self.address));
        let answer =
            request.header("content-type", "application/x-protobuf").body(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// Reads the first page and up to nine that follow.
    async fn run(&self, limit: usize, first: &mut Vec<Duration>, later: &mut Vec<Duration>) {
        let mut next = None;
        for page in 0..10 {
            let began = Instant::now();
            let answer = self.page(limit, next.as_deref()).await;
            let times = if page == 0 { &mut *first } else { &mut *later };
            times.push(began.elapsed());
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            next = answer["next_page"].as_str().map(str::to_owned);
            if next.is_none() {
                return;
            }
        }
    }

    async fn page(&self, limit: usize, page: Option<&str>) -> Vec<u8> {
        let url = format!("{}/v1/organizations/usage_report/claude_code", self.address);
        let limit = limit.to_string();
        let query =
            [("starting_at", DAY), ("limit", &limit)].into_iter().chain(page.map(|page| ("page", page)));
        let request = self.client.get(url).query(&query.collect::<Vec<_>>()).header("x-api-key", &self.key);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap().to_vec()
    }
}

/// Everybody goes on working.
async fn stream_in(world: World, people: Arc<Mutex<People>>, users: usize, per_second: usize) {
    let pause = Duration::from_secs_f64(RECORDS_IN_A_BODY as f64 / per_second as f64);
    let mut beat = tokio::time::interval(pause);
    for round in 0_usize.. {
        beat.tick().await;
        let mut people = people.lock().await;
        let first = round * RECORDS_IN_A_BODY;
        let some = first..first + RECORDS_IN_A_BODY;
        let body = some.flat_map(|user| people.work(&email(user * 7_919 % users), 100)).collect();
        drop(people);
        world.send(body).await;
    }
}

fn email(user: usize) -> String {
    format!("person-{user:06}@example.org")
}
