//! Finding the Claude directories and the transcripts in them.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use model::{Context, CustomerType, Timestamp};

use super::account::context_of;

/// How deep below `projects` transcripts are looked for.
const MAX_DEPTH: usize = 12;
/// Problems that are kept with their place; the rest is counted.
pub const MAX_PROBLEMS: usize = 100;

/// What decides where Claude Code keeps its files. Taken as values, so that nothing here reads the
/// environment.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `CLAUDE_CONFIG_DIR`: a directory, or several separated by commas.
    pub claude_config_dir: Option<String>,
    /// The user's home directory.
    pub home: Option<PathBuf>,
    /// The local login, `user@host`; who work without a sign-in is attributed to.
    pub login: Option<String>,
    /// How the work here is paid for, where the operator says so.
    pub customer_type: Option<CustomerType>,
    /// The subscription, such as `team`, where the operator says so.
    pub subscription: Option<String>,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file or directory.
    pub path: PathBuf,
    /// Why not, and what to do.
    pub reason: String,
}

impl Problem {
    pub(super) fn of(path: &Path, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
            kind => kind.to_string(),
        };
        Self { path: path.to_owned(), reason }
    }
}

/// A transcript, as it was when it was found.
#[derive(Clone, Debug)]
pub(super) struct FoundFile {
    pub(super) path: PathBuf,
    pub(super) stamp: Stamp,
    /// What all its records have in common.
    pub(super) context: Arc<Context>,
}

/// What tells without opening it that a file has not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// What the platform knows the file by whatever its name; empty where it does not tell.
    pub(super) identity: String,
    pub(super) size: u64,
    pub(super) modified_at: Timestamp,
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let micros = modified.and_then(|age| i64::try_from(age.as_micros()).ok()).unwrap_or(0);
        Self {
            identity: identity(metadata),
            size: metadata.len(),
            modified_at: Timestamp::from_micros(micros),
        }
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt as _;
    format!("{:x}:{:x}", metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> String {
    String::new()
}

/// Everything there is to read.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// The `projects` directories that were looked through.
    pub(super) roots: Vec<Root>,
    pub(super) files: Vec<FoundFile>,
    pub(super) problems: Vec<Problem>,
    pub(super) problem_count: usize,
}

/// A Claude directory with transcripts.
#[derive(Clone, Debug)]
pub(super) struct Root {
    pub(super) projects: PathBuf,
    pub(super) context: Arc<Context>,
}

/// The Claude directories to read: those given, else those of `CLAUDE_CONFIG_DIR`, else the usual ones. Only
/// given ones need not exist; they are reported when they do not.
pub fn claude_directories(given: &[PathBuf], environment: &Environment) -> Vec<PathBuf> {
    if !given.is_empty() {
        return given.iter().map(|directory| without_projects(directory)).collect();
    }
    let configured = environment.claude_config_dir.as_deref().unwrap_or_default();
    let listed: Vec<PathBuf> = configured
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(|entry| expand_home(entry, environment))
        .collect();
    let home = environment.home.iter();
    let usual =
        || home.flat_map(|home| [home.join(".claude"), home.join(".config").join("claude")]).collect();
    let directories: Vec<PathBuf> = if listed.is_empty() { usual() } else { listed };
    directories.into_iter().filter(|directory| directory.join("projects").is_dir()).collect()
}

/// People name the directory of the transcripts itself; their own directory is the one above.
fn without_projects(directory: &Path) -> PathBuf {
    let is_projects = directory.file_name().is_some_and(|name| name == "projects");
    match directory.parent() {
        Some(parent) if is_projects && !directory.join("projects").is_dir() => parent.to_owned(),
        _ => directory.to_owned(),
    }
}

fn expand_home(entry: &str, environment: &Environment) -> PathBuf {
    match (entry.strip_prefix("~/"), &environment.home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(entry),
    }
}

/// Looks through the directories. What cannot be read is reported and passed over; a file reached by
/// several ways is found once.
pub(super) fn discover(given: &[PathBuf], environment: &Environment) -> Found {
    let mut search = Search::default();
    for directory in claude_directories(given, environment) {
        let projects = directory.join("projects");
        match fs::canonicalize(&projects) {
            Ok(projects) => {
                let context = Arc::new(context_of(&directory, environment));
                search.found.roots.push(Root { projects: projects.clone(), context: Arc::clone(&context) });
                search.look_into(&projects, &context, 0);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => search.report(Problem {
                path: directory,
                reason: "no projects directory in it; name the directory that holds projects/".to_owned(),
            }),
            Err(error) => search.report(Problem::of(&projects, &error)),
        }
    }
    search.found
}

/// Looks at single paths below known directories; what is no transcript, or has gone, is passed over.
pub(super) fn find_again(paths: impl IntoIterator<Item = PathBuf>, roots: &[Root]) -> Found {
    let mut search = Search::default();
    for path in paths {
        let Some(root) = roots.iter().find(|root| path.starts_with(&root.projects)) else { continue };
        if is_transcript(&path) {
            let metadata = fs::metadata(&path);
            search.add(path, metadata, &root.context);
        }
    }
    search.found.roots = roots.to_vec();
    search.found
}

pub(super) fn is_transcript(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "jsonl")
}

#[derive(Default)]
struct Search {
    found: Found,
    /// Identities of the directories and files seen so far.
    seen: HashSet<String>,
}

