//! Who may send telemetry: everybody on this machine until the first ingest key is made, then whoever has
//! one.

use std::sync::Arc;

use async_trait::async_trait;
use model::Clock;
use server::{Access, Organizations};
use sources::otlp::{Admission, Denied, IngestAuth};
use state::{Authentication, Key, KeyKind, KeyPresence, Keys};

use crate::config::{Customer, Customers};

/// Checks ingest keys against the state.
pub(crate) struct IngestKeys {
    keys: Arc<dyn Keys>,
    clock: Arc<dyn Clock>,
    access: Access,
    organizations: Organizations,
    customers: Customers,
}

impl IngestKeys {
    /// With the keys of `keys`, for these organizations and their ways of paying.
    pub(crate) fn new(
        keys: Arc<dyn Keys>,
        clock: Arc<dyn Clock>,
        access: Access,
        organizations: Organizations,
        customers: Customers,
    ) -> Self {
        Self { keys, clock, access, organizations, customers }
    }

    /// What is known of somebody who needs no key, and so belongs to the default organization.
    fn without_key(&self) -> Admission {
        let Customer { customer_type, subscription } = self.customers.of(self.organizations.default_id());
        Admission { customer_type, subscription, ..Admission::default() }
    }

    /// What is known of whoever has this key.
    fn with_key(&self, key: &Key) -> Admission {
        let customer = self.customers.of_key(self.organizations.of_key(key), key);
        let tenant = self.organizations.tenant_of_key(key);
        Admission {
            ingest_key: Some(key.name.clone()),
            organization: tenant.map(|tenant| tenant.as_str().to_owned()),
            customer_type: customer.customer_type,
            subscription: customer.subscription,
        }
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
            return Ok(self.without_key());
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
        Ok(self.with_key(&key))
    }
}
