//! The options of `pitwall report`.

use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use super::DataArgs;

/// The reports.
#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// One row per day
    Daily(ReportArgs),
    /// One row per week
    Weekly(WeeklyArgs),
    /// One row per month
    Monthly(ReportArgs),
    /// One row per session
    #[command(alias = "sessions")]
    Session(ReportArgs),
    /// One row per five-hour window; the running one with burn rate and projection
    Blocks(BlocksArgs),
    /// One row per model
    Models(ReportArgs),
    /// One row per project, worktrees folded in
    Projects(ReportArgs),
    /// One row per tool
    Tools(ReportArgs),
}

/// Options of every report.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReportArgs {
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// First day: YYYY-MM-DD, YYYYMMDD, today, yesterday, or a number of days ago such as 7d [default: the
    /// first with data]
    #[arg(long, short, value_name = "DAY")]
    pub(crate) since: Option<Day>,
    /// Last day, included [default: the last with data]
    #[arg(long, short, value_name = "DAY")]
    pub(crate) until: Option<Day>,
    /// Time zone that days are cut in, such as Europe/Berlin [default: the machine's]
    #[arg(long, short = 'z', value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// Only this project: its directory, the last folders of it, or its repository; may be given several times
    #[arg(long, short, value_name = "NAME")]
    pub(crate) project: Vec<String>,
    /// Only this model: its id, or a part of it such as opus; may be given several times
    #[arg(long, short, value_name = "NAME")]
    pub(crate) model: Vec<String>,
    /// Show the models of each row
    #[arg(long, short)]
    pub(crate) breakdown: bool,
    /// Oldest or least first, or newest or most first [default: as suits the report]
    #[arg(long, short, value_enum, value_name = "ORDER")]
    pub(crate) order: Option<OrderArg>,
    /// At most so many rows: the newest, or the most costly
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) limit: Option<u32>,
    /// Which cost to show [default: settled]
    #[arg(long, value_enum, value_name = "COST")]
    pub(crate) cost: Option<CostArg>,
    /// Print JSON; with =ccusage in the shape that ccusage prints
    #[arg(
        long,
        short,
        value_enum,
        value_name = "SHAPE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "pitwall"
    )]
    pub(crate) json: Option<JsonShape>,
    /// Print comma-separated values
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
    /// Shorten numbers, as on a narrow terminal
    #[arg(long)]
    pub(crate) compact: bool,
    /// Do not bring in new transcript lines first
    #[arg(long)]
    pub(crate) no_import: bool,
}

/// Options of the weekly report.
#[derive(Clone, Debug, Args)]
pub(crate) struct WeeklyArgs {
    /// Those of every report.
    #[command(flatten)]
    pub(crate) report: ReportArgs,
    /// The weekday that weeks begin with [default: monday]
    #[arg(long, short = 'w', value_enum, value_name = "DAY")]
    pub(crate) start_of_week: Option<WeekdayArg>,
}

/// Options of the report of windows.
#[derive(Clone, Debug, Args)]
pub(crate) struct BlocksArgs {
    /// Those of every report.
    #[command(flatten)]
    pub(crate) report: ReportArgs,
    /// Only the window that is running
    #[arg(long, short)]
    pub(crate) active: bool,
}

/// Which shape JSON has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum JsonShape {
    /// Pitwall's own, described in docs/reports.md
    Pitwall,
    /// As ccusage prints it, for scripts written for that
    Ccusage,
}

/// How rows are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OrderArg {
    /// Oldest or least first
    Asc,
    /// Newest or most first
    Desc,
}

/// Which cost is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CostArg {
    /// What Claude Code reported, else the price book's
    #[default]
    Settled,
    /// What Claude Code reported
    Reported,
    /// The price book's, of the day of each request
    Priced,
    /// The price book's, at the prices of now
    Now,
}

/// A weekday.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WeekdayArg {
    #[default]
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl WeekdayArg {
    /// Its name, in lower case.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }
}

impl From<WeekdayArg> for Weekday {
    fn from(day: WeekdayArg) -> Self {
        match day {
            WeekdayArg::Monday => Self::Monday,
            WeekdayArg::Tuesday => Self::Tuesday,
            WeekdayArg::Wednesday => Self::Wednesday,
            WeekdayArg::Thursday => Self::Thursday,
            WeekdayArg::Friday => Self::Friday,
            WeekdayArg::Saturday => Self::Saturday,
            WeekdayArg::Sunday => Self::Sunday,
        }
    }
}

/// A day as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Day {
    /// A date.
    On(Date),
    /// So many days before today.
    Ago(i32),
}

/// The most days that can be counted back.
const MAX_DAYS_AGO: i32 = 100_000;

impl Day {
    /// The date, as seen on a day.
    pub(crate) fn date(self, today: Date) -> Date {
        match self {
            Self::On(date) => date,
            Self::Ago(days) => today.saturating_sub(days.days()),
        }
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ago = text.strip_suffix('d').and_then(|days| days.parse().ok());
        let is_date = text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        match text {
            "today" => Ok(Self::Ago(0)),
            "yesterday" => Ok(Self::Ago(1)),
            _ if ago.is_some_and(|days| (0..=MAX_DAYS_AGO).contains(&days)) => {
                Ok(Self::Ago(ago.unwrap_or(0)))
            }
            _ => text
                .parse()
                .ok()
                .filter(|_| is_date)
                .map(Self::On)
                .ok_or_else(|| "write a day as 2026-11-20, 20261120, today, yesterday or 7d".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_are_understood_as_people_write_them() {
        let today = date(2026, 3, 1);
        for (text, expected) in [
            ("2026-02-27", date(2026, 2, 27)),
            ("20260227", date(2026, 2, 27)),
            ("today", date(2026, 3, 1)),
            ("yesterday", date(2026, 2, 28)),
            ("0d", date(2026, 3, 1)),
            ("30d", date(2026, 1, 30)),
        ] {
            assert_eq!(text.parse::<Day>().unwrap().date(today), expected, "{text}");
        }
        for text in ["", "d", "-1d", "tomorrow", "2026-02-30", "2026-02-27T10:00", "9999999d"] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }
}
