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

    /// Every value of a parameter that may be given several times, in order.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
    }

    /// Yes or no; no when it is left out.
    pub(crate) fn flag(&self, name: &'static str) -> Result<bool, BadParameter> {
        match self.get(name)? {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
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
