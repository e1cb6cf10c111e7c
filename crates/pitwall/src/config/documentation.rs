//! `docs/configuration.md` against the settings as they are.

use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use figment::value::Value;

use super::Config;

const PAGE: &str = include_str!("../../../../docs/configuration.md");

/// A row of the page: setting, variable, default as TOML.
struct Documented {
    setting: &'static str,
    variable: &'static str,
    default: &'static str,
}

/// The rows of the tables of settings.
fn documented() -> Vec<Documented> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `") && !line.starts_with("| `--"));
    let rows = rows.map(|row| {
        let mut spans = row.split('`').skip(1).step_by(2);
        let mut next = || spans.next().unwrap_or_else(|| panic!("a cell is missing: {row}"));
        Documented { setting: next(), variable: next(), default: next() }
    });
    rows.collect()
}

/// Names of all settings, as `section.key`, sorted.
fn settings() -> Vec<String> {
    let config = serde_json::to_value(Config::default()).unwrap();
    let sections = config.as_object().unwrap().iter();
    let mut names: Vec<String> = sections
        .flat_map(|(section, keys)| {
            keys.as_object().unwrap().keys().map(move |key| format!("{section}.{key}"))
        })
        .collect();
    names.sort();
    names
}

fn as_json(figment: &Figment) -> serde_json::Value {
    serde_json::to_value(figment.extract::<Config>().unwrap()).unwrap()
}

#[test]
fn every_setting_is_documented() {
    let mut names: Vec<&str> = documented().iter().map(|row| row.setting).collect();
    names.sort_unstable();
    assert_eq!(names, settings(), "docs/configuration.md lists other settings than there are");
}

#[test]
fn variables_are_named_after_their_settings() {
    for row in documented() {
        assert_eq!(row.variable, format!("PITWALL_{}", row.setting.replace('.', "_").to_uppercase()));
    }
}

#[test]
fn documented_defaults_are_the_defaults() {
    let expected = serde_json::to_value(Config::default()).unwrap();
    let toml: String =
        documented().iter().map(|row| format!("{} = {}\n", row.setting, row.default)).collect();
    assert_eq!(as_json(&Figment::from(Toml::string(&toml))), expected, "as a file:\n{toml}");
    // In a variable, texts stand without quotes and everything else as in the file.
    for row in documented() {
        let text = row.default.trim_matches('"');
        let value: Value = text.parse().unwrap();
        let figment = Figment::from(Serialized::default(row.setting, value));
        assert_eq!(as_json(&figment), expected, "{}={text}", row.variable);
    }
}
