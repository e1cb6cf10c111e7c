//! Which sessions belong together.

use std::collections::{BTreeSet, HashMap, HashSet};

use ledger::links;
use model::{ItemKey, Record, SessionId};
use store::{Store, StoreError};

/// Pairs of sessions that hold the same request, or say that they copied one. What came in for different
/// organizations stays apart, whatever it tells of.
pub(super) async fn find_kin(
    store: &dyn Store,
    groups: &[Vec<Record>],
) -> Result<BTreeSet<(SessionId, SessionId)>, StoreError> {
    let mut holders: HashMap<(&str, ItemKey), &SessionId> = HashMap::new();
    let mut kin = BTreeSet::new();
    let (mut requests, mut messages) = (HashSet::new(), HashSet::new());
    for record in groups.iter().flatten() {
        let links = links(record);
        if let Some(origin) = links.origin.filter(|origin| origin.tenant() == record.session.tenant()) {
            kin.insert((record.session.clone(), origin));
        }
        requests.extend(links.request);
        messages.extend(links.message);
        for key in links.request.into_iter().chain(links.message) {
            let holder = holders.entry((record.session.tenant(), key)).or_insert(&record.session);
            if **holder != record.session {
                kin.insert((holder.clone(), record.session.clone()));
            }
        }
    }
    let requests: Vec<ItemKey> = requests.into_iter().collect();
    let messages: Vec<ItemKey> = messages.into_iter().collect();
    for (key, session) in store.sessions_of_requests(&requests, &messages).await? {
        if let Some(holder) = holders.get(&(session.tenant(), key))
            && **holder != session
        {
            kin.insert(((*holder).clone(), session));
        }
    }
    Ok(kin)
}
