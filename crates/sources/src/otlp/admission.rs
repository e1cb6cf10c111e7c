//! Who may send: the question, for the server to answer.

use async_trait::async_trait;
use http::HeaderMap;
use model::CustomerType;
use thiserror::Error;

/// What is known about a sender from the credential it came with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// Name of the ingest key; `None` where none is asked for.
    pub ingest_key: Option<String>,
    /// Organization that the key belongs to, which everything that comes with it is kept for, apart from
    /// other organizations'; `None` for the default one.
    pub organization: Option<String>,
    /// How the work is paid for, where the operator says so; telemetry does not.
    pub customer_type: Option<CustomerType>,
    /// Subscription, such as `team`, where the operator says so.
    pub subscription: Option<String>,
}

/// Why a sender is not let in.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Denied {
    /// No credential, or one that is not known, revoked or of another kind.
    #[error("{0}")]
    Credential(String),
    /// It could not be checked; the sender should try again.
    #[error("could not check the ingest key: {0}")]
    Unavailable(String),
}

/// Checks the credentials of senders.
#[async_trait]
pub trait IngestAuth: Send + Sync {
    /// Decides on a sender by the credential it presented, without the word `Bearer`; `None` when it
    /// presented none.
    async fn admit(&self, credential: Option<&str>) -> Result<Admission, Denied>;
}

/// Lets everybody in, for a receiver that only this machine can reach.
#[derive(Clone, Copy, Debug, Default)]
pub struct AdmitEverybody;

#[async_trait]
impl IngestAuth for AdmitEverybody {
    async fn admit(&self, _credential: Option<&str>) -> Result<Admission, Denied> {
        Ok(Admission::default())
    }
}

/// The credential in a request's headers or metadata: `Authorization: Bearer X`, else `x-api-key: X`.
pub(crate) fn credential(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let bearer = text("authorization").and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    bearer.or_else(|| text("x-api-key")).filter(|credential| !credential.is_empty())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_credential_comes_in_either_header() {
        for (name, value, credential_read) in [
            ("authorization", "Bearer abc", Some("abc")),
            ("authorization", "bearer  abc", Some("abc")),
            ("authorization", "Basic abc", None),
            ("x-api-key", "abc", Some("abc")),
            ("x-api-key", "", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            assert_eq!(credential(&headers), credential_read, "{name}: {value}");
        }
        assert_eq!(credential(&HeaderMap::new()), None);
    }
}
