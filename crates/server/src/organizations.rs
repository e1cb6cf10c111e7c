//! The organizations that share this Pitwall, and which part of the ledger each may see.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{OrganizationId, SessionId};
use state::Key;
use store::{Store, Within};

/// The organizations that are known by name, and the one that everything belongs to that names none.
#[derive(Clone, Debug)]
pub struct Organizations {
    default: OrganizationId,
    names: BTreeMap<OrganizationId, String>,
}

impl Organizations {
    /// With the default organization, and what people call each; those without a name go by their id.
    pub const fn new(default: OrganizationId, names: BTreeMap<OrganizationId, String>) -> Self {
        Self { default, names }
    }

    /// The organization of keys and data that name none.
    pub const fn default_id(&self) -> &OrganizationId {
        &self.default
    }

    /// The organization that a key belongs to.
    pub fn of_key<'a>(&'a self, key: &'a Key) -> &'a OrganizationId {
        key.organization.as_ref().unwrap_or(&self.default)
    }

    /// What people call an organization.
    pub fn name_of<'a>(&'a self, organization: &'a OrganizationId) -> &'a str {
        let name = self.names.get(organization).filter(|name| !name.is_empty());
        name.map_or(organization.as_str(), String::as_str)
    }

    /// Whether the operator has named the organization.
    pub fn has(&self, organization: &OrganizationId) -> bool {
        *organization == self.default || self.names.contains_key(organization)
    }

    /// What the data of senders with this key is filed under; `None` for the default organization's, which is
    /// filed under nothing, so that it stays together whichever organization is the default.
    pub fn tenant_of_key(&self, key: &Key) -> Option<OrganizationId> {
        key.organization.clone().filter(|organization| *organization != self.default)
    }

    /// What an organization's data is filed under.
    pub(crate) fn tenants_of(&self, organization: &OrganizationId) -> Vec<OrganizationId> {
        // What came in for an organization before it became the default one is under its id.
        let unnamed = (*organization == self.default).then(OrganizationId::default);
        unnamed.into_iter().chain([organization.clone()]).collect()
    }
}

/// What one caller may see.
#[derive(Clone)]
pub(crate) struct View {
    /// The organization that answers are about.
    pub(crate) organization: OrganizationId,
    /// Its part of the ledger; the whole of it for an operator who asks for no organization.
    pub(crate) store: Arc<dyn Store>,
    /// `None` for everything.
    tenants: Option<Vec<OrganizationId>>,
}

impl View {
    /// One organization's part.
    pub(crate) fn of(
        organizations: &Organizations,
        organization: OrganizationId,
        store: &Arc<dyn Store>,
    ) -> Self {
        let tenants = organizations.tenants_of(&organization);
        let part = Within::new(Arc::clone(store), tenants.clone());
        Self { organization, store: Arc::new(part), tenants: Some(tenants) }
    }

    /// Everything, for whoever could read the files as well.
    pub(crate) fn of_operator(organizations: &Organizations, store: &Arc<dyn Store>) -> Self {
        Self { organization: organizations.default.clone(), store: Arc::clone(store), tenants: None }
    }

    /// Whether it is that of whoever runs this server: an operator's, or the default organization's.
    pub(crate) fn runs_the_server(&self, organizations: &Organizations) -> bool {
        self.tenants.is_none() || self.organization == organizations.default
    }

    /// Every session that goes by this id in it, the organization's name included in the id.
    pub(crate) fn sessions_named(&self, id: &str) -> Vec<SessionId> {
        let named = SessionId::new(id);
        match &self.tenants {
            None => vec![named],
            Some(tenants) => tenants.iter().map(|tenant| named.clone().within(tenant)).collect(),
        }
    }

    /// Whether a key belongs to it; an operator sees every key.
    pub(crate) fn shows_key(&self, organizations: &Organizations, key: &Key) -> bool {
        self.tenants.is_none() || *organizations.of_key(key) == self.organization
    }

    /// Whether what is filed under a tenant is part of it.
    pub(crate) fn shows(&self, tenant: &OrganizationId) -> bool {
        self.tenants.as_ref().is_none_or(|own| own.contains(tenant))
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use state::{KeyId, KeyKind};
    use store::MemoryStore;

    use super::*;

    fn organizations() -> Organizations {
        let names = [("acme", "Acme Ltd"), ("plain", "")].map(|(id, name)| (id.into(), name.to_owned()));
        Organizations::new("acme".into(), names.into())
    }

    fn key(organization: Option<&str>) -> Key {
        Key {
            id: KeyId::new("key_1"),
            kind: KeyKind::Ingest,
            name: "laptops".into(),
            organization: organization.map(Into::into),
            created_at: Timestamp::default(),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
            hint: String::new(),
        }
    }

    #[test]
    fn keys_of_the_default_organization_say_so_or_say_nothing() {
        let known = organizations();
        for (organization, of, tenant) in [
            (None, "acme", None),
            (Some("acme"), "acme", None),
            (Some("plain"), "plain", Some("plain")),
            (Some("forgotten"), "forgotten", Some("forgotten")),
        ] {
            let key = key(organization);
            assert_eq!(known.of_key(&key).as_str(), of);
            assert_eq!(known.tenant_of_key(&key), tenant.map(Into::into), "{organization:?}");
        }
    }

    #[test]
    fn organizations_without_a_name_go_by_their_id() {
        let known = organizations();
        let name = |id: &str| known.name_of(&id.into()).to_owned();
        assert_eq!([name("acme"), name("plain"), name("forgotten")], ["Acme Ltd", "plain", "forgotten"]);
        let has = |id: &str| known.has(&id.into());
        assert_eq!([has("acme"), has("plain"), has("forgotten"), has("")], [true, true, false, false]);
    }

    #[test]
    fn a_view_shows_its_own_tenants_only() {
        let (known, store) = (organizations(), Arc::new(MemoryStore::new()) as Arc<dyn Store>);
        let shown = |view: &View| {
            ["", "acme", "plain"]
                .into_iter()
                .filter(|tenant| view.shows(&(*tenant).into()))
                .collect::<Vec<_>>()
        };
        assert_eq!(shown(&View::of(&known, "acme".into(), &store)), ["", "acme"]);
        assert_eq!(shown(&View::of(&known, "plain".into(), &store)), ["plain"]);
        assert_eq!(shown(&View::of_operator(&known, &store)), ["", "acme", "plain"]);
    }
}
