//! SIGKILL while data comes in: what was acknowledged is counted once, and nothing twice.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::numbered::{self, Numbered, counted, each_once};
use crate::program::{Place, Server, until};

/// How often the server is killed, unless `PITWALL_TEST_KILLS` says otherwise; `make test-long` does.
const CRASHES: usize = 20;
/// How many clients send at the same time.
const CLIENTS: usize = 8;
/// Sessions of one round, of which each client has some of each.
const SESSIONS: u32 = 15;

/// What the dice begin with. `PITWALL_TEST_SEED` plays another game.
fn dice() -> StdRng {
    let seed = std::env::var("PITWALL_TEST_SEED").map_or(1, |seed| seed.parse().unwrap());
    eprintln!("PITWALL_TEST_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

fn crashes() -> usize {
    std::env::var("PITWALL_TEST_KILLS").map_or(CRASHES, |kills| kills.parse().unwrap())
}

/// Cuts requests into exports of one to six, in any order.
fn exports(dice: &mut StdRng, mut requests: Vec<Numbered>) -> VecDeque<Vec<Numbered>> {
    requests.shuffle(dice);
    let mut exports = VecDeque::new();
    let mut rest = requests.as_slice();
    while !rest.is_empty() {
        let (export, others) = rest.split_at(dice.random_range(1..=6).min(rest.len()));
        exports.push_back(export.to_vec());
        rest = others;
    }
    exports
}

/// Several clients that send exports until there are none left, or the server is gone.
struct Clients {
    running: JoinSet<()>,
    acknowledged: mpsc::Receiver<Vec<Numbered>>,
}

impl Clients {
    fn send(server: &Server, exports: VecDeque<Vec<Numbered>>) -> Self {
        let (tell, acknowledged) = mpsc::channel(exports.len().max(1));
        let exports = Arc::new(Mutex::new(exports));
        let mut running = JoinSet::new();
        for _ in 0..CLIENTS {
            let (sender, exports, tell) = (server.sender(), Arc::clone(&exports), tell.clone());
            running.spawn(async move {
                loop {
                    let Some(export) = exports.lock().unwrap().pop_front() else { return };
                    let body = numbered::export(&export);
                    let Ok(status) = sender.send("/v1/logs", body).await else { return };
                    assert_eq!(status, 200);
                    tell.send(export).await.unwrap();
                }
            });
        }
        Self { running, acknowledged }
    }

    /// Waits until all have stopped; what has been acknowledged since the last look.
    async fn stopped(mut self) -> Vec<Numbered> {
        let mut acknowledged = Vec::new();
        while let Some(export) = self.acknowledged.recv().await {
            acknowledged.extend(export);
        }
        while let Some(client) = self.running.join_next().await {
            client.unwrap();
        }
        acknowledged
    }
}

/// Asserts that the server has everything that was acknowledged, once, and of the rest nothing twice.
async fn assert_kept(server: &Server, acknowledged: &BTreeSet<Numbered>, round: usize) {
    let counted = counted(server).await;
    let lost: Vec<_> = acknowledged.iter().filter(|request| !counted.contains_key(request)).collect();
    let doubled: Vec<_> = counted.iter().filter(|(_, times)| **times != 1).collect();
    assert!(lost.is_empty(), "acknowledged and lost after crash {round}: {lost:?}");
    assert!(doubled.is_empty(), "counted more than once after crash {round}: {doubled:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_a_crash_is_counted_once() {
    let mut dice = dice();
    let place = Place::new();
    let mut all = BTreeSet::new();
    let mut acknowledged: BTreeSet<Numbered> = BTreeSet::new();
    let crashes = crashes();
    for round in 0..crashes {
        let server = place.serve().start();
        assert_kept(&server, &acknowledged, round).await;
        // New requests; those that nobody acknowledged; and some again that the client does not know were taken.
        let first = round as u32 * SESSIONS;
        let mut requests = numbered::of_sessions(first..first + SESSIONS);
        all.extend(requests.iter().copied());
        let mut again: Vec<Numbered> = acknowledged.iter().copied().collect();
        again.shuffle(&mut dice);
        again.truncate(50);
        requests = all.difference(&acknowledged).copied().chain(again).collect();

        let exports = exports(&mut dice, requests);
        let crash_after = dice.random_range(0..exports.len() * 3 / 4);
        let mut clients = Clients::send(&server, exports);
        for _ in 0..crash_after {
            acknowledged.extend(clients.acknowledged.recv().await.unwrap());
        }
        // Not always right behind an answer.
        tokio::time::sleep(Duration::from_micros(dice.random_range(0..20_000))).await;
        server.kill();
        acknowledged.extend(clients.stopped().await);
    }
    let server = place.serve().start();
    assert_kept(&server, &acknowledged, crashes).await;
    let exports = exports(&mut dice, all.iter().copied().collect());
    let now = Clients::send(&server, exports).stopped().await;
    assert_eq!(now.len(), all.len(), "not everything was taken in the end");
    assert_eq!(counted(&server).await, each_once(&all));
    assert!(server.stop().success());
    assert_eq!(place.json(&["verify", "--json"])["faults"], 0);
    let server = place.serve().start();
    assert_eq!(counted(&server).await, each_once(&all));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_told_to_stop_finishes_what_it_has_begun() {
    let mut dice = dice();
    let place = Place::new();
    let all = numbered::of_sessions(0..4 * SESSIONS);
    let mut acknowledged = BTreeSet::new();
    for _ in 0..3 {
        let server = place.serve().start();
        let exports = exports(&mut dice, all.clone());
        let stop_after = dice.random_range(0..exports.len() / 2);
        let mut clients = Clients::send(&server, exports);
        for _ in 0..stop_after {
            acknowledged.extend(clients.acknowledged.recv().await.unwrap());
        }
        let (stopped, sent) = tokio::join!(
            tokio::task::spawn_blocking(|| {
                let log = server.log_file();
                (server.stop(), log)
            }),
            clients.stopped()
        );
        let (status, log) = stopped.unwrap();
        assert!(status.success(), "{status}");
        let log = fs::read_to_string(log).unwrap();
        assert!(!log.contains("cut off"), "{log}");
        acknowledged.extend(sent);
        let server = place.serve().start();
        let counted = counted(&server).await;
        assert!(acknowledged.iter().all(|request| counted.get(request) == Some(&1)));
        assert!(counted.values().all(|times| *times == 1));
        assert!(server.stop().success());
    }
}

#[tokio::test]
async fn an_import_that_is_killed_goes_on_where_it_was() {
    /// Enough for several transactions.
    const TRANSCRIPTS: u32 = 1_200;
    let mut dice = dice();
    let place = Place::new();
    let all = numbered::of_sessions(0..TRANSCRIPTS);
    let project = place.claude().join("projects/-project");
    fs::create_dir_all(&project).unwrap();
    for requests in all.chunks(numbered::PER_SESSION as usize) {
        let file = project.join(format!("{}.jsonl", requests[0].session));
        fs::write(file, numbered::transcript(requests)).unwrap();
    }
    for _ in 0..3 {
        let server = place.serve().transcripts(place.claude()).start();
        assert!(counted(&server).await.values().all(|times| *times == 1));
        // Once some of it is in the ledger, and then somewhere within a transaction.
        until("the import goes on", async || {
            let import = server.json("/api/v1/status").await["import"].clone();
            let goes_on = import["files_done"].as_u64() > Some(0) || import["state"] == "following";
            if goes_on { Ok(()) } else { Err(import) }
        })
        .await;
        tokio::time::sleep(Duration::from_micros(dice.random_range(0..200_000))).await;
        server.kill();
    }
    let server = place.serve().transcripts(place.claude()).start();
    until("the import is done", async || {
        let import = server.json("/api/v1/status").await["import"].clone();
        if import["state"] == "following" { Ok(()) } else { Err(import) }
    })
    .await;
    assert_eq!(counted(&server).await, each_once(&all));
}
