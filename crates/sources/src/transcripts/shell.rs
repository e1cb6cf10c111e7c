//! Which programs a shell command line runs, as far as commits and pull requests are concerned.
//!
//! The line is split as a POSIX shell would: words, quotes, separators, substitutions and here-documents.
//! So `echo "git commit"` commits nothing and `cd x && git -C y commit` does. Nothing is expanded.

use std::iter::Peekable;
use std::str::Chars;

use serde::{Deserialize, Serialize};

/// How deep substitutions and nested shells are followed.
const MAX_DEPTH: usize = 16;
/// Words of one command that are looked at.
const MAX_WORDS: usize = 64;

/// What a command line provably does when it succeeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct CommandFacts {
    /// It runs `git commit`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) commits: bool,
    /// It runs `gh pr create` or `glab mr create`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) opens_pull_request: bool,
}

impl CommandFacts {
    /// Reads a command line.
    pub(super) fn of(line: &str) -> Self {
        let mut facts = Self::default();
        // Nearly every command line stops here.
        if line.contains("commit") || line.contains("create") || line.contains("new") {
            facts.read(line, 0);
        }
        facts
    }

    fn read(&mut self, line: &str, depth: usize) {
        if depth < MAX_DEPTH {
            Reader { characters: line.chars().peekable(), here_documents: Vec::new(), facts: self }
                .list(None, depth);
        }
    }

    fn note(&mut self, words: &[String], depth: usize) {
        let Some((program, arguments)) = program_of(words) else { return };
        match program {
            "git" => {
                self.commits |= plain_arguments(arguments, GIT_OPTIONS_WITH_VALUE).first() == Some(&"commit");
            }
            "gh" | "glab" => {
                let noun = if program == "gh" { "pr" } else { "mr" };
                let plain = plain_arguments(arguments, FORGE_OPTIONS_WITH_VALUE);
                self.opens_pull_request |=
                    plain.first() == Some(&noun) && matches!(plain.get(1), Some(&"create" | &"new"));
            }
            "sh" | "bash" | "zsh" => {
                let script = arguments.iter().position(|word| is_command_option(word));
                if let Some(script) = script.and_then(|option| arguments.get(option + 1)) {
                    self.read(&script.clone(), depth + 1);
                }
            }
            _ => {}
        }
    }
}

const GIT_OPTIONS_WITH_VALUE: &[&str] =
    &["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env"];
const FORGE_OPTIONS_WITH_VALUE: &[&str] = &["-R", "--repo", "--hostname"];

/// `-c` of a shell, also among others as in `-lc`.
fn is_command_option(word: &str) -> bool {
    word.starts_with('-') && !word.starts_with("--") && word.ends_with('c')
}

/// Leaves out options and the values of those that take one.
fn plain_arguments<'a>(arguments: &'a [String], with_value: &[&str]) -> Vec<&'a str> {
    let mut plain = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if with_value.contains(&word.as_str()) {
            words.next();
        } else if !word.starts_with('-') {
            plain.push(word.as_str());
        }
    }
    plain
}

/// The program a simple command runs and its arguments, behind assignments, keywords and wrappers.
fn program_of(words: &[String]) -> Option<(&str, &[String])> {
    let mut rest = words;
    let mut options_with_value: Option<&[&str]> = None;
    loop {
        let (word, arguments) = rest.split_first()?;
        let takes_value = options_with_value.is_some_and(|options| options.contains(&word.as_str()));
        if takes_value {
            rest = arguments.get(1..)?;
        } else if let Some(options) = wrapper_options(word) {
            options_with_value = Some(options);
            rest = arguments;
        } else if is_keyword(word)
            || is_assignment(word)
            // Behind a wrapper stand its own options and, for `timeout`, a duration.
            || options_with_value.is_some()
                && word.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        {
            rest = arguments;
        } else {
            return Some((word.rsplit('/').next().unwrap_or(word), arguments));
        }
    }
}

fn is_keyword(word: &str) -> bool {
    matches!(word, "{" | "}" | "!" | "if" | "then" | "elif" | "else" | "do" | "while" | "until" | "time")
}

/// For a program that runs another one: its options that take a value.
fn wrapper_options(word: &str) -> Option<&'static [&'static str]> {
    match word {
        "sudo" => Some(&["-u", "-g", "-C", "-D", "-h", "-p", "--user", "--group"]),
        "env" => Some(&["-u", "-C", "--unset", "--chdir"]),
        "timeout" => Some(&["-k", "-s", "--kill-after", "--signal"]),
        "nice" => Some(&["-n", "--adjustment"]),
        "command" | "exec" | "nohup" => Some(&[]),
        _ => None,
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
    })
}

