//! Query parameters, read leniently where it is safe and strictly where a mistake would go unnoticed.

use axum::extract::Query;
use http::Uri;

/// The parameters of one request. Names that nobody asks for are ignored: clients add what newer versions
/// know, and that must not break them.
pub(crate) struct Parameters(Vec<(String, String)>);

/// A parameter that cannot be used, and why: fit to show to whoever sent it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{name}: {problem}")]
pub(crate) struct BadParameter {
    pub(crate) name: &'static str,
    pub(crate) problem: String,
}

impl BadParameter {
    pub(crate) fn new(name: &'static str, problem: impl Into<String>) -> Self {
        Self { name, problem: problem.into() }
    }
}

impl Parameters {
    pub(crate) fn of(uri: &Uri) -> Self {
        // Decoding into pairs of texts accepts every query; what is not UTF-8 is replaced in it.
        Self(Query::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default())
    }

    /// The parameter's value; refused when it is given more than once, since either could be meant.
    pub(crate) fn get(&self, name: &'static str) -> Result<Option<&str>, BadParameter> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(BadParameter::new(name, "is given more than once")),
        }
    }

    /// The query as text, with one parameter set to another value.
    pub(crate) fn with(&self, name: &str, value: &str) -> String {
        let others = self.0.iter().filter(|(known, _)| known != name);
        let pairs = others.map(|(name, value)| (name.as_str(), value.as_str())).chain([(name, value)]);
        let encoded = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        encoded.collect::<Vec<_>>().join("&")
    }

    /// Every value of a parameter that may be given more than once, under any of its spellings.
    pub(crate) fn all(&self, spellings: &[&str]) -> Vec<String> {
        let values = self.0.iter().filter(|(known, _)| spellings.contains(&known.as_str()));
        values.map(|(_, value)| value.clone()).collect()
    }

    /// The first parameter that is none of the known ones.
    pub(crate) fn unknown(&self, known: &[&str]) -> Option<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).find(|name| !known.contains(name))
    }

    /// Yes or no.
    pub(crate) fn flag(&self, name: &'static str) -> Result<Option<bool>, BadParameter> {
        match self.get(name)? {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(BadParameter::new(name, "must be true or false")),
        }
    }

    /// One of several words, as what it stands for.
    pub(crate) fn word<T: Copy>(
        &self,
        name: &'static str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, BadParameter> {
        let Some(text) = self.get(name)? else { return Ok(None) };
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        let known = || words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        found.map(Some).ok_or_else(|| BadParameter::new(name, format!("must be one of {}", known())))
    }

    /// All values of a parameter that may be given several times, in the order given, each once.
    pub(crate) fn values(&self, name: &'static str, most: usize) -> Result<Vec<String>, BadParameter> {
        let mut values: Vec<String> = Vec::new();
        for (_, value) in self.0.iter().filter(|(known, _)| known == name) {
            if !values.contains(value) {
                values.push(value.clone());
            }
            if values.len() > most {
                return Err(BadParameter::new(name, format!("takes at most {most} values")));
            }
        }
        Ok(values)
    }

    /// A whole number in the bounds, both included.
    pub(crate) fn number(
        &self,
        name: &'static str,
        default: usize,
        least: usize,
        most: usize,
    ) -> Result<usize, BadParameter> {
        let Some(text) = self.get(name)? else { return Ok(default) };
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| is_plain && (least..=most).contains(number));
        number
            .ok_or_else(|| BadParameter::new(name, format!("must be a whole number from {least} to {most}")))
    }

    /// One of several words, the first of which is meant when none is given.
    pub(crate) fn one_of<T: Copy>(
        &self,
        name: &'static str,
        words: &[(&'static str, T)],
    ) -> Result<T, BadParameter> {
        let given = self.get(name)?;
        let chosen = words.iter().find(|(word, _)| given.is_none_or(|given| given == *word));
        chosen.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            BadParameter::new(name, format!("must be one of {}", words.join(", ")))
        })
    }

    /// A calendar date in the form `YYYY-MM-DD`.
    pub(crate) fn date(&self, name: &'static str) -> Result<Option<jiff::civil::Date>, BadParameter> {
        let Some(text) = self.get(name)? else { return Ok(None) };
        let has_form = text.len() == 10
            && text.bytes().enumerate().all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let date = text.parse().ok().filter(|_| has_form);
        date.map(Some).ok_or_else(|| {
            BadParameter::new(name, "must be a date in the form YYYY-MM-DD, such as 2026-11-20")
        })
    }
}

/// The text with everything but letters, digits and `-._~` as `%XX` (RFC 3986).
fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_with_another_value_is_read_as_such() {
        let query = |text: &str| Parameters::of(&format!("/?{text}").parse().unwrap());
        let text = query("team=R%26D&page=old&team=a+b&x=%C3%BC").with("page", "page_a=/");
        assert_eq!(text, "team=R%26D&team=a%20b&x=%C3%BC&page=page_a%3D%2F");
        let again = query(&text);
        assert_eq!(again.all(&["team"]), ["R&D", "a b"]);
        assert_eq!(again.get("page"), Ok(Some("page_a=/")));
    }
}
