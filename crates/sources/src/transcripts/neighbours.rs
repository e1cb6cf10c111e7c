//! What a transcript's place and its neighbours tell about it.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::json;
use super::lenient::{Flag, Text};
use super::state::FileRole;

/// The directory beside a session's file that holds its subagents.
const SUBAGENTS: &str = "subagents";
/// How much of a neighbour is looked at, in bytes.
const MAX_LOOK_BYTES: u64 = 256 * 1024;

/// The role of the file at `path`. Reads the beginning of its neighbours when it is a subagent's.
pub(super) fn role_of(path: &Path) -> FileRole {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let session = session_directory(path);
    if session.is_none() && !stem.starts_with("agent-") {
        return FileRole { session: stem, ..FileRole::default() };
    }
    let name = session.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    FileRole {
        session: name.unwrap_or(stem),
        subagent: true,
        agent: agent_kind(&path.with_extension("meta.json")).map(Into::into),
        project: session
            .and_then(|directory| started_in(&directory.with_added_extension("jsonl")))
            .map(Into::into),
    }
}

/// What tells the files of one session from those of others: `<project>/<session>`, whether or not such a
/// directory is there.
pub(super) fn session_place(path: &Path) -> PathBuf {
    session_directory(path).unwrap_or_else(|| path.with_extension(""))
}

/// `<project>/<session>` of `<project>/<session>/subagents/…`.
fn session_directory(path: &Path) -> Option<PathBuf> {
    let subagents = path
        .ancestors()
        .skip(1)
        .find(|ancestor| ancestor.file_name().is_some_and(|name| name == SUBAGENTS))?;
    subagents.parent().map(Path::to_owned)
}

/// The directory that the session of this file was started in.
fn started_in(path: &Path) -> Option<String> {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Place<'a> {
        #[serde(borrow)]
        cwd: Text<'a>,
        is_sidechain: Flag,
    }
    let lines = BufReader::new(File::open(path).ok()?.take(MAX_LOOK_BYTES)).split(b'\n');
    lines.map_while(Result::ok).find_map(|line| {
        let place: Place<'_> = json::from_bytes(&line).ok()?;
        place.cwd.owned().filter(|_| !place.is_sidechain.0)
    })
}

/// The kind of subagent, as the file beside its transcript says.
fn agent_kind(path: &Path) -> Option<String> {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Meta<'a> {
        #[serde(borrow)]
        agent_type: Text<'a>,
    }
    let mut text = String::new();
    File::open(path).ok()?.take(MAX_LOOK_BYTES).read_to_string(&mut text).ok()?;
    json::from_bytes::<Meta<'_>>(text.as_bytes()).ok()?.agent_type.owned()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_session_is_named_by_its_file() {
        let role = role_of(Path::new("/c/projects/p/0b1c.jsonl"));
        assert_eq!(role, FileRole { session: "0b1c".into(), ..FileRole::default() });
    }

    #[test]
    fn a_subagent_learns_from_its_neighbours() {
        let project = tempfile::tempdir().unwrap();
        let subagents = project.path().join("0b1c").join(SUBAGENTS);
        fs::create_dir_all(subagents.join("deep")).unwrap();
        let main = "{\"type\":\"mode\"}\nnot json\n{\"cwd\":\"/w/sub\",\"isSidechain\":true}\n{\"cwd\":\"/w\"}\n{\"cwd\":\"/x\"}\n";
        fs::write(project.path().join("0b1c.jsonl"), main).unwrap();
        fs::write(subagents.join("agent-a1.meta.json"), r#"{"agentType":"Explore","spawnDepth":1}"#).unwrap();
        let expected = FileRole {
            session: "0b1c".into(),
            subagent: true,
            agent: Some("Explore".into()),
            project: Some("/w".into()),
        };
        assert_eq!(role_of(&subagents.join("agent-a1.jsonl")), expected);
        assert_eq!(role_of(&subagents.join("deep/agent-a2.jsonl")), FileRole { agent: None, ..expected });
    }

    #[test]
    fn a_subagent_beside_its_session_is_known_by_its_name() {
        let role = role_of(Path::new("/c/projects/p/agent-a1.jsonl"));
        assert!(role.subagent);
        assert_eq!(role.session, "agent-a1");
    }
}
