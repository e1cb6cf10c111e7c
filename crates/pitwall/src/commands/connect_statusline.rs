//! `pitwall connect statusline`: has Claude Code show `pitwall statusline` at its prompt.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::claude_settings::ClaudeSettings;
use crate::cli::statusline::ConnectStatuslineArgs;
use crate::terminal;

/// The entry of the settings, as Claude Code's documentation names it.
const ENTRY: &str = "statusLine";

/// Runs the command.
pub(crate) fn run(args: &ConnectStatuslineArgs) -> Result<()> {
    let file = match &args.settings {
        Some(file) => file.clone(),
        None => user_settings()?,
    };
    let mut settings = ClaudeSettings::read(&file)?;
    let present = settings.get(ENTRY);
    let is_ours = present.as_ref().is_some_and(is_ours);
    if args.remove {
        return remove(settings, present.as_ref(), is_ours);
    }
    let entry = json!({ "type": "command", "command": command(args)?, "padding": 0 });
    if args.print {
        return terminal::print(&format!("{:#}\n", json!({ ENTRY: entry })));
    }
    if present.as_ref() == Some(&entry) {
        return terminal::print(&format!("{} has it already.\n", settings.path().display()));
    }
    if let Some(other) = present.filter(|_| !is_ours && !args.replace) {
        let shown = other.get("command").and_then(Value::as_str).unwrap_or("something that is no command");
        bail!(
            "{} has a status line already: {shown}. To have Pitwall's instead, say --replace; \
             the file as it is now is kept beside it",
            settings.path().display()
        );
    }
    settings.set(ENTRY, Some(&entry))?;
    let kept = settings.write()?;
    let mut text = format!(
        "{} now has the status line. Claude Code shows it in its next session.\n",
        settings.path().display()
    );
    if let Some(kept) = kept {
        text += &format!("As it was before, it is kept in {}.\n", kept.display());
    }
    terminal::print(&text)
}

fn remove(mut settings: ClaudeSettings, present: Option<&Value>, is_ours: bool) -> Result<()> {
    let path = settings.path().display().to_string();
    match present {
        None => terminal::print(&format!("{path} has no status line.\n")),
        Some(_) if !is_ours => bail!("the status line in {path} is not Pitwall's; it was left alone"),
        Some(_) => {
            settings.set(ENTRY, None)?;
            settings.write()?;
            terminal::print(&format!("{path} has no status line any more.\n"))
        }
    }
}

/// Whether an entry runs this program's status line, from whatever place.
fn is_ours(entry: &Value) -> bool {
    let command = entry.get("command").and_then(Value::as_str).unwrap_or_default();
    command.contains("pitwall") && command.contains(" statusline")
}

/// The settings of this user: in `CLAUDE_CONFIG_DIR`, else in `~/.claude`.
fn user_settings() -> Result<PathBuf> {
    let named = std::env::var_os("CLAUDE_CONFIG_DIR").filter(|folder| !folder.is_empty());
    let folder = match named {
        Some(folder) => PathBuf::from(folder),
        None => etcetera::home_dir()
            .context("no home directory is known; name the file with --settings")?
            .join(".claude"),
    };
    Ok(folder.join("settings.json"))
}

/// What Claude Code is to run: this program, with the data it was told of now.
fn command(args: &ConnectStatuslineArgs) -> Result<String> {
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    let mut words = vec![quoted(&program)?, "statusline".to_owned()];
    for (flag, path) in [("--data", &args.data.data), ("--config", &args.data.config)] {
        if let Some(path) = path {
            let path = std::path::absolute(path).context("cannot tell where the data is")?;
            words.extend([flag.to_owned(), quoted(&path)?]);
        }
    }
    if let Some(format) = &args.format {
        words.extend(["--format".to_owned(), shell_quoted(format)]);
    }
    Ok(words.join(" "))
}

fn quoted(path: &Path) -> Result<String> {
    let text =
        path.to_str().with_context(|| format!("{} is not a name that settings can hold", path.display()))?;
    Ok(shell_quoted(text))
}

/// Plain where that is safe, else in single quotes.
fn shell_quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_quoted_for_a_shell() {
        assert_eq!(shell_quoted("/usr/bin/pitwall"), "/usr/bin/pitwall");
        assert_eq!(shell_quoted("/home/it's me/pitwall"), r"'/home/it'\''s me/pitwall'");
        assert_eq!(shell_quoted("[{model}]"), "'[{model}]'");
    }

    #[test]
    fn our_own_entry_is_known_from_others() {
        let entry = |command: &str| json!({ "type": "command", "command": command });
        assert!(is_ours(&entry("/opt/pitwall/bin/pitwall statusline --data /x")));
        assert!(is_ours(&entry("'/home/it is/pitwall' statusline")));
        assert!(!is_ours(&entry("ccusage statusline")));
        assert!(!is_ours(&json!("text")));
    }
}
