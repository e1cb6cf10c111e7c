//! `pitwall key`: make, list and revoke API keys. Works beside a running server.

use anyhow::{Context, Result};
use model::{Clock, SystemClock};
use serde_json::json;
use state::{Key, KeyId, KeyKind, Keys, NewKey, SqliteState};

use crate::cli::{KeyCommand, KeyCreateArgs, KeyKindArg, KeyListArgs, KeyRevokeArgs};
use crate::config::DataDirectory;
use crate::terminal;

/// Runs the command.
pub(crate) async fn run(command: KeyCommand) -> Result<()> {
    match command {
        KeyCommand::Create(args) => create(args).await,
        KeyCommand::List(args) => list(args).await,
        KeyCommand::Revoke(args) => revoke(args).await,
    }
}

async fn open(data: Option<std::path::PathBuf>) -> Result<SqliteState> {
    let data = DataDirectory::or_default(data)?;
    data.create()?;
    Ok(SqliteState::open(&data.state_file()).await?)
}

async fn create(args: KeyCreateArgs) -> Result<()> {
    let state = open(args.data.data).await?;
    let kind = match args.kind {
        KeyKindArg::Admin => KeyKind::Admin,
        KeyKindArg::Ingest => KeyKind::Ingest,
        KeyKindArg::Viewer => KeyKind::Viewer,
    };
    let new = NewKey { kind, name: args.name, organization: None, expires_at: None };
    let created = state.create_key(new, SystemClock.now()).await?;
    let (key, secret) = (&created.key, created.secret.expose());
    if args.json {
        return terminal::print_json(&json!({
            "id": key.id.as_str(), "kind": key.kind.as_str(), "name": key.name, "key": secret,
        }));
    }
    terminal::print(&format!(
        "{secret}\n\nThis is the {} key \"{}\" ({}). It is shown this once; only a hash of it is kept.\n",
        key.kind.as_str(),
        key.name,
        key.id.as_str(),
    ))
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
            key.hint.clone(),
            state.into(),
            used,
        ]
    });
    let rows: Vec<_> = rows.map(Vec::from).collect();
    terminal::print(&terminal::table(&["Id", "Kind", "Name", "Key", "State", "Last used"], &rows, &[]))
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
        "hint": key.hint,
        "created_at": key.created_at.to_rfc3339(),
        "expires_at": time(key.expires_at),
        "revoked_at": time(key.revoked_at),
        "last_used_at": time(key.last_used_at),
    })
}
