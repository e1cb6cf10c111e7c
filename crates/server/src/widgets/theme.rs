//! Colours of cards: the dashboard's own, light or dark, unless the address says otherwise.

use crate::query::{BadParameter, Parameters};

/// The dashboard's colours, as `web/src/charts/palette.ts` has them.
struct Surface {
    panel: &'static str,
    rule: &'static str,
    text: &'static str,
    muted: &'static str,
    accent: &'static str,
}

const LIGHT: Surface =
    Surface { panel: "ffffff", rule: "e2e5e9", text: "161b21", muted: "57616d", accent: "00678a" };
const DARK: Surface =
    Surface { panel: "14181e", rule: "272d35", text: "e8ebef", muted: "9ba5b1", accent: "58c4e6" };

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Light,
    Dark,
    Readers,
}

/// How a card looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Theme {
    scheme: Scheme,
    accent: Option<String>,
    background: Option<String>,
}

impl Theme {
    /// What the query says.
    pub(super) fn of(query: &Parameters) -> Result<Self, BadParameter> {
        let scheme = match query.get("theme")? {
            None | Some("auto") => Scheme::Readers,
            Some("light") => Scheme::Light,
            Some("dark") => Scheme::Dark,
            Some(_) => return Err(BadParameter::new("theme", "must be light, dark or auto")),
        };
        let accent = query.get("accent")?.map(|text| colour("accent", text)).transpose()?;
        let background = match query.get("background")? {
            Some("none") => Some("none".to_owned()),
            Some(text) => Some(colour("background", text)?),
            None => None,
        };
        Ok(Self { scheme, accent, background })
    }

    /// The style sheet of a card. Classes: `b` background, `r` rule, `t` text, `m` muted text, `a` accent.
    pub(super) fn style(&self) -> String {
        match self.scheme {
            Scheme::Light => self.rules(&LIGHT),
            Scheme::Dark => self.rules(&DARK),
            Scheme::Readers => {
                format!("{}@media(prefers-color-scheme:dark){{{}}}", self.rules(&LIGHT), self.rules(&DARK))
            }
        }
    }

    fn rules(&self, surface: &Surface) -> String {
        let own =
            |colour: &Option<String>, default: &str| colour.clone().unwrap_or_else(|| format!("#{default}"));
        format!(
            ".b{{fill:{};stroke:#{}}}.r{{stroke:#{}}}.t{{fill:#{}}}.m{{fill:#{}}}.a{{fill:{}}}",
            own(&self.background, surface.panel),
            surface.rule,
            surface.rule,
            surface.text,
            surface.muted,
            own(&self.accent, surface.accent),
        )
    }
}

/// Only digits get into the picture, whatever the address says.
fn colour(name: &'static str, text: &str) -> Result<String, BadParameter> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(format!("#{digits}"));
    }
    Err(BadParameter::new(name, "must be six hexadecimal digits, such as 00678a"))
}

#[cfg(test)]
mod tests {
    use http::Uri;

    use super::*;

    fn theme(query: &'static str) -> Result<Theme, BadParameter> {
        Theme::of(&Parameters::of(&Uri::from_static(query)))
    }

    #[test]
    fn colours_are_digits_and_nothing_else() {
        assert!(theme("/?accent=ff0000&background=none").unwrap().style().contains(".a{fill:#ff0000}"));
        for query in ["/?accent=red", "/?accent=00678a;}", "/?background=fff", "/?theme=blue"] {
            assert!(theme(query).is_err(), "{query}");
        }
    }

    #[test]
    fn the_readers_own_scheme_is_both() {
        let style = theme("/").unwrap().style();
        assert!(style.contains("prefers-color-scheme:dark") && style.contains(LIGHT.text));
        assert!(!theme("/?theme=light").unwrap().style().contains("@media"));
    }
}
