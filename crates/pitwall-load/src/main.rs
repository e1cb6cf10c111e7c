//! `pitwall-load`: sends what simulated developers' clients would, and compares the ledger with it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, ValueEnum};
use model::{Clock, SystemClock, Temporality, Timestamp};
use pitwall_load::developer::Habits;
use pitwall_load::faults::{Faults, Shipment, WithFaults};
use pitwall_load::ledger::Ledger;
use pitwall_load::process::{Usage, Watch};
use pitwall_load::run::{Outcome, Patience, Sending, run};
use pitwall_load::transport::Target;
use pitwall_load::workforce::{Plan, Workforce};
use serde::Serialize;

/// Simulates developers who use Claude Code, sends their telemetry to a server, measures how it is answered,
/// and compares the server's ledger with what was sent.
#[derive(Debug, Parser)]
#[command(name = "pitwall-load", max_term_width = 100)]
struct Arguments {
    /// The server's HTTP address, where the ledger is asked for its figures.
    #[arg(long, default_value = "http://127.0.0.1:4318")]
    http: String,
    /// Send over gRPC to this address, such as http://127.0.0.1:4317, instead of over HTTP.
    #[arg(long)]
    grpc: Option<String>,
    /// Ingest key.
    #[arg(long)]
    ingest_key: Option<String>,
    /// Viewer key, for the comparison.
    #[arg(long)]
    viewer_key: Option<String>,
    /// Developers at work at the same time.
    #[arg(long, default_value_t = 1_000)]
    developers: u32,
    /// How long they work, in seconds of simulated time.
    #[arg(long, default_value_t = 120)]
    seconds: i64,
    /// Simulated seconds in a second. 0 sends as fast as it goes; the simulated time then ends now.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// Make all requests before the first is sent, so that making them takes no time from the server.
    #[arg(long)]
    prepare: bool,
    /// Records in a request at least, as from a collector; 1 sends every client's exports one by one.
    #[arg(long, default_value_t = 100)]
    records_per_request: usize,
    /// Connections, each with one request at a time.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// How clients count.
    #[arg(long, value_enum, default_value_t = Counting::Delta)]
    metrics: Counting,
    /// How long a session lasts, in minutes of simulated time.
    #[arg(long, default_value_t = 30)]
    session_minutes: i64,
    /// By how much developers' clocks are wrong at most, in seconds.
    #[arg(long, default_value_t = 0)]
    skew: i64,
    /// Part of the requests that are sent twice, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    duplicates: f64,
    /// Part of the requests that others overtake.
    #[arg(long, default_value_t = 0.0)]
    reorder: f64,
    /// Part of the requests of which at first only a part arrives.
    #[arg(long, default_value_t = 0.0)]
    truncated: f64,
    /// Try for so many seconds until a request is taken; without it, do as Claude Code does.
    #[arg(long)]
    insist: Option<u64>,
    /// What the dice begin with. Give every run against one ledger another seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Compare the ledger with what was sent; wait so many seconds until it agrees.
    #[arg(long)]
    compare: Option<u64>,
    /// Process of the server, to tell what it used. Linux only.
    #[arg(long)]
    server_process: Option<u32>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Counting {
    Delta,
    Cumulative,
}

/// Everything there is to tell.
#[derive(Debug, Serialize)]
struct Told {
    records_per_second: f64,
    #[serde(flatten)]
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<Usage>,
    /// Processor time of the server for a record, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    server_cpu_micros_per_record: Option<f64>,
    /// Where the ledger is not what was sent; empty when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match tell(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            print_error(&format!("pitwall-load: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs and prints; whether the ledger agrees.
async fn tell(arguments: Arguments) -> Result<bool> {
    ensure!(arguments.connections > 0, "at least one connection is needed");
    let now = SystemClock.now();
    let plan = plan(&arguments, now);
    let faults = Faults {
        duplicates: arguments.duplicates,
        reorder: arguments.reorder,
        truncated: arguments.truncated,
    };
    let requests = WithFaults::new(Workforce::new(&plan), faults, arguments.seed);
    let requests: Box<dyn Iterator<Item = Shipment> + Send> = if arguments.prepare {
        Box::new(requests.collect::<Vec<_>>().into_iter())
    } else {
        Box::new(requests)
    };
    let ledger = Ledger { address: arguments.http.clone(), key: arguments.viewer_key.clone() };
    let before = match arguments.compare {
        Some(_) => Some(ledger.figures(now).await.context("cannot ask the ledger")?),
        None => None,
    };
    let watch = arguments.server_process.and_then(Watch::start);
    let outcome = run(requests, plan.begin, &sending(&arguments)).await?;
    let server = watch.and_then(Watch::stop);
    let differences = match arguments.compare.zip(before) {
        Some((seconds, before)) => {
            let within = Duration::from_secs(seconds);
            Some(ledger.compare(now, &before, &outcome.taken, &outcome.sent, within).await?)
        }
        None => None,
    };
    let agrees = differences.as_ref().is_none_or(String::is_empty);
    let told = Told {
        records_per_second: outcome.records as f64 / outcome.seconds,
        server,
        server_cpu_micros_per_record: server
            .map(|used| used.cpu_seconds * 1e6 / outcome.records.max(1) as f64),
        outcome,
        differences,
    };
    print(&if arguments.json { serde_json::to_string_pretty(&told)? } else { text(&told) });
    Ok(agrees)
}

fn plan(arguments: &Arguments, now: Timestamp) -> Plan {
    const MICROS: i64 = 1_000_000;
    let length_micros = arguments.seconds.max(1) * MICROS;
    Plan {
        developers: arguments.developers,
        begin: if arguments.speed > 0.0 { now } else { now.plus_micros(-length_micros) },
        length_micros,
        records_per_request: arguments.records_per_request,
        habits: Habits {
            seed: arguments.seed,
            temporality: match arguments.metrics {
                Counting::Delta => Temporality::Delta,
                Counting::Cumulative => Temporality::Cumulative,
            },
            session_micros: arguments.session_minutes * 60 * MICROS,
            skew_micros: arguments.skew * MICROS,
        },
    }
}

fn sending(arguments: &Arguments) -> Sending {
    let address = arguments.grpc.clone().unwrap_or_else(|| arguments.http.clone());
    let patience =
        arguments.insist.map_or(Patience::Client, |seconds| Patience::Insist(Duration::from_secs(seconds)));
    Sending {
        target: Target { address, grpc: arguments.grpc.is_some(), key: arguments.ingest_key.clone() },
        connections: arguments.connections,
        speed: arguments.speed,
        patience,
    }
}

fn text(told: &Told) -> String {
    let Told { outcome, .. } = told;
    let latency = &outcome.latency_ms;
    let mut lines = vec![
        format!(
            "{} records in {} requests, {:.1} MB, in {:.1} s: {:.0} records/s",
            outcome.records,
            outcome.requests,
            outcome.bytes as f64 / 1e6,
            outcome.seconds,
            told.records_per_second
        ),
        format!(
            "answers: half within {:.1} ms, 90 % within {:.1}, 99 % within {:.1}, all within {:.1}; {} retries",
            latency.p50, latency.p90, latency.p99, latency.max, outcome.retries
        ),
    ];
    lines.extend(outcome.dropped.iter().map(|(reason, count)| format!("{count} requests dropped: {reason}")));
    if let Some((used, micros)) = told.server.zip(told.server_cpu_micros_per_record) {
        lines.push(format!(
            "server: {:.1} s of processor time, {micros:.1} µs a record; memory at most {:.0} MiB, at the end {:.0}",
            used.cpu_seconds, used.peak_mib, used.end_mib
        ));
    }
    lines.extend(told.differences.as_ref().map(|differences| {
        if differences.is_empty() {
            "the ledger holds what was sent, each thing once".to_owned()
        } else {
            format!("THE LEDGER DIFFERS\n{differences}")
        }
    }));
    lines.join("\n")
}

#[expect(clippy::print_stdout, reason = "a program that prints what it measured")]
fn print(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "a program that says why it failed")]
fn print_error(text: &str) {
    eprintln!("{text}");
}
