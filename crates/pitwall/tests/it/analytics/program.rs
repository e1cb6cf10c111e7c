//! A server of the real program, and what a test does with it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_pitwall");

/// A server on a data directory of its own. Its process ends with it.
pub(super) struct Server {
    data: TempDir,
    settings: Vec<(&'static str, &'static str)>,
    child: Child,
    pub(super) address: String,
}

impl Server {
    /// Starts the program with these settings, as `PITWALL_SECTION_KEY`.
    pub(super) fn start(settings: &[(&'static str, &'static str)]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (child, address) = run(data.path(), "127.0.0.1:0", settings);
        Self { data, settings: settings.to_vec(), child, address }
    }

    /// Ends the process as a crash would, and starts it again at the same address.
    pub(super) fn crash_and_restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let address = self.address.trim_start_matches("http://");
        let (child, address) = run(self.data.path(), address, &self.settings);
        assert_eq!(address, self.address);
        self.child = child;
    }

    /// Makes a key.
    pub(super) fn key(&self, kind: &str) -> String {
        let arguments = ["key", "create", "--kind", kind, "--name", kind, "--json", "--data"];
        let output = Command::new(PROGRAM).args(arguments).arg(self.data.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let made: Value = serde_json::from_slice(&output.stdout).unwrap();
        made["key"].as_str().unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the program and waits until it says where it is.
fn run(data: &Path, http: &str, settings: &[(&str, &str)]) -> (Child, String) {
    let mut child = Command::new(PROGRAM)
        .args(["serve", "--no-transcripts", "--grpc", "127.0.0.1:0", "--http", http, "--data"])
        .arg(data)
        .envs(settings.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().expect("the program says where it is").unwrap();
    let address = first.split_whitespace().last().expect("the line ends with the address").to_owned();
    // What it prints later is read, so that it never waits for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    (child, address)
}

/// A client that keeps its connections.
pub(super) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap()
}
