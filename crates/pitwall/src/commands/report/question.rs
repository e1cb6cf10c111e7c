//! What is asked, and of whom.

use std::sync::Arc;

use anyhow::Result;
use jiff::civil::Date;
use ledger::PriceBook;
use model::{Clock, SystemClock, Timestamp};
use report::asked::{Asked, RowOrder};
use report::period::{self, Period};
use report::range::Zone;
use report::selection::Selection;
use report::{blocks, model_usage, projects, sessions, tools};
use serde::de::DeserializeOwned;
use store::Store;

use super::answer::Answer;
use crate::cli::report::{CostArg, OrderArg, ReportArgs, ReportCommand, WeekdayArg};
use crate::config::Config;
use crate::running_server::RunningServer;

/// Which report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Daily,
    /// With what was asked for as the start of the week.
    Weekly(Option<WeekdayArg>),
    Monthly,
    Session,
    /// Whether only the running window is wanted.
    Blocks {
        active: bool,
    },
    Models,
    Projects,
    Tools,
}

impl Kind {
    pub(super) fn of(command: ReportCommand) -> (Self, ReportArgs) {
        match command {
            ReportCommand::Daily(args) => (Self::Daily, args),
            ReportCommand::Weekly(args) => (Self::Weekly(args.start_of_week), args.report),
            ReportCommand::Monthly(args) => (Self::Monthly, args),
            ReportCommand::Session(args) => (Self::Session, args),
            ReportCommand::Blocks(args) => (Self::Blocks { active: args.active }, args.report),
            ReportCommand::Models(args) => (Self::Models, args),
            ReportCommand::Projects(args) => (Self::Projects, args),
            ReportCommand::Tools(args) => (Self::Tools, args),
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Daily => "/api/v1/reports/daily",
            Self::Weekly(_) => "/api/v1/reports/weekly",
            Self::Monthly => "/api/v1/reports/monthly",
            Self::Session => "/api/v1/reports/session",
            Self::Blocks { .. } => "/api/v1/reports/blocks",
            Self::Models => "/api/v1/reports/models",
            Self::Projects => "/api/v1/reports/projects",
            Self::Tools => "/api/v1/reports/tools",
        }
    }
}

/// Everything that is asked.
pub(super) struct Question {
    pub(super) kind: Kind,
    pub(super) cost: CostArg,
    since: Option<Date>,
    until: Option<Date>,
    zone: Zone,
    first_weekday: WeekdayArg,
    selection: Selection,
    order: Option<RowOrder>,
    limit: Option<usize>,
}

impl Question {
    /// From the options, and the configuration where they say nothing.
    pub(super) fn new(kind: Kind, args: &ReportArgs, config: &Config) -> Result<Self> {
        let named = args.timezone.as_deref().or(Some(config.reports.timezone.as_str()));
        let zone = match named.filter(|name| !name.is_empty()) {
            Some(name) => Zone::named(name)?,
            None => Zone::of_this_machine(),
        };
        let today = zone.day_of(SystemClock.now());
        let asked_weekday = if let Kind::Weekly(weekday) = kind { weekday } else { None };
        Ok(Self {
            kind,
            cost: args.cost.unwrap_or(config.reports.cost),
            since: args.since.map(|day| day.date(today)),
            until: args.until.map(|day| day.date(today)),
            zone,
            first_weekday: asked_weekday.unwrap_or(config.reports.start_of_week),
            selection: Selection { projects: args.project.clone(), models: args.model.clone() },
            order: args.order.map(|order| match order {
                OrderArg::Asc => RowOrder::Ascending,
                OrderArg::Desc => RowOrder::Descending,
            }),
            limit: args.limit.map(|limit| limit as usize),
        })
    }

    /// Asks the ledger.
    pub(super) async fn ask_store(
        &self,
        store: &dyn Store,
        prices: &Arc<PriceBook>,
        now: Timestamp,
    ) -> Result<Answer> {
        let asked = Asked {
            since: self.since,
            until: self.until,
            zone: self.zone.clone(),
            selection: self.selection.clone(),
            order: self.order,
            limit: self.limit,
            prices: Arc::clone(prices),
            price_now: (self.cost == CostArg::Now).then_some(now),
        };
        let weekday = self.first_weekday.into();
        let by_period = async |period| period::ask(store, period, &asked).await.map(Answer::Period);
        let answer = match self.kind {
            Kind::Daily => by_period(Period::Day).await?,
            Kind::Weekly(_) => by_period(Period::Week(weekday)).await?,
            Kind::Monthly => by_period(Period::Month).await?,
            Kind::Session => Answer::Session(sessions::ask(store, &asked).await?),
            Kind::Blocks { .. } => Answer::Blocks(blocks::ask(store, &asked, now).await?),
            Kind::Models => Answer::Models(model_usage::ask(store, &asked).await?),
            Kind::Projects => Answer::Projects(projects::ask(store, &asked).await?),
            Kind::Tools => Answer::Tools(tools::ask(store, &asked).await?),
        };
        Ok(self.cut(answer))
    }

    /// Asks the server that holds the ledger.
    pub(super) async fn ask_server(&self, server: &RunningServer) -> Result<Answer> {
        async fn get<T: DeserializeOwned>(question: &Question, server: &RunningServer) -> Result<T> {
            let answer = server.get(question.kind.path(), &question.parameters()).await?;
            Ok(serde_json::from_value(answer)?)
        }
        let answer = match self.kind {
            Kind::Daily | Kind::Weekly(_) | Kind::Monthly => Answer::Period(get(self, server).await?),
            Kind::Session => Answer::Session(get(self, server).await?),
            Kind::Blocks { .. } => Answer::Blocks(get(self, server).await?),
            Kind::Models => Answer::Models(get(self, server).await?),
            Kind::Projects => Answer::Projects(get(self, server).await?),
            Kind::Tools => Answer::Tools(get(self, server).await?),
        };
        Ok(self.cut(answer))
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = vec![("timezone", self.zone.name().to_owned())];
        parameters.extend(self.since.map(|day| ("since", day.to_string())));
        parameters.extend(self.until.map(|day| ("until", day.to_string())));
        parameters.extend(self.selection.projects.iter().map(|name| ("project", name.clone())));
        parameters.extend(self.selection.models.iter().map(|name| ("model", name.clone())));
        parameters.extend(self.limit.map(|limit| ("limit", limit.to_string())));
        parameters
            .extend(self.order.map(|order| {
                ("order", if order == RowOrder::Ascending { "asc" } else { "desc" }.to_owned())
            }));
        if matches!(self.kind, Kind::Weekly(_)) {
            parameters.push(("start_of_week", self.first_weekday.name().to_owned()));
        }
        if self.cost == CostArg::Now {
            parameters.push(("price_now", "true".to_owned()));
        }
        parameters
    }

    /// Leaves only the running window, where only that is wanted.
    fn cut(&self, mut answer: Answer) -> Answer {
        if let (Kind::Blocks { active: true }, Answer::Blocks(report)) = (self.kind, &mut answer) {
            report.rows.retain(|block| block.active);
        }
        answer
    }
}
