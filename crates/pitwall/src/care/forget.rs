//! Erasing a person: from evidence, ledger and state, for good.
//!
//! A person is an e-mail address or an account id; where both were seen together, both are the person. What else
//! can be named is an actor without a sign-in, by the name that reports show. Whole sessions are erased: every one
//! in which the person was seen, and those that share records with it, since they hold copies of the person's work.
//! The files are written anew without them; their ids stay as hashes, so that a transcript that is read again or a
//! retry does not bring them back.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use model::{AttributeValue, Context, EvidenceBatch, Record, SessionId, Text, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Rewriting, StoreError, codec};

use super::search::{self, Needles};
use super::{Caretaker, Teller, tell};

/// What an erasure erased, or would erase.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Forgotten {
    /// Whether nothing was erased, only looked for.
    pub(crate) dry_run: bool,
    /// Sessions.
    pub(crate) sessions: u64,
    /// Of these, how many hold work of others, too.
    pub(crate) shared_sessions: u64,
    /// Their records.
    pub(crate) records: u64,
    /// Their lines.
    pub(crate) lines: u64,
    /// Names of keys that named the person.
    pub(crate) key_names: u64,
    /// Files in the data directory that still name the person, and are not for a command to change.
    pub(crate) named_in: Vec<String>,
}

/// Erases a person.
pub(super) async fn forget(
    keeper: &Caretaker,
    person: &str,
    dry_run: bool,
    told: &Teller,
) -> Result<Forgotten> {
    let person = person.trim();
    ensure!(!person.is_empty(), "nobody is named");
    let given = if person.contains('@') { person.to_lowercase() } else { person.to_owned() };
    let names = names_of(keeper, &given, told).await?;
    let sessions = sessions_of(keeper, &given, &names, told).await?;
    let mut forgotten = Forgotten { dry_run, ..count(keeper, &names, &sessions).await? };
    if !dry_run {
        erase(keeper, &sessions, told).await?;
        let texts: Vec<&str> = names.iter().map(String::as_str).collect();
        forgotten.key_names = keeper.state.erase(&texts).await?;
        note(keeper, &forgotten)?;
    }
    tell(told, "Searching the files", 0, 0);
    let (folder, needles) = (keeper.data.path().to_owned(), Needles::new(&names));
    forgotten.named_in = tokio::task::spawn_blocking(move || search::files_with(&folder, &needles)).await??;
    if dry_run {
        // What the erasure takes care of need not be told.
        let own = [keeper.data.ledger_file(), keeper.data.state_file()];
        let own: Vec<String> =
            own.iter().filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned())).collect();
        forgotten.named_in.retain(|file| !own.iter().any(|own| file.starts_with(own)));
    }
    Ok(forgotten)
}

/// Looks at all evidence once, in the order in which it lies, also at what comes in meanwhile.
async fn look_through<F: Send + 'static>(
    keeper: &Caretaker,
    what: &str,
    told: &Teller,
    mut found: F,
    look: impl Fn(EvidenceBatch, &mut F) + Clone + Send + 'static,
) -> Result<F> {
    let all = keeper.ledger.sources(None, None).await?.iter().map(|source| source.records).sum();
    let (mut done, mut place) = (0, Some(0));
    while let Some(from) = place {
        tell(told, what, done, all);
        let part = keeper.ledger.evidence_in_order(from, Timestamp::MAX).await?;
        place = part.next;
        done += part.rows.iter().map(|packed| packed.records).sum::<u64>();
        let look = look.clone();
        let looking = tokio::task::spawn_blocking(move || {
            let mut decoder = codec::Decoder::new()?;
            for packed in part.rows {
                look(packed.unpack(&mut decoder)?, &mut found);
            }
            Ok::<_, StoreError>(found)
        });
        found = looking.await??;
    }
    Ok(found)
}

/// Everything that the person is known by: what was given, and what was seen with it.
async fn names_of(keeper: &Caretaker, given: &str, told: &Teller) -> Result<BTreeSet<String>> {
    let none: BTreeSet<(String, String)> = BTreeSet::new();
    let pairs = look_through(keeper, "Looking for names", told, none, |batch, pairs| {
        let mut last: Option<&Arc<Context>> = None;
        for record in &batch.records {
            // Nearly all records of a batch share one.
            if last.is_some_and(|last| Arc::ptr_eq(last, &record.context)) {
                continue;
            }
            last = Some(&record.context);
            if let Context { email: Some(email), account: Some(account), .. } = record.context.as_ref() {
                pairs.insert((email.to_string(), account.to_string()));
            }
        }
    })
    .await?;
    let mut names = BTreeSet::from([given.to_owned()]);
    loop {
        let before = names.len();
        for (email, account) in &pairs {
            if names.contains(email) || names.contains(account) {
                names.extend([email.clone(), account.clone()]);
            }
        }
        if names.len() == before {
            return Ok(names);
        }
    }
}

