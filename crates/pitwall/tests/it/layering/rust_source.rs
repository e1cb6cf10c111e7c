//! Rust sources as words and texts, without comments and without test code.

use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::str::CharIndices;

use super::repository;

/// A source file of a crate's library or program.
pub(super) struct Source {
    /// Path from the repository's root.
    pub path: PathBuf,
    tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq)]
struct Token {
    line: usize,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// An identifier, keyword or number.
    Word(String),
    /// A string's contents, as written between the quotes.
    Text(String),
    /// Any other character.
    Mark(char),
}

/// Every file below the `src` folders of all crates, but those that hold nothing but tests.
pub(super) fn sources() -> Vec<Source> {
    let paths = repository::crates()
        .into_iter()
        .flat_map(|name| repository::files(&format!("crates/{name}/src"), "rs"));
    let paths = paths.filter(|path| !is_test_file(path));
    paths.map(|path| Source { tokens: production_code(&repository::read(&path)), path }).collect()
}

/// A `tests.rs`, or a file in a folder `tests`: module trees that exist under `#[cfg(test)]` alone.
fn is_test_file(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "tests") || path.iter().any(|part| part == "tests")
}

impl Source {
    /// One file.
    pub(super) fn of(path: &str) -> Self {
        Self { path: path.into(), tokens: production_code(&repository::read(path)) }
    }

    /// Whether it lies in one of these files or folders, given as paths from the root.
    pub(super) fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }

    /// Lines that use the word.
    pub(super) fn lines_with(&self, word: &str) -> Vec<usize> {
        let is_it = |token: &&Token| matches!(&token.kind, Kind::Word(found) if found == word);
        self.tokens.iter().filter(is_it).map(|token| token.line).collect()
    }

    /// Lines that name the path, at a stretch (`std::time::Instant`) or out of the last one's braces
    /// (`std::time::{Duration, Instant}`).
    pub(super) fn lines_naming(&self, path: &[&str]) -> Vec<usize> {
        let Some((last, parents)) = path.split_last() else { return Vec::new() };
        let mut wanted: Vec<Kind> = Vec::new();
        for parent in parents {
            wanted.extend([Kind::Word((*parent).to_owned()), Kind::Mark(':'), Kind::Mark(':')]);
        }
        let mut lines = Vec::new();
        for start in 0..self.tokens.len() {
            let Some(rest) = self.tokens.get(start..).filter(|rest| begins(rest, &wanted)) else { continue };
            let mut following = rest.iter().skip(wanted.len());
            match following.next() {
                Some(Token { line, kind: Kind::Word(word) }) if word == last => lines.push(*line),
                Some(Token { kind: Kind::Mark('{'), .. }) => {
                    let inside = following.take_while(|token| token.kind != Kind::Mark('}'));
                    let named =
                        inside.filter(|token| matches!(&token.kind, Kind::Word(word) if word == last));
                    lines.extend(named.map(|token| token.line));
                }
                _ => {}
            }
        }
        lines
    }

    /// Every string with its line.
    pub(super) fn texts(&self) -> impl Iterator<Item = (usize, &str)> {
        self.tokens.iter().filter_map(|token| match &token.kind {
            Kind::Text(text) => Some((token.line, text.as_str())),
            _ => None,
        })
    }

    /// Every constant of type `&str` with its value, outside of inner modules.
    pub(super) fn text_constants(&self) -> Vec<(&str, &str)> {
        let mut depth = 0_usize;
        let mut constants = Vec::new();
        for window in self.tokens.windows(7) {
            match window[0].kind {
                Kind::Mark('{') => depth += 1,
                Kind::Mark('}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            let kinds: Vec<&Kind> = window.iter().map(|token| &token.kind).collect();
            if let [
                Kind::Word(keyword),
                Kind::Word(name),
                Kind::Mark(':'),
                Kind::Mark('&'),
                Kind::Word(of),
                Kind::Mark('='),
                Kind::Text(value),
            ] = kinds.as_slice()
                && keyword == "const"
                && of == "str"
                && depth == 0
            {
                constants.push((name.as_str(), value.as_str()));
            }
        }
        constants
    }
}

fn begins(tokens: &[Token], kinds: &[Kind]) -> bool {
    tokens.len() >= kinds.len() && tokens.iter().zip(kinds).all(|(token, kind)| token.kind == *kind)
}

fn production_code(text: &str) -> Vec<Token> {
    without_tests(&tokens_of(text))
}

/// Leaves out the items that are marked `#[cfg(test)]`.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let marked: Vec<Kind> = tokens_of("#[cfg(test)]").into_iter().map(|token| token.kind).collect();
    let mut kept = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let Some((first, following)) = rest.split_first() {
        if begins(rest, &marked) {
            rest = after_item(rest.get(marked.len()..).unwrap_or_default());
        } else {
            kept.push(first.clone());
            rest = following;
        }
    }
    kept
}

/// What follows an item: behind its last brace, or behind its semicolon when it has none.
fn after_item(tokens: &[Token]) -> &[Token] {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Mark('{' | '[' | '(') => depth += 1,
            Kind::Mark(closing @ ('}' | ']' | ')')) => {
                depth = depth.saturating_sub(1);
                if depth == 0 && closing == '}' {
                    return &tokens[index + 1..];
                }
            }
            Kind::Mark(';') if depth == 0 => return &tokens[index + 1..],
            _ => {}
        }
    }
    &[]
}

