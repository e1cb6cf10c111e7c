//! Asking a running server over HTTP.

use std::fmt::Debug;
use std::time::Duration;

use axum::http::HeaderMap;
use serde_json::Value as Json;

use super::Server;

/// How often something is looked at until it has become true, and how long between two looks.
const LOOKS: u32 = 600;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Somebody who sends to a server and may outlive it.
pub(crate) struct Sender {
    client: reqwest::Client,
    address: String,
}

impl Sender {
    /// Sends JSON and returns the status; the error is that no answer came.
    pub(crate) async fn send(&self, path: &str, body: String) -> Result<u16, reqwest::Error> {
        let request = self.client.post(format!("{}{path}", self.address));
        let request = request.header("content-type", "application/json").body(body);
        Ok(answer_to(request).await?.status)
    }
}

impl Server {
    pub(crate) fn sender(&self) -> Sender {
        Sender { client: self.client.clone(), address: self.address.clone() }
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let request = self.client.post(format!("{}{path}", self.address)).body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        answer_to(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = self.client.get(format!("{}{path}", self.address));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        answer_to(request).await.unwrap()
    }

    /// JSON that the server has to give.
    pub(crate) async fn json(&self, path: &str) -> Json {
        let answer = self.get(path, &[]).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// Where it receives OTLP over gRPC, as `http://127.0.0.1:4317`.
    pub(crate) async fn grpc_address(&self) -> String {
        let status = self.json("/api/v1/status").await;
        format!("http://{}", status["grpc_address"].as_str().unwrap())
    }

    /// Waits until the transcripts that were there at the start have been read, of which there are so many.
    pub(crate) async fn has_read(&self, transcripts: u64) {
        until("the transcripts have been read", async || {
            let import = self.json("/api/v1/status").await["import"].clone();
            let is_read = import["state"] == "following" && import["files_done"] == transcripts;
            if is_read { Ok(()) } else { Err(import) }
        })
        .await;
    }

    /// Every row of a day's Claude Code usage report, over all pages.
    pub(crate) async fn usage(&self, key: &str, day: &str) -> Vec<Json> {
        let mut rows = Vec::new();
        let mut page = String::new();
        loop {
            let path = format!("/v1/organizations/usage_report/claude_code?starting_at={day}{page}");
            let answer = self.get(&path, &[("x-api-key", key)]).await;
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            let answer = answer.json();
            rows.extend(answer["data"].as_array().unwrap().iter().cloned());
            match answer["next_page"].as_str() {
                Some(next) => page = format!("&page={next}"),
                None => return rows,
            }
        }
    }
}

async fn answer_to(request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, body: response.bytes().await?.to_vec() })
}

/// Looks until all is as it should be, a bounded number of times; the error is what was seen instead.
pub(crate) async fn until<T, E: Debug>(what: &str, mut look: impl AsyncFnMut() -> Result<T, E>) -> T {
    let mut seen = None;
    for _ in 0..LOOKS {
        match look().await {
            Ok(good) => return good,
            Err(instead) => seen = Some(instead),
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    panic!("waited in vain until {what}; last seen: {seen:#?}");
}
