//! A running server: a child process that is always ended.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use super::Place;

/// How long an answer may take before the test gives up. Nothing waits for it when all is well.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server before it is started. On loopback, on free ports, without transcripts unless told otherwise.
pub(crate) struct Serve<'p> {
    place: &'p Place,
    wrapper: Vec<OsString>,
    settings: Vec<(&'static str, OsString)>,
}

impl<'p> Serve<'p> {
    pub(super) fn new(place: &'p Place) -> Self {
        let serve = Self { place, wrapper: Vec::new(), settings: Vec::new() };
        serve
            .setting("PITWALL_HTTP", "127.0.0.1:0")
            .setting("PITWALL_GRPC", "127.0.0.1:0")
            .setting("PITWALL_ANALYTICS_FRESHNESS", "0s")
            .setting("PITWALL_TRANSCRIPTS_ENABLED", "false")
    }

    /// Sets an environment variable; the last value counts.
    pub(crate) fn setting(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.settings.push((name, value.into()));
        self
    }

    /// Follows the transcripts of this Claude directory.
    pub(crate) fn transcripts(self, directory: impl AsRef<Path>) -> Self {
        let directory = directory.as_ref().as_os_str().to_owned();
        self.setting("PITWALL_TRANSCRIPTS_ENABLED", "true").setting("PITWALL_CLAUDE_DIR", directory)
    }

    /// Has the server started by another program, which must become it (`exec`).
    pub(crate) fn under(mut self, wrapper: &[impl AsRef<OsStr>]) -> Self {
        self.wrapper = wrapper.iter().map(|word| word.as_ref().to_owned()).collect();
        self
    }

    /// Starts the server and returns once it answers.
    pub(crate) fn start(self) -> Server {
        self.try_start().unwrap_or_else(|log| panic!("the server did not start: {log}"))
    }

    /// Starts the server; what it says when it cannot.
    pub(crate) fn try_start(self) -> Result<Server, String> {
        let program = OsString::from(env!("CARGO_BIN_EXE_pitwall"));
        let mut words = self.wrapper.into_iter().chain([program, "serve".into()]);
        let mut command = self.place.command(words.next().unwrap_or_default());
        command.args(words).envs(self.settings);
        Server::spawn(command, &self.place.path("server.log"))
    }
}

/// A server that answers. Killed when it is dropped.
pub(crate) struct Server {
    process: Child,
    /// Kept open: the server may still have something to say.
    _out: BufReader<ChildStdout>,
    pub(crate) address: String,
    log: PathBuf,
    pub(super) client: reqwest::Client,
}

impl Server {
    /// Runs a command that serves, and returns once it has told its address, which it does when it answers.
    pub(crate) fn spawn(mut command: Command, log: &Path) -> Result<Self, String> {
        let log_file = File::options().create(true).append(true).open(log).unwrap();
        let told_before = log_file.metadata().unwrap().len();
        let mut process = command.stdout(Stdio::piped()).stderr(log_file).spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut first_line = String::new();
        out.read_line(&mut first_line).unwrap();
        let Some(address) = first_line.strip_prefix("Dashboard").map(|rest| rest.trim().to_owned()) else {
            let _may_have_ended = process.kill();
            let status = process.wait().unwrap();
            let told = fs::read(log).unwrap().split_off(told_before as usize);
            return Err(format!("{status}: {first_line}{}", String::from_utf8_lossy(&told)));
        };
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Ok(Self { process, _out: out, address, log: log.to_owned(), client })
    }

    /// The process's id.
    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Where the servers of this place log to.
    pub(crate) fn log_file(&self) -> PathBuf {
        self.log.clone()
    }

    /// What the servers of this place have logged.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Whether the process is still there.
    pub(crate) fn is_running(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    /// Ends it as a crash would: SIGKILL, nothing is finished.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(mut self) -> ExitStatus {
        let script = format!("kill -TERM {}", self.process.id());
        let told = Command::new("sh").args(["-c", &script]).status().unwrap();
        assert!(told.success(), "the server cannot be told to stop: {told}");
        self.process.wait().unwrap()
    }

    /// The most memory that the process has had so far, in KiB.
    #[cfg(target_os = "linux")]
    pub(crate) fn peak_memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _may_have_ended = self.process.kill();
        let _status = self.process.wait();
        if std::thread::panicking() {
            eprintln!("the server's log:\n{}", self.log());
        }
    }
}
