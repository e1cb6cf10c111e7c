//! `pitwall key`: make, list and revoke API keys. Works beside a running server.

mod expiry;

use anyhow::{Context, Result, ensure};
use model::{Clock, OrganizationId, SystemClock};
use serde_json::json;
use state::{Key, KeyEvent, KeyId, KeyKind, Keys, NewKey, SqliteState};

use crate::cli::{KeyAuditArgs, KeyCommand, KeyCreateArgs, KeyKindArg, KeyListArgs, KeyRevokeArgs};
use crate::config::{Config, DataDirectory};
use crate::terminal;
use expiry::expiry;

/// Runs the command.
pub(crate) async fn run(command: KeyCommand) -> Result<()> {
    match command {
        KeyCommand::Create(args) => create(args).await,
        KeyCommand::List(args) => list(args).await,
        KeyCommand::Revoke(args) => revoke(args).await,
        KeyCommand::Audit(args) => audit(args).await,
    }
}

async fn open(data: Option<std::path::PathBuf>) -> Result<SqliteState> {
    let data = DataDirectory::or_default(data)?;
    data.create()?;
    Ok(SqliteState::open(&data.state_file()).await?)
}

async fn create(args: KeyCreateArgs) -> Result<()> {
    let organization = args.organization.as_deref().map(|id| known_organization(id, &args)).transpose()?;
    let now = SystemClock.now();
    let expires_at = args.expires.as_deref().map(|text| expiry(text, now)).transpose()?;
    let state = open(args.data.data).await?;
    let kind = match args.kind {
        KeyKindArg::Admin => KeyKind::Admin,
        KeyKindArg::Ingest => KeyKind::Ingest,
        KeyKindArg::Viewer => KeyKind::Viewer,
    };
    let new = NewKey { kind, name: args.name, organization, expires_at };
    let created = state.create_key(new, now).await?;
    let (key, secret) = (&created.key, created.secret.expose());
    if args.json {
        let mut printed = json!({
            "id": key.id.as_str(), "kind": key.kind.as_str(), "name": key.name, "key": secret,
        });
        if let Some(organization) = &key.organization {
            printed["organization"] = json!(organization.as_str());
        }
        if let Some(expires_at) = key.expires_at {
            printed["expires_at"] = json!(expires_at.to_rfc3339());
        }
        return terminal::print_json(&printed);
    }
    let until = key.expires_at.map_or_else(String::new, |at| format!(" It expires at {}.", at.to_rfc3339()));
    terminal::print(&format!(
        "{secret}\n\nThis is the {} key \"{}\" ({}). It is shown this once; only a hash of it is kept.{until}\n",
        key.kind.as_str(),
        key.name,
        key.id.as_str(),
    ))
}

/// An organization that the configuration names: with a misspelt one, a key would show nothing for ever.
fn known_organization(id: &str, args: &KeyCreateArgs) -> Result<OrganizationId> {
    let data = DataDirectory::or_default(args.data.data.clone())?;
    let config = Config::load(args.data.config.as_deref(), &data)?;
    let known: Vec<&str> = config.organizations.keys().map(String::as_str).collect();
    ensure!(
        known.contains(&id),
        "there is no section [organizations.{id}] in the configuration; known: {}",
        if known.is_empty() { "none".to_owned() } else { known.join(", ") }
    );
    Ok(OrganizationId::new(id))
}

async fn list(args: KeyListArgs) -> Result<()> {
    let keys = open(args.data.data).await?.list_keys().await?;
    if args.json {
        let keys: Vec<_> = keys.iter().map(as_json).collect();
        return terminal::print_json(&keys);
    }
    if keys.is_empty() {
        return terminal::print("No keys yet. Make one with: pitwall key create --kind admin --name NAME\n");
    }
    let now = SystemClock.now();
    let rows = keys.iter().map(|key| {
        let state = match key.revoked_at {
            Some(_) => "revoked",
            None if key.is_usable(now) => "usable",
            None => "expired",
        };
        let used = key.last_used_at.map_or_else(|| "never".into(), |at| at.to_rfc3339());
        [
            key.id.as_str().to_owned(),
            key.kind.as_str().into(),
            key.name.clone(),
            organization(key.organization.as_ref()),
            key.hint.clone(),
            state.into(),
            key.expires_at.map_or_else(|| "never".into(), |at| at.to_rfc3339()),
            used,
        ]
    });
    let rows: Vec<_> = rows.map(Vec::from).collect();
    let heads = ["Id", "Kind", "Name", "Organization", "Key", "State", "Expires", "Last used"];
    terminal::print(&terminal::table(&heads, &rows, &[]))
}

fn organization(id: Option<&OrganizationId>) -> String {
    id.map_or_else(|| "(default)".to_owned(), |id| id.as_str().to_owned())
}

async fn audit(args: KeyAuditArgs) -> Result<()> {
    let events = open(args.data.data).await?.audit(args.limit).await?;
    if args.json {
        return terminal::print_json(&events.iter().map(event_as_json).collect::<Vec<_>>());
    }
    let rows = events.iter().map(|event| {
        vec![
            event.at.to_rfc3339(),
            event.action.as_str().replace('_', " "),
            event.key_id.as_str().to_owned(),
            event.kind.as_str().to_owned(),
            event.name.clone(),
            organization(event.organization.as_ref()),
        ]
    });
    let heads = ["At", "What", "Id", "Kind", "Name", "Organization"];
    terminal::print(&terminal::table(&heads, &rows.collect::<Vec<_>>(), &[]))
}

fn event_as_json(event: &KeyEvent) -> serde_json::Value {
    json!({
        "number": event.number,
        "at": event.at.to_rfc3339(),
        "action": event.action.as_str(),
        "id": event.key_id.as_str(),
        "kind": event.kind.as_str(),
        "name": event.name,
        "organization": event.organization.as_ref().map(OrganizationId::as_str),
    })
}

async fn revoke(args: KeyRevokeArgs) -> Result<()> {
    let state = open(args.data.data).await?;
    let key = state
        .revoke_key(&KeyId::new(args.id), SystemClock.now())
        .await
        .context("could not revoke the key; `pitwall key list` shows the ids")?;
    terminal::print(&format!("Revoked the {} key \"{}\".\n", key.kind.as_str(), key.name))
}

fn as_json(key: &Key) -> serde_json::Value {
    let time = |at: Option<model::Timestamp>| at.map(|at| at.to_rfc3339());
    json!({
        "id": key.id.as_str(),
        "kind": key.kind.as_str(),
        "name": key.name,
        "organization": key.organization.as_ref().map(OrganizationId::as_str),
        "hint": key.hint,
        "created_at": key.created_at.to_rfc3339(),
        "expires_at": time(key.expires_at),
        "revoked_at": time(key.revoked_at),
        "last_used_at": time(key.last_used_at),
    })
}