impl Search {
    fn look_into(&mut self, directory: &Path, context: &Arc<Context>, depth: usize) {
        match fs::metadata(directory) {
            Ok(metadata) if self.is_new(directory, &metadata) => {}
            Ok(_) => return,
            Err(error) => return self.report_unless_gone(directory, &error),
        }
        let entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) => return self.report_unless_gone(directory, &error),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.report(Problem::of(directory, &error));
                    continue;
                }
            };
            let path = entry.path();
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir()) || is_link && path.is_dir();
            if is_directory && depth < MAX_DEPTH {
                self.look_into(&path, context, depth + 1);
            } else if !is_directory && is_transcript(&path) {
                // By its name in the directory that is open, which is quicker, but does not follow links.
                let metadata = if is_link { fs::metadata(&path) } else { entry.metadata() };
                self.add(path, metadata, context);
            }
        }
    }

    fn add(&mut self, path: PathBuf, metadata: io::Result<Metadata>, context: &Arc<Context>) {
        match metadata {
            Ok(metadata) => {
                if metadata.is_file() && self.is_new(&path, &metadata) {
                    let stamp = Stamp::of(&metadata);
                    self.found.files.push(FoundFile { path, stamp, context: Arc::clone(context) });
                }
            }
            Err(error) => self.report_unless_gone(&path, &error),
        }
    }

    fn is_new(&mut self, path: &Path, metadata: &Metadata) -> bool {
        let identity = identity(metadata);
        let identity = if identity.is_empty() { path.to_string_lossy().into_owned() } else { identity };
        self.seen.insert(identity)
    }

    /// The client removes old files at any moment; that is no problem.
    fn report_unless_gone(&mut self, path: &Path, error: &io::Error) {
        if error.kind() != io::ErrorKind::NotFound {
            self.report(Problem::of(path, error));
        }
    }

    fn report(&mut self, problem: Problem) {
        self.found.problem_count += 1;
        if self.found.problems.len() < MAX_PROBLEMS {
            self.found.problems.push(problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "{}\n").unwrap();
    }

    fn names(found: &Found) -> Vec<String> {
        let name = |file: &FoundFile| file.path.file_name().unwrap().to_string_lossy().into_owned();
        let mut names: Vec<String> = found.files.iter().map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn given_directories_go_before_the_environment_and_that_before_the_usual_ones() {
        let home = tempfile::tempdir().unwrap();
        for directory in [".claude", ".config/claude", "a", "b"] {
            write(&home.path().join(directory).join("projects/p/s.jsonl"));
        }
        fs::create_dir(home.path().join("empty")).unwrap();
        let at = |name: &str| home.path().join(name);
        let mut environment = Environment { home: Some(home.path().to_owned()), ..Environment::default() };
        assert_eq!(claude_directories(&[], &environment), [at(".claude"), at(".config/claude")]);
        environment.claude_config_dir = Some(" ".into());
        assert_eq!(claude_directories(&[], &environment), [at(".claude"), at(".config/claude")]);
        environment.claude_config_dir =
            Some(format!("{}, ~/b,,{}", at("a").display(), at("empty").display()));
        assert_eq!(claude_directories(&[], &environment), [at("a"), at("b")]);
        assert_eq!(
            claude_directories(&[at("empty"), at("a/projects")], &environment),
            [at("empty"), at("a")]
        );
    }

    #[test]
    fn transcripts_are_found_at_any_depth_and_nothing_else() {
        let claude = tempfile::tempdir().unwrap();
        let projects = claude.path().join("projects");
        for path in [
            "p/s.jsonl",
            "p/agent-1.jsonl",
            "p/s/subagents/agent-2.jsonl",
            "p/s/subagents/agent-2.meta.json",
            "p/s/subagents/deep/er/agent-3.jsonl",
            "p/notes.txt",
            "top.jsonl",
        ] {
            write(&projects.join(path));
        }
        let found = discover(&[claude.path().to_owned()], &Environment::default());
        assert_eq!(
            names(&found),
            ["agent-1.jsonl", "agent-2.jsonl", "agent-3.jsonl", "s.jsonl", "top.jsonl"]
        );
        assert_eq!(found.problem_count, 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_reached_by_several_ways_is_found_once() {
        let claude = tempfile::tempdir().unwrap();
        let projects = claude.path().join("projects");
        write(&projects.join("p/s.jsonl"));
        std::os::unix::fs::symlink(projects.join("p"), projects.join("again")).unwrap();
        std::os::unix::fs::symlink(&projects, projects.join("p/loop")).unwrap();
        std::os::unix::fs::symlink(projects.join("p/s.jsonl"), projects.join("t.jsonl")).unwrap();
        std::os::unix::fs::symlink("/nowhere", projects.join("gone.jsonl")).unwrap();
        let twice = [claude.path().to_owned(), claude.path().join(".")];
        let found = discover(&twice, &Environment::default());
        assert_eq!(found.files.len(), 1);
        assert_eq!(found.problem_count, 0);
    }

    #[test]
    fn a_given_directory_without_transcripts_is_reported() {
        let claude = tempfile::tempdir().unwrap();
        let found = discover(&[claude.path().to_owned()], &Environment::default());
        assert_eq!(found.problems.len(), 1);
        assert!(found.problems[0].reason.contains("projects"));
    }

    #[test]
    fn single_paths_are_found_again_below_known_directories_only() {
        let claude = tempfile::tempdir().unwrap();
        let projects = fs::canonicalize(claude.path()).unwrap().join("projects");
        write(&projects.join("p/s.jsonl"));
        write(&projects.join("p/s.json"));
        let root = Root { projects: projects.clone(), context: Arc::default() };
        let paths = ["p/s.jsonl", "p/s.jsonl", "p/s.json", "p/gone.jsonl"].map(|path| projects.join(path));
        let elsewhere = PathBuf::from("/elsewhere/s.jsonl");
        let found = find_again(paths.into_iter().chain([elsewhere]), &[root]);
        assert_eq!(names(&found), ["s.jsonl"]);
    }
}
