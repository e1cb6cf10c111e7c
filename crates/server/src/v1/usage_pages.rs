//! Pages of a day: the same way for the Analytics API and for `/api/analytics`.

use std::sync::Arc;

use model::Timestamp;
use report::ReportError;
use report::claude_code_usage::{self, UsagePage};
use report::narrowing::Narrowing;
use store::StoreError;

use super::cursor::{Cursor, CursorError, Run};
use crate::app::App;
use crate::organizations::View;
use crate::query::BadParameter;

/// Why a page cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    /// The cursor is of no use.
    #[error(transparent)]
    Cursor(#[from] BadParameter),
    /// The ledger could not be read.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The next cursor could not be written.
    #[error("the next page's cursor could not be written")]
    NextPage(#[from] serde_json::Error),
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        Self::Report(error.into())
    }
}

impl From<CursorError> for PageError {
    fn from(error: CursorError) -> Self {
        Self::Cursor(BadParameter::new("page", error.to_string()))
    }
}

impl App {
    /// Where the run stands: at the page that a client asks for, else at the start, on everything committed
    /// by now that happened before the instant.
    pub(crate) async fn cursor_at(
        &self,
        run: Run,
        page: Option<&str>,
        view: &View,
        before: Timestamp,
    ) -> Result<Cursor, PageError> {
        let now = self.clock.now();
        match page {
            Some(text) => Ok(Cursor::read(text, &self.cursor_secret, &run, now)?),
            None => Ok(Cursor::start(run, now, view.store.boundary().await?, before)),
        }
    }

    /// The rows that follow the cursor.
    pub(crate) async fn rows_at(
        &self,
        cursor: &Cursor,
        limit: usize,
        view: &View,
        narrowing: &Narrowing,
    ) -> Result<UsagePage, PageError> {
        if let Some(day) = self.usage_days.get(cursor) {
            return Ok(day.page(cursor.last_key.as_ref(), limit));
        }
        let parameters = claude_code_usage::Parameters {
            day: cursor.day,
            organization: view.organization.clone(),
            as_of: cursor.as_of,
            before: cursor.before,
            narrowing: narrowing.clone(),
        };
        let store = view.store.as_ref();
        let day = match self.usage_days.before(cursor) {
            Some(earlier) => claude_code_usage::ask_after(store, &parameters, &earlier).await?,
            None => claude_code_usage::ask(store, &parameters).await?,
        };
        let day = Arc::new(day);
        let page = day.page(cursor.last_key.as_ref(), limit);
        self.usage_days.keep(cursor, day);
        Ok(page)
    }

    /// The cursor of the page that follows; `None` at the end.
    pub(crate) fn next_page(&self, cursor: &Cursor, page: &UsagePage) -> Result<Option<String>, PageError> {
        let next = page.last_key.clone().map(|last_key| cursor.after(last_key).encode(&self.cursor_secret));
        Ok(next.transpose()?)
    }
}
