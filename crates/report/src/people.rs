//! Everybody with an e-mail address, and since when the ledger knows of them.

use model::{Actor, Kind, Text, Timestamp};
use store::{Dimension, Figure, Filter, Group, Store, Value};

use crate::ReportError;
use crate::scope::Scope;

/// Somebody who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// E-mail address, lower case.
    pub email: String,
    /// When the first session began.
    pub since: Timestamp,
}

/// Answers the question, for the whole of the store: by first session, equal ones by address.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store) -> Result<Vec<Person>, ReportError> {
    let signed_in = Actor::User { email: Text::new() };
    let among = vec![(Dimension::ActorKind, vec![Value::from(signed_in.kind())])];
    let filter = Filter { kinds: vec![Kind::SessionStart], among, ..Filter::default() };
    let scope = Scope { as_of: store.boundary().await?, filter };
    let by_name = vec![Group::Dimension(Dimension::ActorName)];
    let rows = scope.rows(store, by_name, vec![Figure::Earliest]).await?;
    let mut people: Vec<_> = rows
        .iter()
        .map(|row| Person {
            email: row.text(0).to_owned(),
            since: Timestamp::from_micros(row.figures.count(Figure::Earliest)),
        })
        .collect();
    people.sort_by(|a, b| a.since.cmp(&b.since).then_with(|| a.email.cmp(&b.email)));
    Ok(people)
}
