//! Who sent it and where it ran: from attributes to [`Context`].

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use model::{Context, OrganizationId, SessionId, Text};

use super::{Config, names};
use crate::otlp::{Admission, Attributes, Value};

/// What one item says about its sender. Most items of an export say the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Sender {
    pub(super) session: Option<String>,
    pub(super) installation: Option<String>,
    email: Option<String>,
    account: Option<String>,
    account_id: Option<String>,
    organization: Option<String>,
    terminal: Option<String>,
    entrypoint: Option<String>,
    version: Option<String>,
    /// What stands under the names that may name the team, in the order of the attributes.
    teams: Vec<(String, String)>,
    remote: Option<bool>,
    repository_url: Option<String>,
    repository_owner: Option<String>,
    repository_name: Option<String>,
    project: Option<String>,
    /// Attributes that describe the sender, have no field of their own, and are worth grouping by.
    described: Vec<(String, String)>,
}

impl Sender {
    /// Takes what describes the sender out of an item's attributes.
    fn take(attributes: &mut Attributes, config: &Config) -> Self {
        let mut sender = Self::default();
        attributes.0.retain_mut(|(name, value)| !sender.take_one(name, value, config));
        sender
    }

    /// Takes one attribute if it describes the sender; tells whether it did.
    fn take_one(&mut self, name: &mut String, value: &mut Value, config: &Config) -> bool {
        let field = match name.as_str() {
            names::SESSION_ID => &mut self.session,
            names::INSTALLATION_ID => &mut self.installation,
            names::USER_EMAIL => &mut self.email,
            names::ACCOUNT_UUID => &mut self.account,
            names::ACCOUNT_ID => &mut self.account_id,
            names::ORGANIZATION_ID => &mut self.organization,
            names::TERMINAL_TYPE => &mut self.terminal,
            names::APP_ENTRYPOINT => &mut self.entrypoint,
            names::APP_VERSION => &mut self.version,
            names::REPOSITORY_URL => &mut self.repository_url,
            names::REPOSITORY_OWNER => &mut self.repository_owner,
            names::REPOSITORY_NAME => &mut self.repository_name,
            names::WORKSPACE_PATHS => {
                self.project = first_path(value);
                return true;
            }
            names::CLOUD_SESSION_ID => {
                self.remote = Some(true);
                return false;
            }
            names::USER_GROUPS
            | names::IDENTITY_SOURCE
            | names::PROVIDER
            | names::CUSTOM_BASE_URL
            | names::REPOSITORY_PROVIDER => {
                let text = std::mem::take(value).into_text();
                self.described.extend(text.map(|text| (std::mem::take(name), text)));
                return true;
            }
            _ => {
                self.note_own(name, value, config);
                return false;
            }
        };
        // A list or a map under one of these names stays with the record.
        if matches!(value, Value::Bytes(_) | Value::List(_) | Value::Map(_)) {
            return false;
        }
        *field = std::mem::take(value).into_text();
        true
    }

    /// Reads an attribute that may be one of the operator's own, which stays where it is.
    fn note_own(&mut self, name: &str, value: &Value, config: &Config) {
        if config.remote_attributes.iter().any(|known| known == name) {
            self.remote = self.remote.or(value.as_bool());
        }
        if config.team_attributes.iter().any(|known| known == name)
            && let Value::Text(team) = value
        {
            self.teams.push((name.to_owned(), team.clone()));
        }
    }

    /// This sender, with what it does not tell taken from the resource.
    fn or(self, resource: &Self) -> Self {
        let mut described = self.described;
        for (name, text) in &resource.described {
            if !described.iter().any(|(known, _)| known == name) {
                described.push((name.clone(), text.clone()));
            }
        }
        Self {
            session: self.session.or_else(|| resource.session.clone()),
            installation: self.installation.or_else(|| resource.installation.clone()),
            email: self.email.or_else(|| resource.email.clone()),
            account: self.account.or_else(|| resource.account.clone()),
            account_id: self.account_id.or_else(|| resource.account_id.clone()),
            organization: self.organization.or_else(|| resource.organization.clone()),
            terminal: self.terminal.or_else(|| resource.terminal.clone()),
            entrypoint: self.entrypoint.or_else(|| resource.entrypoint.clone()),
            version: self.version.or_else(|| resource.version.clone()),
            teams: if self.teams.is_empty() { resource.teams.clone() } else { self.teams },
            remote: self.remote.or(resource.remote),
            repository_url: self.repository_url.or_else(|| resource.repository_url.clone()),
            repository_owner: self.repository_owner.or_else(|| resource.repository_owner.clone()),
            repository_name: self.repository_name.or_else(|| resource.repository_name.clone()),
            project: self.project.or_else(|| resource.project.clone()),
            described,
        }
    }

    /// The session that the sender tells of: its own, else one per installation.
    fn session_id(&self) -> Option<SessionId> {
        let told = self.session.as_deref().map(SessionId::of_client);
        told.or_else(|| self.installation.as_deref().map(SessionId::of_installation))
    }

    /// The operator's names come in order of preference, which the order of attributes is not.
    fn team(&self, config: &Config) -> Option<String> {
        let told = |wanted: &String| self.teams.iter().find(|(name, _)| name == wanted);
        config.team_attributes.iter().find_map(told).map(|(_, team)| team.clone())
    }

