//! Colours, where they are wanted: on a terminal, unless `NO_COLOR` is set (<https://no-color.org>).

use std::io::IsTerminal;

/// How text stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Like most.
    Plain,
    /// Headings and sums.
    Bold,
    /// What matters less.
    Dim,
    /// Should be looked at.
    Attention,
    /// Is bad.
    Bad,
    /// Going well, or on.
    Good,
}

impl Tone {
    /// The escape sequence that begins it.
    const fn escape(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "\u{1b}[1m",
            Self::Dim => "\u{1b}[2m",
            Self::Attention => "\u{1b}[33m",
            Self::Bad => "\u{1b}[31m",
            Self::Good => "\u{1b}[32m",
        }
    }
}

/// Whether to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint(bool);

impl Paint {
    /// No colours.
    #[cfg(test)]
    pub(crate) const fn off() -> Self {
        Self(false)
    }

    /// Colours, wherever the text goes.
    #[cfg(test)]
    pub(crate) const fn on() -> Self {
        Self(true)
    }

    /// As fits standard output.
    pub(crate) fn for_output() -> Self {
        Self(std::io::stdout().is_terminal() && Self::is_welcome())
    }

    /// As the user wishes, for output that somebody else shows.
    pub(crate) fn where_welcome() -> Self {
        Self(Self::is_welcome())
    }

    /// Whether to colour.
    pub(crate) const fn is_on(self) -> bool {
        self.0
    }

    /// Whether the user has not asked for none.
    fn is_welcome() -> bool {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        !no_color && !dumb
    }

    /// The text in a tone.
    pub(crate) fn line(self, text: &str, tone: Tone) -> String {
        if self.0 && tone != Tone::Plain && !text.is_empty() {
            format!("{}{text}\u{1b}[0m", tone.escape())
        } else {
            text.to_owned()
        }
    }
}
