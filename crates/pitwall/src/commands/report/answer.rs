//! The answers, whoever gave them.

use anyhow::Result;
use report::asked::Heading;
use report::blocks::BlockReport;
use report::model_usage::ModelReport;
use report::period::PeriodReport;
use report::projects::ProjectReport;
use report::sessions::SessionReport;
use report::tools::ToolReport;

use crate::terminal;

/// One of the reports.
pub(super) enum Answer {
    Period(PeriodReport),
    Session(SessionReport),
    Blocks(BlockReport),
    Models(ModelReport),
    Projects(ProjectReport),
    Tools(ToolReport),
}

impl Answer {
    pub(super) const fn heading(&self) -> &Heading {
        match self {
            Self::Period(report) => &report.heading,
            Self::Session(report) => &report.heading,
            Self::Blocks(report) => &report.heading,
            Self::Models(report) => &report.heading,
            Self::Projects(report) => &report.heading,
            Self::Tools(report) => &report.heading,
        }
    }

    /// Writes it out as it is.
    pub(super) fn print_json(&self) -> Result<()> {
        match self {
            Self::Period(report) => terminal::print_json(report),
            Self::Session(report) => terminal::print_json(report),
            Self::Blocks(report) => terminal::print_json(report),
            Self::Models(report) => terminal::print_json(report),
            Self::Projects(report) => terminal::print_json(report),
            Self::Tools(report) => terminal::print_json(report),
        }
    }

    /// Models without a price.
    pub(super) fn unpriced(&self) -> &[String] {
        match self {
            Self::Period(report) => &report.totals.unpriced_models,
            Self::Session(report) => &report.totals.unpriced_models,
            Self::Blocks(report) => &report.totals.unpriced_models,
            Self::Models(report) => &report.totals.unpriced_models,
            Self::Projects(report) => &report.totals.unpriced_models,
            Self::Tools(_) => &[],
        }
    }
}
