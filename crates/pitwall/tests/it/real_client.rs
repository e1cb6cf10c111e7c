//! The real client against a running server: what it sends and writes comes to what the scripted API handed out.
//!
//! The client is Claude Code itself, installed once into `.cache/claude-client`. It talks to a scripted API on
//! loopback, with a made-up key; nothing leaves the machine.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::figures::{Figures, Truth, Usage};
use crate::program::{Place, Server, repository, skipped, until};

/// The scripts that install and run the client, and the client.
struct Client {
    scripts: PathBuf,
    folder: PathBuf,
}

impl Client {
    /// The client, installed if it is not yet; `None`, said aloud, where that is not possible.
    fn installed() -> Option<Self> {
        let skip = |why: &str| {
            skipped("the real client", why);
            None
        };
        let scripts = std::env::var_os("PITWALL_SHARED_CLIENTS")
            .map_or_else(|| repository().join("../shared/clients"), PathBuf::from);
        if !scripts.join("run_claude.sh").is_file() {
            return skip(&format!("no scripts to run it in {}", scripts.display()));
        }
        for tool in ["bash", "python3", "git", "npm"] {
            let found =
                Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            if !found.is_ok_and(|status| status.success()) {
                return skip(&format!("{tool} is not installed"));
            }
        }
        let cache = repository().join(".cache");
        fs::create_dir_all(&cache).unwrap();
        let client = Self { scripts, folder: cache.join("claude-client") };
        // Tests that run side by side wait here for the first one to install it.
        let lock = File::create(cache.join("claude-client.lock")).unwrap();
        lock.lock().unwrap();
        let output = client.script().arg("--install-only").output().unwrap();
        if output.status.success() {
            return Some(client);
        }
        skip(&format!("it cannot be installed: {}", String::from_utf8_lossy(&output.stderr)))
    }

    fn script(&self) -> Command {
        let mut script = Command::new("bash");
        script.arg(self.scripts.join("run_claude.sh")).arg("--client-dir").arg(&self.folder);
        script
    }

    /// Plays a scenario with telemetry to the endpoint, in a work folder that stays. What came of it.
    fn play(&self, scenario: &str, endpoint: &str, protocol: &str, work: &Path) -> Json {
        let scenario_file = self.scripts.join(format!("scenarios/{scenario}.json"));
        let options: [(&str, &OsStr); 4] = [
            ("--scenario", scenario_file.as_ref()),
            ("--otlp-endpoint", endpoint.as_ref()),
            ("--otlp-protocol", protocol.as_ref()),
            ("--work", work.as_ref()),
        ];
        let mut script = self.script();
        options.iter().for_each(|(name, value)| {
            script.arg(name).arg(value);
        });
        let output = script.stdin(Stdio::null()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{scenario} over {protocol}: {told}");
        let run: Json = serde_json::from_slice(&output.stdout).unwrap();
        for (index, part) in run["runs"].as_array().unwrap().iter().enumerate() {
            assert_eq!(part["exit"], 0, "run {index} of {scenario} over {protocol}: {part}");
        }
        run
    }
}

/// Where a played scenario leaves the client's transcripts.
fn claude_directory(work: &Path) -> PathBuf {
    work.join("home/.claude")
}

/// The current day in UTC.
fn today() -> String {
    #[expect(clippy::disallowed_methods, reason = "the client is real, and so is its time")]
    let now = jiff::Timestamp::now();
    now.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

/// What one run of a scenario came to.
struct Played {
    place: Place,
    admin_key: String,
    server: Server,
    work: PathBuf,
    day: String,
    truth: Truth,
}

impl Played {
    /// Plays a scenario into a new server, which follows the client's transcripts too if it shall.
    async fn new(client: &Client, scenario: &str, protocol: &str, follows_transcripts: bool) -> Self {
        let place = Place::new();
        let work = place.path("work");
        let claude = claude_directory(&work);
        fs::create_dir_all(claude.join("projects")).unwrap();
        let admin_key = place.admin_key();
        // The client is done seconds after it began: totals need not wait for what else may come.
        let serve = place.serve().setting("PITWALL_SETTLEMENT_QUIET", "0s");
        let serve = if follows_transcripts { serve.transcripts(&claude) } else { serve };
        let server = serve.start();
        let endpoint = if protocol == "grpc" { server.grpc_address().await } else { server.address.clone() };
        let day = today();
        let run = client.play(scenario, &endpoint, protocol, &work);
        if today() != day {
            // A run that midnight cuts in two has other figures on each day.
            return Box::pin(Self::new(client, scenario, protocol, follows_transcripts)).await;
        }
        Self { place, admin_key, server, work, day, truth: Truth::of_run(&run) }
    }

    /// Waits until reports, dashboard and Analytics API show the truth.
    async fn comes_to_the_truth(&self, what: &str) {
        let expected = (&self.truth.figures, &self.truth.usage());
        // The last exports and lines may still be on their way when the client has ended.
        until(&format!("{what} comes to {expected:#?}"), async || {
            let figures = Figures::shown_by(&self.server, [&self.day, &self.day]).await;
            let usage = Usage::shown_by(&self.server, &self.admin_key, &[&self.day]).await;
            if (&figures, &usage) == expected { Ok(()) } else { Err((figures, usage)) }
        })
        .await;
    }

    /// Imports the client's transcripts into what its telemetry has left.
    fn with_transcripts(self) -> Self {
        let Self { place, admin_key, server, work, day, truth } = self;
        let claude = claude_directory(&work).display().to_string();
        assert!(server.stop().success());
        let imported = place.json(&["import", "transcripts", &claude, "--json"]);
        assert_eq!((&imported["lines_skipped"], &imported["problems"]), (&0.into(), &Json::Array(vec![])));
        assert!(imported["records_new"].as_u64() > Some(0), "{imported}");
        let server = place.serve().start();
        Self { place, admin_key, server, work, day, truth }
    }
}

/// Telemetry of a scenario over a protocol, and then the transcripts of the same run.
async fn telemetry_then_transcripts(protocol: &str, scenarios: &[&str]) {
    let Some(client) = Client::installed() else { return };
    for scenario in scenarios {
        let played = Played::new(&client, scenario, protocol, false).await;
        played.comes_to_the_truth(&format!("{scenario} over {protocol}")).await;
        let played = played.with_transcripts();
        played.comes_to_the_truth(&format!("{scenario} over {protocol}, with transcripts")).await;
    }
}

#[tokio::test]
async fn telemetry_over_grpc_comes_to_the_truth_and_transcripts_add_nothing() {
    telemetry_then_transcripts("grpc", &["edits-accepted", "commit-and-pr"]).await;
}

#[tokio::test]
async fn telemetry_in_protobuf_comes_to_the_truth_and_transcripts_add_nothing() {
    telemetry_then_transcripts("http/protobuf", &["edits-accepted", "subagent"]).await;
}

#[tokio::test]
async fn telemetry_in_json_comes_to_the_truth_and_transcripts_add_nothing() {
    telemetry_then_transcripts("http/json", &["edits-accepted", "resume"]).await;
}

#[tokio::test]
async fn transcripts_and_telemetry_that_come_in_side_by_side_are_counted_once() {
    let Some(client) = Client::installed() else { return };
    for scenario in ["edits-rejected", "models"] {
        let played = Played::new(&client, scenario, "http/protobuf", true).await;
        played.comes_to_the_truth(&format!("{scenario} from both sources at once")).await;
    }
}
