//! Finding and asking a server that holds the data directory.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::config::DataDirectory;

/// How long to wait for the server to say that it is there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a server may be silent in the middle of an answer that comes in pieces.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long an answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// What a running server leaves in its data directory (`server.json`, readable by the owner alone).
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct ServerFile {
    /// Its process.
    pub(crate) process: u32,
    /// Its address, such as `http://127.0.0.1:4318`.
    pub(crate) address: String,
    /// What commands of the same user present; the server lets them in as viewers.
    pub(crate) token: String,
}

impl ServerFile {
    /// Writes the file so that nobody else can read it.
    pub(crate) fn write(&self, data: &DataDirectory) -> Result<()> {
        let path = data.server_file();
        let _absent = std::fs::remove_file(&path);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).with_context(|| format!("cannot write {}", path.display()))?;
        serde_json::to_writer(file, self).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Removes the file; whether it was there does not matter.
    pub(crate) fn remove(data: &DataDirectory) {
        let _absent = std::fs::remove_file(data.server_file());
    }
}

/// A server that answers.
pub(crate) struct RunningServer {
    file: ServerFile,
    client: reqwest::Client,
}

impl RunningServer {
    /// The server that holds the data directory; `None` when there is none, also when one left its file
    /// behind.
    pub(crate) async fn find(data: &DataDirectory) -> Result<Option<Self>> {
        let Ok(text) = std::fs::read_to_string(data.server_file()) else { return Ok(None) };
        let Ok(file) = serde_json::from_str::<ServerFile>(&text) else { return Ok(None) };
        let client = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .build()
            .context("cannot make an HTTP client")?;
        let alive = client.get(format!("{}/healthz", file.address)).send().await;
        Ok(alive.is_ok_and(|answer| answer.status().is_success()).then_some(Self { file, client }))
    }

    /// The server's address.
    pub(crate) fn address(&self) -> &str {
        &self.file.address
    }

    /// Sends JSON and returns the answer, which may come in pieces over any time.
    pub(crate) async fn post(&self, path: &str, body: &impl Serialize) -> Result<reqwest::Response> {
        let url = format!("{}{path}", self.file.address);
        let client = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(SILENCE_TIMEOUT)
            .build()
            .context("cannot make an HTTP client")?;
        let request = client.post(&url).json(body).bearer_auth(&self.file.token);
        let answer = request.send().await.with_context(|| format!("the server at {url} does not answer"))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let body: serde_json::Value = answer.json().await.unwrap_or_default();
        let message = body.pointer("/error/message").and_then(|message| message.as_str());
        bail!("the server refused: {}", message.unwrap_or(status.as_str()))
    }

    /// Asks for JSON.
    pub(crate) async fn get(&self, path: &str, parameters: &impl Serialize) -> Result<serde_json::Value> {
        let url = format!("{}{path}", self.file.address);
        let request = self.client.get(&url).query(parameters).bearer_auth(&self.file.token);
        let answer = request.send().await.with_context(|| format!("the server at {url} does not answer"))?;
        let status = answer.status();
        let body: serde_json::Value = answer.json().await.context("the server's answer is not JSON")?;
        if !status.is_success() {
            let message = body.pointer("/error/message").and_then(|message| message.as_str());
            bail!("the server refused: {}", message.unwrap_or(status.as_str()));
        }
        Ok(body)
    }
}