struct Reader<'a, 'f> {
    characters: Peekable<Chars<'a>>,
    /// Delimiters of here-documents whose text begins on the next line, and whether tabs are stripped.
    here_documents: Vec<(String, bool)>,
    facts: &'f mut CommandFacts,
}

impl Reader<'_, '_> {
    /// Reads commands up to the end or the closing character of a substitution.
    fn list(&mut self, closing: Option<char>, depth: usize) {
        let mut command = Command::default();
        while let Some(character) = self.characters.next() {
            if Some(character) == closing {
                break;
            }
            match character {
                ' ' | '\t' => command.end_word(),
                '\n' => {
                    self.end(&mut command, depth);
                    self.skip_here_documents();
                }
                ';' | '|' | ')' => self.end(&mut command, depth),
                '&' => {
                    // `&>file` redirects, everything else ends the command.
                    if self.characters.peek() != Some(&'>') {
                        self.end(&mut command, depth);
                    }
                }
                '(' => {
                    self.end(&mut command, depth);
                    self.nested(')', depth);
                }
                '`' => {
                    command.word_mut();
                    self.nested('`', depth);
                }
                '#' if command.word.is_none() => self.skip_line(),
                '<' | '>' => self.redirection(character, &mut command, depth),
                '\'' => self.single_quoted(command.word_mut()),
                '"' => self.double_quoted(command.word_mut(), depth),
                '$' if self.characters.peek() == Some(&'(') => {
                    self.characters.next();
                    command.word_mut();
                    self.nested(')', depth);
                }
                '\\' => {
                    if let Some(escaped) = self.characters.next()
                        && escaped != '\n'
                    {
                        command.word_mut().push(escaped);
                    }
                }
                _ => command.word_mut().push(character),
            }
        }
        self.end(&mut command, depth);
    }

    fn end(&mut self, command: &mut Command, depth: usize) {
        command.end_word();
        self.facts.note(&command.words, depth);
        command.words.clear();
    }

    fn nested(&mut self, closing: char, depth: usize) {
        if depth + 1 < MAX_DEPTH {
            self.list(Some(closing), depth + 1);
        } else {
            // Nobody nests this deep by hand: give up on the rest of the line.
            while self.characters.next().is_some() {}
        }
    }

    fn single_quoted(&mut self, word: &mut String) {
        for character in self.characters.by_ref() {
            if character == '\'' {
                return;
            }
            word.push(character);
        }
    }

    fn double_quoted(&mut self, word: &mut String, depth: usize) {
        while let Some(character) = self.characters.next() {
            match character {
                '"' => return,
                '\\' => word.extend(self.characters.next()),
                '`' => self.nested('`', depth),
                '$' if self.characters.peek() == Some(&'(') => {
                    self.characters.next();
                    self.nested(')', depth);
                }
                _ => word.push(character),
            }
        }
    }

    fn redirection(&mut self, character: char, command: &mut Command, depth: usize) {
        command.end_word();
        match self.characters.peek() {
            Some('<') if character == '<' => {
                self.characters.next();
                if self.characters.peek() == Some(&'<') {
                    self.characters.next();
                } else {
                    self.begin_here_document(depth);
                }
            }
            Some('(') => {
                self.characters.next();
                self.nested(')', depth);
            }
            Some('&' | '>') => {
                self.characters.next();
            }
            _ => {}
        }
    }

    fn begin_here_document(&mut self, depth: usize) {
        let strips_tabs = self.characters.next_if_eq(&'-').is_some();
        while self.characters.next_if(|character| matches!(character, ' ' | '\t')).is_some() {}
        let mut delimiter = String::new();
        while let Some(character) =
            self.characters.next_if(|character| !character.is_whitespace() && !";|&<>()".contains(*character))
        {
            match character {
                '\'' => self.single_quoted(&mut delimiter),
                '"' => self.double_quoted(&mut delimiter, depth),
                '\\' => delimiter.extend(self.characters.next()),
                _ => delimiter.push(character),
            }
        }
        self.here_documents.push((delimiter, strips_tabs));
    }

