//! The many spellings of one model id.
//!
//! Claude Code, Amazon Bedrock and Google Cloud write the same model differently. Two forms are used
//! here: the *displayed* one, which keeps the release date, and the *canonical* one without it, which
//! is what prices and comparisons between sources go by. Neither guesses by prefix.

use serde::{Deserialize, Serialize};

use crate::Text;

/// A model id without region, provider, date, version or context suffix, such as `claude-opus-5-5`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CanonicalModel(String);

impl CanonicalModel {
    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id without what says where and how it ran: `us.anthropic.claude-haiku-4-5-20251001-v1:0` and
/// `claude-haiku-4-5@20251001[1m]` both become `claude-haiku-4-5-20251001`. Keeps the date.
pub fn displayed_model(raw: &str) -> Text {
    let mut id = raw.trim().to_ascii_lowercase();
    if let Some(bracket) = id.find('[') {
        id.truncate(bracket);
    }
    if let Some((_, rest)) = id.rsplit_once('/') {
        id = rest.to_owned();
    }
    if let Some((_, rest)) = id.split_once("anthropic.") {
        id = rest.to_owned();
    }
    if let Some((base, version)) = id.clone().split_once('@') {
        id = if is_date(version) { format!("{base}-{version}") } else { base.to_owned() };
    }
    strip_bedrock_version(&id).into()
}

/// The form that prices and comparisons go by: [`displayed_model`] without the date.
pub fn canonical_model(raw: &str) -> CanonicalModel {
    let mut id = String::from(displayed_model(raw));
    if let Some((base, last)) = id.rsplit_once('-')
        && is_date(last)
    {
        id.truncate(base.len());
    }
    if let Some(base) = id.strip_suffix("-latest") {
        id.truncate(base.len());
    }
    CanonicalModel(reorder_old_id(&id).unwrap_or(id))
}

/// `…-v1:0` and `…-v1` at the end of a Bedrock id.
fn strip_bedrock_version(id: &str) -> &str {
    let without_revision = match id.rsplit_once(':') {
        Some((base, revision)) if is_digits(revision) => base,
        _ => id,
    };
    match without_revision.rsplit_once("-v") {
        Some((base, version)) if is_digits(version) => base,
        _ => without_revision,
    }
}

/// Version before family, as the third generation wrote it, is the published id of those models; only
/// the reverse order (`claude-haiku-3-5`) is rewritten to it.
fn reorder_old_id(id: &str) -> Option<String> {
    let rest = id.strip_prefix("claude-")?;
    let (family, version) = rest.split_once('-')?;
    let is_family = matches!(family, "haiku" | "sonnet" | "opus");
    (is_family && matches!(version, "3" | "3-5" | "3-7")).then(|| format!("claude-{version}-{family}"))
}

fn is_date(text: &str) -> bool {
    text.len() == 8 && text.starts_with("20") && is_digits(text)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_spelling_becomes_one() {
        for (raw, displayed, canonical) in [
            ("claude-opus-5-5", "claude-opus-5-5", "claude-opus-5-5"),
            ("claude-opus-5-5[1m]", "claude-opus-5-5", "claude-opus-5-5"),
            ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
            ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
            ("claude-opus-5-5@default", "claude-opus-5-5", "claude-opus-5-5"),
            ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5-20251001", "claude-haiku-4-5"),
            ("global.anthropic.claude-opus-5-5", "claude-opus-5-5", "claude-opus-5-5"),
            ("vertex_ai/claude-opus-5-5", "claude-opus-5-5", "claude-opus-5-5"),
            ("claude-3-5-haiku-20241022", "claude-3-5-haiku-20241022", "claude-3-5-haiku"),
            ("claude-haiku-3-5", "claude-haiku-3-5", "claude-3-5-haiku"),
            ("claude-3-7-sonnet-latest", "claude-3-7-sonnet-latest", "claude-3-7-sonnet"),
            ("claude-unheard-9-9-20990101", "claude-unheard-9-9-20990101", "claude-unheard-9-9"),
        ] {
            assert_eq!(displayed_model(raw), displayed, "{raw}");
            assert_eq!(canonical_model(raw).as_str(), canonical, "{raw}");
        }
    }

    #[test]
    fn a_version_is_never_swallowed() {
        assert_ne!(canonical_model("claude-opus-5"), canonical_model("claude-opus-5-5"));
    }
}