    fn repository(&self) -> Option<String> {
        if let (Some(owner), Some(name)) = (&self.repository_owner, &self.repository_name) {
            return Some(format!("{owner}/{name}"));
        }
        let url = self.repository_url.as_deref()?;
        let path = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (_, path) = path.split_once('/')?;
        let path = path.trim_end_matches('/').trim_end_matches(".git");
        path.contains('/').then(|| path.to_owned())
    }
}

/// The workspace of the desktop application: the first of its directories.
fn first_path(value: &mut Value) -> Option<String> {
    match std::mem::take(value) {
        Value::List(paths) => paths.into_iter().find_map(Value::into_text),
        Value::Text(path) => Some(path),
        _ => None,
    }
}

/// The sender of one resource's items, and the contexts made for them so far.
pub(super) struct Senders<'a> {
    config: &'a Config,
    admission: &'a Admission,
    /// The organization that the ingest key belongs to; empty for none.
    tenant: OrganizationId,
    /// The operator's own resource attributes.
    own: BTreeMap<String, String>,
    /// What the resource itself says about the sender.
    resource: Sender,
    service_version: Option<String>,
    contexts: HashMap<Sender, Arc<Context>>,
}

impl<'a> Senders<'a> {
    /// Reads a resource's attributes.
    pub(super) fn of_resource(
        mut resource: Attributes,
        admission: &'a Admission,
        config: &'a Config,
    ) -> Self {
        let service_version = resource.take_text(names::SERVICE_VERSION);
        let service_name: Option<String> = resource.take_text(names::SERVICE_NAME);
        let mut sender = Sender::take(&mut resource, config);
        if service_name.as_deref() == Some(names::value::DESKTOP_SERVICE) && sender.entrypoint.is_none() {
            sender.entrypoint = Some(names::value::DESKTOP_ENTRYPOINT.to_owned());
        }
        let is_own =
            |name: &str| !names::STANDARD_RESOURCE_PREFIXES.iter().any(|known| name.starts_with(known));
        let own: BTreeMap<String, String> = resource
            .0
            .into_iter()
            .filter(|(name, _)| is_own(name))
            .filter_map(|(name, value)| Some((name, value.into_text()?)))
            .chain(sender.described.iter().cloned())
            .collect();
        let tenant = OrganizationId::new(admission.organization.clone().unwrap_or_default());
        Self { config, admission, tenant, own, resource: sender, service_version, contexts: HashMap::new() }
    }

    /// Takes what describes the sender out of an item's attributes.
    pub(super) fn take_sender(&self, attributes: &mut Attributes) -> Sender {
        Sender::take(attributes, self.config).or(&self.resource)
    }

    /// The session to file a sender's item under, apart from those of other organizations.
    pub(super) fn session_of(&self, sender: &Sender) -> Option<SessionId> {
        Some(sender.session_id()?.within(&self.tenant))
    }

    /// The operator's own resource attributes, which the client copies onto everything.
    pub(super) fn own_attributes(&self) -> &BTreeMap<String, String> {
        &self.own
    }

    /// The context of a sender; shared with those of the same sender before.
    pub(super) fn context(&mut self, mut sender: Sender) -> Arc<Context> {
        // Sessions of one sender share a context.
        sender.session = None;
        if let Some(known) = self.contexts.get(&sender) {
            return Arc::clone(known);
        }
        let context = Arc::new(self.build(&sender));
        self.contexts.insert(sender, Arc::clone(&context));
        context
    }

    fn build(&self, sender: &Sender) -> Context {
        let mut attributes = self.own.clone();
        attributes.extend(sender.described.iter().cloned());
        if let (Some(_), Some(id)) = (&sender.account, &sender.account_id) {
            attributes.insert(names::ACCOUNT_ID.to_owned(), id.clone());
        }
        let end_user = attributes.get(names::END_USER_ID).map(String::as_str);
        let end_user_email = end_user.filter(|id| id.contains('@'));
        let is_remote = |entrypoint: &String| names::value::REMOTE_ENTRYPOINTS.contains(&entrypoint.as_str());
        let entrypoint_remote =
            sender.entrypoint.as_ref().filter(|entrypoint| is_remote(entrypoint)).map(|_| true);
        let text = |told: &Option<String>| told.as_deref().map(Text::from);
        let email = sender.email.as_deref().or(end_user_email);
        let account = sender.account.as_deref().or(sender.account_id.as_deref()).or(end_user);
        Context {
            email: email.map(|email| email.trim().to_lowercase().into()),
            account: account.map(Text::from),
            installation: text(&sender.installation),
            ingest_key: text(&self.admission.ingest_key),
            organization: text(&sender.organization),
            customer_type: self.admission.customer_type,
            subscription: text(&self.admission.subscription),
            terminal: text(&sender.terminal),
            remote: sender.remote.or(entrypoint_remote),
            entrypoint: text(&sender.entrypoint),
            client_version: text(&sender.version).or_else(|| text(&self.service_version)),
            project: text(&sender.project),
            repository: sender.repository().map(Into::into),
            team: sender.team(self.config).map(Into::into),
            attributes,
            ..Context::default()
        }
    }
}
