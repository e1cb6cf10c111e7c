//! Pricing history again when the prices have changed.
//!
//! The ledger notes the price book that everything in it is priced with. A clerk that has another one settles
//! every session with a price again, a few at a time, between what comes in; once none is left it notes its
//! own. Interrupted, it begins anew: what is priced already changes nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use ledger::PriceBook;
use model::{Kind, SessionId};
use store::{Dimension, Figure, Filter, Group, Measure, Query, Store, StoreError};
use tokio::sync::watch;

/// The sessions that are still priced with other prices.
pub(super) struct Repricing {
    prices: Arc<PriceBook>,
    left: BTreeSet<SessionId>,
    noted: bool,
    told: watch::Sender<usize>,
}

impl Repricing {
    /// Finds out what there is to do.
    pub(super) async fn plan(store: &dyn Store, prices: Arc<PriceBook>) -> Result<Self, StoreError> {
        let noted = store.priced_with().await?;
        let is_priced = noted.as_deref() == Some(prices.version());
        let left = if is_priced { BTreeSet::new() } else { sessions_with_prices(store).await? };
        let told = watch::Sender::new(left.len());
        let mut repricing = Self { prices, left, noted: is_priced, told };
        repricing.note(store).await?;
        Ok(repricing)
    }

    /// The sessions to settle again.
    pub(super) fn sessions(&self) -> impl Iterator<Item = &SessionId> {
        self.left.iter()
    }

    /// How many are left, as it changes.
    pub(super) fn watch(&self) -> watch::Receiver<usize> {
        self.told.subscribe()
    }

    /// Crosses off sessions that were settled.
    pub(super) async fn settled<'s>(
        &mut self,
        store: &dyn Store,
        sessions: impl Iterator<Item = &'s SessionId>,
    ) -> Result<(), StoreError> {
        if self.noted {
            return Ok(());
        }
        for session in sessions {
            self.left.remove(session);
        }
        self.note(store).await
    }

    async fn note(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        if !self.noted && self.left.is_empty() {
            store.note_priced_with(self.prices.version()).await?;
            self.noted = true;
        }
        self.told.send_replace(self.left.len());
        Ok(())
    }
}

async fn sessions_with_prices(store: &dyn Store) -> Result<BTreeSet<SessionId>, StoreError> {
    let query = Query {
        filter: Filter { kinds: vec![Kind::Request, Kind::Unattributed], ..Filter::default() },
        group_by: vec![Group::Dimension(Dimension::Session)],
        figures: [Measure::CostPriced, Measure::UnpricedTokens].map(Figure::Sum).to_vec(),
        ..Query::default()
    };
    let rows = store.aggregate(&query).await?;
    let sessions = rows.iter().filter_map(|row| row.keys.first());
    Ok(sessions.map(|session| SessionId::new(session.as_text())).collect())
}
