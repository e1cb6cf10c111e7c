//! What Claude Code tells its status line on standard input.
//!
//! One JSON object, as the page "Customize your status line" of its documentation describes it. Fields come
//! and go with versions, plans and moments (there are no limits before the first answer, and none at all with
//! an API key), so each is optional, and one of an unexpected type is taken as not told.

use std::io::Read;

use serde_json::Value;

/// Far more than the client sends.
const MAX_BYTES: u64 = 1024 * 1024;

/// What was told.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Input(Value);

/// One of the plan's limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limit {
    pub(super) used_percent: f64,
    /// Seconds since the Unix epoch.
    pub(super) resets_at: Option<i64>,
}

impl Input {
    /// Reads it; what cannot be read tells nothing.
    pub(super) fn read(input: impl Read) -> Self {
        let mut text = String::new();
        match input.take(MAX_BYTES).read_to_string(&mut text) {
            Ok(_) => Self::parse(&text),
            Err(_) => Self::default(),
        }
    }

    pub(super) fn parse(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    fn text(&self, pointer: &str) -> Option<&str> {
        self.0.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    fn number(&self, pointer: &str) -> Option<f64> {
        self.0.pointer(pointer).and_then(Value::as_f64).filter(|number| number.is_finite())
    }

    pub(super) fn session_id(&self) -> Option<&str> {
        self.text("/session_id")
    }

    pub(super) fn model(&self) -> Option<&str> {
        self.text("/model/display_name").or_else(|| self.text("/model/id"))
    }

    /// The project's directory.
    pub(super) fn project(&self) -> Option<&str> {
        let places = ["/workspace/project_dir", "/workspace/current_dir", "/cwd"];
        places.iter().find_map(|place| self.text(place))
    }

    /// What the session cost by the client's own reckoning, in micro-dollars.
    pub(super) fn cost_micros(&self) -> Option<i64> {
        let dollars = self.number("/cost/total_cost_usd").filter(|dollars| *dollars >= 0.0)?;
        model::Money::from_dollars(dollars).map(|money| model::Money::to_micros(money.as_picos().into()))
    }

    /// How long the session has been open, in milliseconds.
    pub(super) fn duration_ms(&self) -> Option<i64> {
        self.number("/cost/total_duration_ms").map(|duration| duration as i64)
    }

    /// Lines added and removed.
    pub(super) fn lines(&self) -> Option<(i64, i64)> {
        let lines = |name| self.number(name).map(|lines| lines as i64);
        Some((lines("/cost/total_lines_added")?, lines("/cost/total_lines_removed")?))
    }

    /// How full the context window is, in percent.
    pub(super) fn context_percent(&self) -> Option<f64> {
        self.number("/context_window/used_percentage").or_else(|| {
            let size = self.number("/context_window/context_window_size").filter(|size| *size > 0.0)?;
            Some(self.context_tokens()? as f64 * 100.0 / size)
        })
    }

    /// How many tokens the newest request's prompt had.
    pub(super) fn context_tokens(&self) -> Option<i64> {
        let part = |name: &str| self.number(&format!("/context_window/current_usage/{name}"));
        let input = part("input_tokens")?;
        let cached = [part("cache_creation_input_tokens"), part("cache_read_input_tokens")];
        Some((input + cached.into_iter().flatten().sum::<f64>()) as i64)
    }

    pub(super) fn five_hours(&self) -> Option<Limit> {
        self.limit("five_hour")
    }

    pub(super) fn seven_days(&self) -> Option<Limit> {
        self.limit("seven_day")
    }

    fn limit(&self, name: &str) -> Option<Limit> {
        let used_percent = self.number(&format!("/rate_limits/{name}/used_percentage"))?;
        let resets_at = self.number(&format!("/rate_limits/{name}/resets_at")).map(|at| at as i64);
        Some(Limit { used_percent, resets_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_read() {
        let input = Input::parse(
            r#"{"session_id":"s","model":{"id":"claude-opus-5-5","display_name":"Opus 5.5"},
                "workspace":{"current_dir":"/work/shop/api","project_dir":"/work/shop"},
                "cost":{"total_cost_usd":0.1234567,"total_duration_ms":65000,"total_lines_added":7,"total_lines_removed":2},
                "context_window":{"context_window_size":200000,"used_percentage":8,
                  "current_usage":{"input_tokens":10,"cache_creation_input_tokens":1000,"cache_read_input_tokens":15000}},
                "rate_limits":{"five_hour":{"used_percentage":23.5,"resets_at":1795200000}}}"#,
        );
        assert_eq!(
            (input.session_id(), input.model(), input.project()),
            (Some("s"), Some("Opus 5.5"), Some("/work/shop"))
        );
        assert_eq!(
            (input.cost_micros(), input.duration_ms(), input.lines()),
            (Some(123_457), Some(65_000), Some((7, 2)))
        );
        assert_eq!((input.context_percent(), input.context_tokens()), (Some(8.0), Some(16_010)));
        assert_eq!(input.five_hours(), Some(Limit { used_percent: 23.5, resets_at: Some(1_795_200_000) }));
        assert_eq!(input.seven_days(), None);
    }

    #[test]
    fn what_is_not_told_or_nonsense_is_not_known() {
        for text in
            ["", "{", "[]", "null", r#"{"cost":7,"model":null,"context_window":{"used_percentage":"8"}}"#]
        {
            let input = Input::parse(text);
            assert_eq!(
                (input.session_id(), input.model(), input.cost_micros()),
                (None, None, None),
                "{text}"
            );
            assert_eq!((input.context_percent(), input.five_hours()), (None, None), "{text}");
        }
        let early = r#"{"context_window":{"context_window_size":200000,"used_percentage":null,"current_usage":null}}"#;
        assert_eq!(Input::parse(early).context_percent(), None);
        assert_eq!(Input::parse(r#"{"cost":{"total_cost_usd":-1}}"#).cost_micros(), None);
    }
}