    /// Called behind a line break: what follows is the text of the here-documents begun on that line.
    fn skip_here_documents(&mut self) {
        for (delimiter, strips_tabs) in std::mem::take(&mut self.here_documents) {
            while self.characters.peek().is_some() {
                let line: String =
                    self.characters.by_ref().take_while(|character| *character != '\n').collect();
                let line = if strips_tabs { line.trim_start_matches('\t') } else { &line };
                if line == delimiter {
                    break;
                }
            }
        }
    }

    fn skip_line(&mut self) {
        while self.characters.next_if(|character| *character != '\n').is_some() {}
    }
}

/// A simple command while its words are being read.
#[derive(Default)]
struct Command {
    words: Vec<String>,
    word: Option<String>,
}

impl Command {
    fn word_mut(&mut self) -> &mut String {
        self.word.get_or_insert_default()
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take()
            && self.words.len() < MAX_WORDS
        {
            self.words.push(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMITS: CommandFacts = CommandFacts { commits: true, opens_pull_request: false };
    const OPENS: CommandFacts = CommandFacts { commits: false, opens_pull_request: true };
    const BOTH: CommandFacts = CommandFacts { commits: true, opens_pull_request: true };
    const NEITHER: CommandFacts = CommandFacts { commits: false, opens_pull_request: false };

    #[test]
    fn commits_are_found_wherever_the_shell_would_run_them() {
        for line in [
            "git commit -m x",
            "echo one >> notes.md && git add -A && git commit -q -m 'Add one'",
            "echo two >> notes.md; git commit -am 'Add two'",
            "git -C sub -c user.name=x --no-pager commit",
            "GIT_AUTHOR_DATE=now sudo -u me /usr/bin/git commit",
            "timeout 30 git commit",
            "if true; then git commit -m x; fi",
            "(cd sub && git commit -m x)",
            "{ git commit -m x; }",
            "make 2>&1 | tail -3 && git commit -m x",
            "make &>log && git commit -m x",
            "git add . \\\n  && git commit -m x",
            "cat <<EOF > f\nsome text\nEOF\ngit commit -am f",
            "git commit -m \"$(cat <<'EOF'\nA \"quoted\" word\nEOF\n)\"",
            "bash -lc 'git add . && git commit -m x'",
            "id=$(git commit -m x)",
            "\"git\" 'commit'",
        ] {
            assert_eq!(CommandFacts::of(line), COMMITS, "{line}");
        }
    }

    #[test]
    fn talk_about_commits_is_no_commit() {
        for line in [
            "echo git commit",
            "echo 'x; git commit'",
            "echo \"x && git commit\"",
            "git log --grep commit",
            "git help commit",
            "git commit-tree HEAD",
            "# git commit",
            "ls # && git commit",
            "grep -rn 'git commit' .",
            "cat <<EOF > hook.sh\ngit commit -m x\nEOF",
            "cat <<-'END' > hook.sh\n\tgit commit -m x\n\tEND",
            "cat <<< 'git commit'",
            "sh release.sh commit",
            "gh pr view 7 --json commits",
            "git config alias.commit x",
            "",
        ] {
            assert_eq!(CommandFacts::of(line), NEITHER, "{line}");
        }
    }

    #[test]
    fn pull_requests_are_found() {
        for line in [
            "gh pr create --title 'Add one' --body 'git commit'",
            "gh -R example/demo pr create --fill",
            "gh pr -R example/demo create --fill",
            "git push && gh pr new",
            "glab mr create --fill",
            "gh pr create --body \"$(cat <<'EOF'\n## Steps\ngit commit \"x\"\ngit commit\nEOF\n)\"",
        ] {
            assert_eq!(CommandFacts::of(line), OPENS, "{line}");
        }
        for line in ["gh issue create", "gh pr view create", "glab pr create", "echo gh pr create"] {
            assert_eq!(CommandFacts::of(line), NEITHER, "{line}");
        }
        assert_eq!(CommandFacts::of("git commit -am x && git push && gh pr create --fill"), BOTH);
    }

    #[test]
    fn nonsense_ends() {
        let deep = "$(".repeat(10_000) + "git commit";
        assert_eq!(CommandFacts::of(&deep), NEITHER);
        for line in [
            "git commit 'unclosed",
            "\"commit",
            "cat << commit",
            "commit <<",
            "commit \\",
            "`commit",
            ")commit(",
        ] {
            let _ = CommandFacts::of(line);
        }
    }
}