/// The sessions in which the person was seen, and those that share records with them.
async fn sessions_of(
    keeper: &Caretaker,
    given: &str,
    names: &BTreeSet<String>,
    told: &Teller,
) -> Result<Vec<SessionId>> {
    let ledger = &keeper.ledger;
    let mut found: BTreeSet<SessionId> = BTreeSet::new();
    for name in names {
        found.extend(ledger.sessions_of_actor(name).await?);
    }
    let (given, names) = (given.to_owned(), names.clone());
    let mut found = look_through(keeper, "Looking for sessions", told, found, move |batch, found| {
        if batch.records.iter().any(|record| tells_of(record, &given, &names)) {
            found.insert(batch.session);
        }
    })
    .await?;
    let mut asked: Vec<SessionId> = found.iter().cloned().collect();
    while !asked.is_empty() {
        let kin = ledger.kin(&asked).await?;
        asked =
            kin.into_iter().map(|(_, relative)| relative).filter(|one| found.insert(one.clone())).collect();
    }
    Ok(found.into_iter().collect())
}

/// Whether a record names the person: as who signed in, as what was given, or in what the operator or the client
/// added.
fn tells_of(record: &Record, given: &str, names: &BTreeSet<String>) -> bool {
    let context = record.context.as_ref();
    let sign_in = [&context.email, &context.account].into_iter().flatten().map(Text::as_str);
    let others = [&context.login, &context.installation].into_iter().flatten();
    let extra = record.extra.iter().filter_map(|(_, value)| match value {
        AttributeValue::Text(text) => Some(text.as_str()),
        _ => None,
    });
    sign_in
        .chain(context.attributes.values().map(String::as_str))
        .chain(extra)
        .any(|name| names.contains(name))
        || others.into_iter().any(|name| name == given)
}

/// How much these sessions hold.
async fn count(keeper: &Caretaker, names: &BTreeSet<String>, sessions: &[SessionId]) -> Result<Forgotten> {
    /// Sessions whose lines are counted in one go.
    const SESSIONS_AT_ONCE: usize = 500;
    let mut count = Forgotten { sessions: sessions.len() as u64, ..Forgotten::default() };
    for share in sessions.chunks(SESSIONS_AT_ONCE) {
        let evidence = keeper.ledger.evidence(share).await?;
        count.records += evidence.iter().map(|batch| batch.records.len() as u64).sum::<u64>();
        let lines = keeper.ledger.session_lines(share).await?;
        count.lines += lines.len() as u64;
        let others = lines.iter().filter(|line| !names.contains(line.posting.actor.name()));
        let others: BTreeSet<&SessionId> = others.map(|line| &line.posting.session).collect();
        count.shared_sessions += others.len() as u64;
    }
    Ok(count)
}

/// Marks the sessions, and writes the ledger anew without them. Also when there are none: an erasure that was
/// interrupted may have left marked ones behind.
async fn erase(keeper: &Caretaker, sessions: &[SessionId], told: &Teller) -> Result<()> {
    tell(told, "Writing the ledger anew", 0, 0);
    let (ledger, marked) = (keeper.ledger.clone(), sessions.to_vec());
    let mark = async move { ledger.forget(&marked).await };
    match &keeper.intake {
        Some(intake) => intake.alone(sessions.to_vec(), mark).await??,
        None => mark.await?,
    }
    keeper
        .ledger
        .rewrite(Rewriting::default())
        .await
        .context("the sessions are marked, but not erased yet; run the command again")?;
    Ok(())
}

/// Notes that somebody was erased, not who.
fn note(keeper: &Caretaker, forgotten: &Forgotten) -> Result<()> {
    let path = keeper.data.erasures_file();
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let line = json!({
        "at": keeper.clock.now().to_rfc3339(),
        "sessions": forgotten.sessions,
        "records": forgotten.records,
        "lines": forgotten.lines,
        "key_names": forgotten.key_names,
    });
    let written =
        options.open(&path).and_then(|mut file| writeln!(file, "{line}").and_then(|()| file.sync_all()));
    written.with_context(|| format!("cannot write {}", path.display()))
}
