//! Sends a plan's requests and measures how they are answered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use model::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::faults::Shipment;
use crate::request::Request;
use crate::transport::{Answer, Connection, Target};
use crate::truth::Truth;

/// How clients send.
#[derive(Clone, Debug)]
pub struct Sending {
    /// Where to.
    pub target: Target,
    /// Connections, each with one request at a time.
    pub connections: usize,
    /// Simulated seconds in a second; 0 is as fast as it goes.
    pub speed: f64,
    /// What clients do about requests that are not taken.
    pub patience: Patience,
}

/// What clients do about requests that are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// As Claude Code does: over HTTP five tries at "later", after 1, 1.5, 2.3 and 3.4 s or when the server
    /// says, and none when there is no answer; over gRPC one try.
    Client,
    /// Until the request is taken, at most this long.
    Insist(Duration),
}

/// The waits between a client's tries, in milliseconds.
const CLIENT_WAITS_MS: [u64; 4] = [1_000, 1_500, 2_300, 3_400];

/// How long to wait before insisting.
const INSIST_AFTER: Duration = Duration::from_millis(50);

/// Requests that wait for a connection.
const QUEUE: usize = 64;

/// What came of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// Requests that were taken.
    pub requests: u64,
    /// Records in them.
    pub records: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
    /// From the first request to the last answer, in seconds.
    pub seconds: f64,
    /// Answers "later" that were waited for and tried again.
    pub retries: u64,
    /// Requests that were given up, with the reason.
    pub dropped: BTreeMap<String, u64>,
    /// Milliseconds from sending a request to its being taken, retries included.
    pub latency_ms: Latency,
    /// What the requests that were taken amount to.
    pub taken: Truth,
    /// What all requests amount to, the ones that were given up included.
    pub sent: Truth,
}

/// How long answers took, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Latency {
    /// Half took no longer.
    pub p50: f64,
    /// 90 of 100 took no longer.
    pub p90: f64,
    /// 99 of 100 took no longer.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

impl Latency {
    fn of(mut micros: Vec<u32>) -> Self {
        micros.sort_unstable();
        let at = |part: f64| {
            let place = (micros.len() as f64 * part) as usize;
            micros
                .get(place.min(micros.len().saturating_sub(1)))
                .map_or(0.0, |micros| f64::from(*micros) / 1e3)
        };
        Self { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1.0) }
    }
}

#[derive(Default)]
struct Tally {
    outcome: Outcome,
    micros: Vec<u32>,
}

/// Sends everything. The requests are made on a thread of their own, while others are on their way.
///
/// # Errors
/// When the address is not one.
pub async fn run(
    requests: impl Iterator<Item = Shipment> + Send + 'static,
    begin: Timestamp,
    sending: &Sending,
) -> anyhow::Result<Outcome> {
    let (queue, waiting) = mpsc::channel(QUEUE);
    let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
    let tally: Arc<Mutex<Tally>> = Arc::default();
    let connections: Vec<Connection> =
        (0..sending.connections).map(|_| Connection::new(&sending.target)).collect::<anyhow::Result<_>>()?;
    let started = Instant::now();
    let speed = sending.speed;
    let producer = tokio::task::spawn_blocking(move || produce(requests, &queue, started, begin, speed));
    let workers = connections.into_iter().map(|connection| {
        tokio::spawn(work(connection, Arc::clone(&waiting), Arc::clone(&tally), sending.clone()))
    });
    join_all(workers).await;
    producer.await?;
    let mut tally = std::mem::take(&mut *lock(&tally));
    tally.outcome.seconds = started.elapsed().as_secs_f64();
    tally.outcome.latency_ms = Latency::of(tally.micros);
    Ok(tally.outcome)
}

/// Hands requests over when their time has come, or as fast as they are taken.
fn produce(
    requests: impl Iterator<Item = Shipment>,
    queue: &mpsc::Sender<Shipment>,
    started: Instant,
    begin: Timestamp,
    speed: f64,
) {
    for shipment in requests {
        if speed > 0.0 {
            let (Shipment::Whole(request) | Shipment::Noise(request)) = &shipment;
            let simulated = request.at.micros_since(begin).max(0) as f64 / 1e6;
            let due = started + Duration::from_secs_f64(simulated / speed);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        if queue.blocking_send(shipment).is_err() {
            return;
        }
    }
}

async fn work(
    connection: Connection,
    waiting: Arc<tokio::sync::Mutex<mpsc::Receiver<Shipment>>>,
    tally: Arc<Mutex<Tally>>,
    sending: Sending,
) {
    loop {
        let next = waiting.lock().await.recv().await;
        match next {
            Some(Shipment::Whole(request)) => deliver(&connection, request, &tally, &sending).await,
            Some(Shipment::Noise(request)) => {
                let _whatever = connection.send(request.signal, request.body).await;
            }
            None => return,
        }
    }
}

async fn deliver(connection: &Connection, request: Request, tally: &Mutex<Tally>, sending: &Sending) {
    lock(tally).outcome.sent.add(&request.truth);
    let started = Instant::now();
    let mut tries = 0;
    loop {
        let answer = connection.send(request.signal, request.body.clone()).await;
        if answer == Answer::Taken {
            break;
        }
        let Some(wait) = wait_before(&answer, tries, started, sending) else {
            *lock(tally).outcome.dropped.entry(reason(answer)).or_default() += 1;
            return;
        };
        lock(tally).outcome.retries += 1;
        tries += 1;
        tokio::time::sleep(wait).await;
    }
    let micros = u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX);
    let mut tally = lock(tally);
    tally.micros.push(micros);
    tally.outcome.requests += 1;
    tally.outcome.records += request.records as u64;
    tally.outcome.bytes += request.body.len() as u64;
    tally.outcome.taken.add(&request.truth);
}

/// Why a request was given up.
fn reason(answer: Answer) -> String {
    match answer {
        Answer::Later(_) => "the server asked to wait, too often".to_owned(),
        Answer::None(why) | Answer::Refused(why) => why,
        Answer::Taken => String::new(),
    }
}

/// How long to wait before the next try; `None` gives up.
fn wait_before(answer: &Answer, tries: usize, started: Instant, sending: &Sending) -> Option<Duration> {
    match sending.patience {
        Patience::Insist(longest) => {
            let asked = if let Answer::Later(asked) = answer { *asked } else { None };
            let insists = !matches!(answer, Answer::Refused(_)) && started.elapsed() < longest;
            insists.then(|| asked.unwrap_or(INSIST_AFTER))
        }
        Patience::Client => match answer {
            Answer::Later(asked) if !sending.target.grpc => {
                let own = CLIENT_WAITS_MS.get(tries).copied().map(Duration::from_millis)?;
                Some(asked.unwrap_or(own))
            }
            _ => None,
        },
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