fn tokens_of(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut reader = Reader { text, characters: text.char_indices().peekable(), line: 1 };
    while let Some((start, character)) = reader.next() {
        let line = reader.line;
        match character {
            '/' if reader.peek() == Some('/') => reader.skip_line(),
            '/' if reader.peek() == Some('*') => reader.skip_block_comment(),
            '"' => tokens.push(Token { line, kind: Kind::Text(reader.quoted(start + 1)) }),
            '\'' => reader.skip_character(),
            first if first.is_alphanumeric() || first == '_' => {
                let word = reader.word(start);
                match (word, reader.peek()) {
                    ("r" | "br" | "cr", Some('"' | '#')) => {
                        // `r#type` is a word, every other one of these begins a raw string.
                        tokens.extend(reader.raw_text().map(|text| Token { line, kind: Kind::Text(text) }));
                    }
                    ("b" | "c", Some('"')) => {}
                    _ => tokens.push(Token { line, kind: Kind::Word(word.to_owned()) }),
                }
            }
            other if other.is_whitespace() => {}
            other => tokens.push(Token { line, kind: Kind::Mark(other) }),
        }
    }
    tokens
}

struct Reader<'a> {
    text: &'a str,
    characters: Peekable<CharIndices<'a>>,
    line: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<(usize, char)> {
        let next = self.characters.next();
        self.line += usize::from(matches!(next, Some((_, '\n'))));
        next
    }

    fn peek(&mut self) -> Option<char> {
        self.characters.peek().map(|(_, character)| *character)
    }

    /// Where the next character is.
    fn place(&mut self) -> usize {
        self.characters.peek().map_or(self.text.len(), |(place, _)| *place)
    }

    fn skip_line(&mut self) {
        while self.next().is_some_and(|(_, character)| character != '\n') {}
    }

    fn skip_block_comment(&mut self) {
        let mut depth = 1;
        self.next();
        while depth > 0
            && let Some((_, character)) = self.next()
        {
            match (character, self.peek()) {
                ('/', Some('*')) => {
                    depth += 1;
                    self.next();
                }
                ('*', Some('/')) => {
                    depth -= 1;
                    self.next();
                }
                _ => {}
            }
        }
    }

    /// Behind an opening quote: up to the closing one.
    fn quoted(&mut self, start: usize) -> String {
        while let Some((end, character)) = self.next() {
            match character {
                '"' => return self.text[start..end].to_owned(),
                '\\' => {
                    self.next();
                }
                _ => {}
            }
        }
        String::new()
    }

    /// Behind an apostrophe: to the end of the character or of the lifetime's name.
    fn skip_character(&mut self) {
        let rest = &self.text[self.place()..];
        let mut characters = rest.chars();
        let is_character = match characters.next() {
            Some('\\') => true,
            Some(_) => characters.next() == Some('\''),
            None => false,
        };
        if is_character {
            if self.peek() == Some('\\') {
                self.next();
            }
            self.next();
            while self.next().is_some_and(|(_, character)| character != '\'') {}
        } else {
            self.word(0);
        }
    }

    /// The rest of the word that began at `start`.
    fn word(&mut self, start: usize) -> &'a str {
        while self.peek().is_some_and(|character| character.is_alphanumeric() || character == '_') {
            self.next();
        }
        let end = self.place();
        &self.text[start..end]
    }

    /// Behind the `r` of a raw string; `None` when it is a raw word.
    fn raw_text(&mut self) -> Option<String> {
        let mut hashes = 0;
        while self.peek() == Some('#') {
            self.next();
            hashes += 1;
        }
        if self.peek() != Some('"') {
            return None;
        }
        self.next();
        let start = self.place();
        let closing = format!("\"{}", "#".repeat(hashes));
        while !self.text[self.place()..].starts_with(&closing) {
            self.next()?;
        }
        let text = self.text[start..self.place()].to_owned();
        for _ in closing.chars() {
            self.next();
        }
        Some(text)
    }
}

fn source(text: &str) -> Source {
    Source { path: "crates/x/src/lib.rs".into(), tokens: production_code(text) }
}

#[test]
fn comments_strings_and_characters_are_told_apart() {
    let source = source(
        "// \"no\" /* \nfn f<'a>(x: &'a str) { let q = '\"'; /* \"no\" /* nested */ */ g(\"a \\\" b\", r#\"c \" d\"#, b\"e\", '\\'') } \"last\"",
    );
    assert_eq!(source.texts().map(|(_, text)| text).collect::<Vec<_>>(), ["a \\\" b", "c \" d", "e", "last"]);
    assert_eq!(source.lines_with("f"), [2]);
    assert_eq!(source.lines_with("nested"), Vec::<usize>::new());
    assert_eq!(source.lines_with("a"), Vec::<usize>::new(), "the name of a lifetime is no word");
}

#[test]
fn paths_are_found_however_they_are_imported() {
    let source = source(
        "use std::time::{Duration, Instant};\nlet x = std::time::Instant::now();\nuse tokio::time::Instant;",
    );
    assert_eq!(source.lines_naming(&["std", "time", "Instant"]), [1, 2]);
}

#[test]
fn test_code_is_left_out() {
    let source = source(
        "#[cfg(test)]\nuse a::{b};\nfn kept() {}\n#[cfg(test)]\nmod tests { fn gone() { if x {} } }\nfn also_kept() {}",
    );
    assert_eq!(source.lines_with("gone"), Vec::<usize>::new());
    assert_eq!(source.lines_with("b"), Vec::<usize>::new());
    assert_eq!((source.lines_with("kept"), source.lines_with("also_kept")), (vec![3], vec![6]));
}

#[test]
fn constants_are_found_outside_of_modules() {
    let source = source(
        "pub(super) const A: &str = \"a\";\nmod inner { const B: &str = \"b\"; }\nconst C: [&str; 1] = [\"c\"];",
    );
    assert_eq!(source.text_constants(), [("A", "a")]);
}
