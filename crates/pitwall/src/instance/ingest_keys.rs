//! Who may send telemetry: everybody on this machine until the first ingest key is made, then whoever has
//! one.

use std::sync::Arc;

use async_trait::async_trait;
use model::Clock;
use server::Access;
use sources::otlp::{Admission, Denied, IngestAuth};
use state::{Authentication, KeyKind, KeyPresence, Keys};

/// Checks ingest keys against the state.
pub(crate) struct IngestKeys {
    keys: Arc<dyn Keys>,
    clock: Arc<dyn Clock>,
    access: Access,
}

impl IngestKeys {
    /// With the keys of `keys`.
    pub(crate) fn new(keys: Arc<dyn Keys>, clock: Arc<dyn Clock>, access: Access) -> Self {
        Self { keys, clock, access }
    }

    async fn is_open(&self) -> Result<bool, Denied> {
        if self.access == Access::KeysRequired {
            return Ok(false);
        }
        let presence = self.keys.key_presence(&[KeyKind::Ingest], self.clock.now()).await;
        Ok(presence.map_err(unavailable)? == KeyPresence::Never)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err asks for")]
fn unavailable(error: state::Error) -> Denied {
    Denied::Unavailable(error.to_string())
}

fn denied(reason: &str) -> Denied {
    Denied::Credential(format!(
        "{reason}; make an ingest key with: pitwall key create --kind ingest --name NAME"
    ))
}

#[async_trait]
impl IngestAuth for IngestKeys {
    async fn admit(&self, credential: Option<&str>) -> Result<Admission, Denied> {
        if self.is_open().await? {
            return Ok(Admission::default());
        }
        let credential = credential.ok_or_else(|| denied("an ingest key is needed"))?;
        let now = self.clock.now();
        let key = match self.keys.authenticate(credential, now).await.map_err(unavailable)? {
            Authentication::Valid(key) if key.kind == KeyKind::Ingest => key,
            Authentication::Valid(key) => {
                return Err(denied(&format!("a key of kind {} cannot send telemetry", key.kind)));
            }
            Authentication::Unknown => return Err(denied("the ingest key is not known here")),
            Authentication::Revoked(_) => return Err(denied("the ingest key has been revoked")),
            Authentication::Expired(_) => return Err(denied("the ingest key has expired")),
        };
        if let Err(error) = self.keys.touch_key(&key.id, now).await {
            tracing::warn!(%error, key.id = %key.id, "could not note a key's use");
        }
        let organization = key.organization.map(|organization| organization.as_str().to_owned());
        Ok(Admission { ingest_key: Some(key.name), organization })
    }
}
