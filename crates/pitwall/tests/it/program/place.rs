//! A place of its own for every test: data, home, a Claude directory, and the command that runs in it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;

use super::Serve;

/// What begins like this in a developer's environment must not reach the program under test.
const FOREIGN_SETTINGS: [&str; 6] = ["PITWALL_", "CLAUDE_", "OTEL_", "XDG_", "RUST_LOG", "NO_COLOR"];

/// Folders that only one test sees; they go with it.
pub(crate) struct Place {
    folder: TempDir,
}

/// How a command ended, and what it wrote.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) error: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self { folder: TempDir::with_prefix("pitwall-test-").unwrap() };
        for folder in ["home", "claude"] {
            std::fs::create_dir(place.path(folder)).unwrap();
        }
        place
    }

    /// A path below the test's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The data directory; made by the first command that needs it.
    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// The Claude directory that commands find by themselves. It has no transcripts to begin with.
    pub(crate) fn claude(&self) -> PathBuf {
        self.path("claude")
    }

    /// Some program that knows this place and nothing of the developer's own settings.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if FOREIGN_SETTINGS.iter().any(|foreign| name.to_string_lossy().starts_with(foreign)) {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", self.path("home"))
            .env("CLAUDE_CONFIG_DIR", self.claude())
            .env("PITWALL_DATA", self.data())
            .env("USER", "ann")
            .env("HOSTNAME", "laptop")
            .env("TZ", "UTC")
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    /// A command of the program.
    pub(crate) fn pitwall(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_pitwall"));
        command.args(arguments);
        command
    }

    /// Runs a command of the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(&mut self.pitwall(arguments))
    }

    /// Runs a command that has to succeed, and reads the JSON that it prints.
    pub(crate) fn json(&self, arguments: &[&str]) -> Json {
        let outcome = self.run(arguments).succeeded();
        serde_json::from_str(&outcome.out).unwrap_or_else(|error| panic!("{error}: {}", outcome.out))
    }

    /// A server, to be set up and started.
    pub(crate) fn serve(&self) -> Serve<'_> {
        Serve::new(self)
    }

    /// Makes an admin key and returns its secret.
    pub(crate) fn admin_key(&self) -> String {
        self.key("admin")
    }

    /// Makes a key of this kind and returns its secret.
    pub(crate) fn key(&self, kind: &str) -> String {
        let created = self.json(&["key", "create", "--kind", kind, "--name", kind, "--json"]);
        created["key"].as_str().unwrap().to_owned()
    }
}

impl Outcome {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { status: output.status, out: text(output.stdout), error: text(output.stderr) }
    }

    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert!(self.status.success(), "{}: {}", self.status, self.error);
        self
    }

    /// Asserts that the command failed, with everything of `told` in what it says.
    #[track_caller]
    pub(crate) fn failed(&self, told: &[&str]) {
        assert!(!self.status.success(), "this should have failed: {self:?}");
        for part in told {
            assert!(self.error.contains(part), "does not tell of {part:?}: {}", self.error);
        }
        assert!(!self.error.contains("panicked"), "{}", self.error);
    }
}

/// Says aloud that something was not tried. `.config/nextest.toml` shows it also of tests that pass.
pub(crate) fn skipped(what: &str, why: &str) {
    eprintln!("SKIPPED {what}: {why}");
}

/// The repository's root.
pub(crate) fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A file or folder of the repository's own fixtures.
pub(crate) fn fixture(name: &str) -> PathBuf {
    let path = repository().join("fixtures").join(name);
    assert!(path.exists(), "no fixture {}", path.display());
    path
}
