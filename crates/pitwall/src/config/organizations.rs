//! `[organizations.ID]`: who shares this Pitwall, and how each pays.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use model::{CustomerType, OrganizationId};
use serde::{Deserialize, Serialize};
use state::{Key, MAX_NAME_CHARS};

/// `[organizations.ID]`
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OrganizationConfig {
    /// What people call it; the id when empty.
    pub(crate) name: String,
    /// How its work is paid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) customer_type: Option<CustomerType>,
    /// Its subscription, such as `team`.
    pub(crate) subscription_type: String,
    /// Ingest keys of it, by name, whose senders pay in another way.
    pub(crate) ingest_keys: BTreeMap<String, CustomerConfig>,
}

/// `[organizations.ID.ingest_keys.NAME]`
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CustomerConfig {
    /// How the work is paid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) customer_type: Option<CustomerType>,
    /// The subscription, such as `team`.
    pub(crate) subscription_type: String,
}

/// How work is paid for, as far as the operator says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Customer {
    /// How.
    pub(crate) customer_type: Option<CustomerType>,
    /// The subscription.
    pub(crate) subscription: Option<String>,
}

impl Customer {
    /// A subscription that is named is one, also where nobody says so.
    fn new(customer_type: Option<CustomerType>, subscription: &str) -> Self {
        let subscription = Some(subscription.to_owned()).filter(|text| !text.is_empty());
        let customer_type =
            customer_type.or_else(|| subscription.as_ref().map(|_| CustomerType::Subscription));
        Self { customer_type, subscription }
    }

    fn is_told(&self) -> bool {
        self.customer_type.is_some()
    }
}

/// Every organization that shares this Pitwall, by its id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Customers(BTreeMap<String, OrganizationConfig>);

impl Customers {
    /// From the file's sections.
    pub(crate) fn new(organizations: &BTreeMap<String, OrganizationConfig>) -> Self {
        Self(organizations.clone())
    }

    /// How an organization pays.
    pub(crate) fn of(&self, organization: &OrganizationId) -> Customer {
        let known = self.0.get(organization.as_str());
        known.map_or_else(Customer::default, |own| Customer::new(own.customer_type, &own.subscription_type))
    }

    /// How the senders with an ingest key pay: as the key's own section says, else as its organization does.
    pub(crate) fn of_key(&self, organization: &OrganizationId, key: &Key) -> Customer {
        let own = self.0.get(organization.as_str()).and_then(|known| known.ingest_keys.get(&key.name));
        let own = own.map(|own| Customer::new(own.customer_type, &own.subscription_type));
        own.filter(Customer::is_told).unwrap_or_else(|| self.of(organization))
    }
}

/// Refuses sections that cannot be what was meant.
pub(crate) fn check(organizations: &BTreeMap<String, OrganizationConfig>) -> Result<()> {
    for (id, organization) in organizations {
        ensure!(
            !id.trim().is_empty()
                && id.chars().count() <= MAX_NAME_CHARS
                && !id.chars().any(char::is_control),
            "organizations: {id:?} is no id: use 1 to {MAX_NAME_CHARS} printable characters"
        );
        let section = format!("organizations.{id}");
        check_customer(&section, organization.customer_type, &organization.subscription_type)?;
        for (name, key) in &organization.ingest_keys {
            let section = format!("{section}.ingest_keys.{name}");
            check_customer(&section, key.customer_type, &key.subscription_type)?;
        }
    }
    Ok(())
}

fn check_customer(section: &str, customer_type: Option<CustomerType>, subscription: &str) -> Result<()> {
    ensure!(
        customer_type != Some(CustomerType::Api) || subscription.is_empty(),
        "{section}: API customers have no subscription; leave out subscription_type, or customer_type"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use state::{KeyId, KeyKind};

    use super::super::{Config, tests::load};
    use super::*;

    fn customers(config: &Config) -> Customers {
        Customers::new(&config.organizations)
    }

    fn key(name: &str) -> Key {
        Key {
            id: KeyId::new("key_1"),
            kind: KeyKind::Ingest,
            name: name.to_owned(),
            organization: None,
            created_at: Timestamp::default(),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
            hint: String::new(),
        }
    }

    #[test]
    fn a_keys_own_section_goes_before_its_organizations() {
        let config = load(
            "[organizations.acme]
             name = \"Acme\"
             subscription_type = \"team\"
             [organizations.acme.ingest_keys.ci]
             customer_type = \"api\"
             [organizations.plain]",
        )
        .unwrap();
        let customers = customers(&config);
        let subscription = |name: &str| Customer {
            customer_type: Some(CustomerType::Subscription),
            subscription: Some(name.to_owned()),
        };
        let api = Customer { customer_type: Some(CustomerType::Api), subscription: None };
        assert_eq!(customers.of(&"acme".into()), subscription("team"));
        assert_eq!(customers.of_key(&"acme".into(), &key("laptops")), subscription("team"));
        assert_eq!(customers.of_key(&"acme".into(), &key("ci")), api);
        assert_eq!(customers.of_key(&"plain".into(), &key("ci")), Customer::default());
        assert_eq!(customers.of(&"stranger".into()), Customer::default());
    }

    #[test]
    fn contradictions_and_misspellings_are_told() {
        for (toml, part) in [
            (
                "[organizations.a]\ncustomer_type = \"api\"\nsubscription_type = \"team\"",
                "organizations.a: API",
            ),
            (
                "[organizations.a.ingest_keys.b]\ncustomer_type = \"api\"\nsubscription_type = \"x\"",
                ".b: API",
            ),
            ("[organizations.a]\ncustomer_type = \"free\"", "free"),
            ("[organizations.a]\nnmae = \"A\"", "nmae"),
            ("[organizations.\" \"]", "is no id"),
            ("[organizations.\"a\\u001fb\"]", "is no id"),
            ("[analytics]\norganization = \"acme\"", "acme"),
        ] {
            let error = format!("{:#}", load(toml).unwrap_err());
            assert!(error.contains(part), "{toml}: {error}");
        }
    }
}
