//! Changing one entry of Claude Code's `settings.json`, and nothing else in it.
//!
//! The file is somebody's own. Every other entry keeps its place and its text, to the byte; a file that is
//! not a JSON object is left alone; what was there before is kept beside it; and the new file replaces the
//! old one in one step.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// The largest settings file that is touched, in bytes.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The file's entries, in order, each with its text.
#[derive(Debug, Default)]
struct Entries(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Entries;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Entries, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// A settings file, read.
#[derive(Debug)]
pub(crate) struct ClaudeSettings {
    path: PathBuf,
    text: String,
    entries: Entries,
}

impl ClaudeSettings {
    /// Reads the file; one that is not there is empty. A link is followed, so that it stays one.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let place = || format!("cannot read {}", path.display());
        let text = match std::fs::metadata(&path) {
            Ok(metadata) if metadata.len() > MAX_BYTES => bail!("{}: it is too large for settings", place()),
            Ok(_) => std::fs::read_to_string(&path).with_context(place)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(place),
        };
        let text = text.trim_start_matches('\u{feff}').to_owned();
        let entries = if text.trim().is_empty() {
            Entries::default()
        } else {
            serde_json::from_str(&text)
                .with_context(|| format!("{} is not a JSON object; nothing was changed", path.display()))?
        };
        Ok(Self { path, text, entries })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// An entry's value.
    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        let entry = self.entries.0.iter().rev().find(|(known, _)| known == name)?;
        serde_json::from_str(entry.1.get()).ok()
    }

    /// Sets an entry, where it is or at the end; `None` takes it away.
    pub(crate) fn set(&mut self, name: &str, value: Option<&Value>) -> Result<()> {
        let Some(value) = value else {
            self.entries.0.retain(|(known, _)| known != name);
            return Ok(());
        };
        // One step in, like everything in the object.
        let text = serde_json::to_string_pretty(value)?.replace('\n', "\n  ");
        let value = RawValue::from_string(text)?;
        match self.entries.0.iter_mut().rev().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.entries.0.push((name.to_owned(), value)),
        }
        Ok(())
    }

    /// The file's new text.
    pub(crate) fn to_text(&self) -> Result<String> {
        if self.entries.0.is_empty() {
            return Ok("{}\n".to_owned());
        }
        let lines = self
            .entries
            .0
            .iter()
            .map(|(name, value)| Ok(format!("  {}: {}", serde_json::to_string(name)?, value.get())));
        let lines = lines.collect::<Result<Vec<_>>>()?;
        Ok(format!("{{\n{}\n}}\n", lines.join(",\n")))
    }

    /// Writes it, and keeps what was there before beside it. Tells where that is, if there was anything.
    pub(crate) fn write(&self) -> Result<Option<PathBuf>> {
        let text = self.to_text()?;
        let place = || format!("cannot write {}", self.path.display());
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).with_context(place)?;
        }
        let mut kept = None;
        if self.path.exists() {
            let beside = self.path.with_extension("json.before-pitwall");
            std::fs::write(&beside, &self.text).with_context(place)?;
            kept = Some(beside);
        }
        let new = self.path.with_extension("json.new");
        std::fs::write(&new, text).with_context(place)?;
        if let Ok(metadata) = std::fs::metadata(&self.path) {
            std::fs::set_permissions(&new, metadata.permissions()).with_context(place)?;
        }
        std::fs::rename(&new, &self.path).with_context(place)?;
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const OWN: &str = r#"{
    "zeta": [1,   2],
    "env": { "B": "2", "A": "1" },
    "statusLine": {"type": "command", "command": "old"},
    "number": 1e400
}
"#;

    fn settings(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.json");
        std::fs::write(&file, text).unwrap();
        (folder, file)
    }

    #[test]
    fn other_entries_keep_their_place_and_text() {
        let (_folder, file) = settings(OWN);
        let mut settings = ClaudeSettings::read(&file).unwrap();
        assert_eq!(settings.get("statusLine").unwrap()["command"], "old");
        settings.set("statusLine", Some(&json!({ "command": "new", "type": "command" }))).unwrap();
        let kept = settings.write().unwrap().unwrap();
        let expected = r#"{
  "zeta": [1,   2],
  "env": { "B": "2", "A": "1" },
  "statusLine": {
    "command": "new",
    "type": "command"
  },
  "number": 1e400
}
"#;
        assert_eq!(std::fs::read_to_string(&file).unwrap(), expected);
        assert_eq!(std::fs::read_to_string(kept).unwrap(), OWN);
        assert!(!file.with_extension("json.new").exists());
    }

    #[test]
    fn an_entry_can_be_added_and_taken_away() {
        let (_folder, file) = settings("{\"a\":1}");
        let mut settings = ClaudeSettings::read(&file).unwrap();
        settings.set("b", Some(&json!(2))).unwrap();
        assert_eq!(settings.to_text().unwrap(), "{\n  \"a\": 1,\n  \"b\": 2\n}\n");
        settings.set("a", None).unwrap();
        settings.set("b", None).unwrap();
        assert_eq!(settings.to_text().unwrap(), "{}\n");
    }

    #[test]
    fn a_file_that_is_not_there_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("claude/settings.json");
        let mut settings = ClaudeSettings::read(&file).unwrap();
        settings.set("a", Some(&json!(true))).unwrap();
        assert_eq!(settings.write().unwrap(), None);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "{\n  \"a\": true\n}\n");
    }

    #[test]
    fn what_is_no_object_is_left_alone() {
        for text in ["[]", "{\"a\": 1,}", "// comment\n{}", "{"] {
            let (_folder, file) = settings(text);
            let error = ClaudeSettings::read(&file).unwrap_err();
            assert!(format!("{error:#}").contains("nothing was changed"), "{error:#}");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, file) = settings("{}");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let link = folder.path().join("link.json");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let mut settings = ClaudeSettings::read(&link).unwrap();
        settings.set("a", Some(&json!(1))).unwrap();
        settings.write().unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "{\n  \"a\": 1\n}\n");
    }
}
