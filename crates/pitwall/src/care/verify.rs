//! Whether what is stored is right: counted again, and held against what must always be true.

use anyhow::Result;
use model::SessionId;
use serde::{Deserialize, Serialize};
use sources::intake::{Fault, Recount, Wrong, recount};
use state::Files as _;
use store::{Audit, StoreError};

use super::{Caretaker, Teller, tell};

/// How far the newest transaction may be ahead of the clock before it is told, in microseconds.
const AHEAD_MICROS: i64 = 5 * 60 * 1_000_000;

const REBUILD: &str = "Settle it again from its records: pitwall rebuild";
const RESTORE: &str = "Restore a backup: pitwall restore";
const GOES_ON: &str = "This ledger is older than the one they were read into. Start the server or run `pitwall \
                       import transcripts`: they are then read again, which adds what is missing and nothing twice";
const READ_AGAIN: &str = "Stop the server, remove state.sqlite, and make your keys anew: transcripts are then read \
                          again from the start, which adds what is missing and nothing twice";

/// What a verification found.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Verdict {
    /// Sessions counted again.
    pub(crate) sessions: u64,
    /// Their records.
    pub(crate) records: u64,
    /// Postings that stand.
    pub(crate) postings: u64,
    /// Ledger lines, reversals included.
    pub(crate) lines: u64,
    /// Transactions.
    pub(crate) transactions: u64,
    /// How many faults there are; not all of them need be listed.
    pub(crate) faults: u64,
    /// The faults.
    pub(crate) findings: Vec<Finding>,
    /// What is no fault, but good to know.
    pub(crate) notes: Vec<String>,
}

/// One fault.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// What is wrong.
    pub(crate) finding: String,
    /// What to do.
    pub(crate) advice: String,
}

impl Verdict {
    fn fault(&mut self, finding: String, advice: &str) {
        self.faults += 1;
        self.findings.push(Finding { finding, advice: advice.to_owned() });
    }
}

/// Looks at everything and changes nothing.
pub(super) async fn verify(keeper: &Caretaker, told: &Teller) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    if let Err(error) = look(keeper, told, &mut verdict).await {
        let Some(StoreError::Damaged(why)) = error.downcast_ref() else { return Err(error) };
        verdict.fault(format!("the ledger is damaged: {why}"), RESTORE);
    }
    Ok(verdict)
}

async fn look(keeper: &Caretaker, told: &Teller, verdict: &mut Verdict) -> Result<()> {
    tell(told, "Looking at the ledger as a whole", 0, 0);
    audit(&keeper.ledger.audit().await?, verdict);
    state(keeper, verdict).await?;
    times(keeper, verdict).await?;
    let (noted, prices) = (keeper.ledger.priced_with().await?, keeper.prices.version());
    if noted.as_deref().is_some_and(|noted| noted != prices) {
        verdict.notes.push(format!(
            "The prices have changed (now {prices}) and history is not priced with them yet, so it was not counted \
             again. Start the server or run `pitwall rebuild`, then verify again."
        ));
        return Ok(());
    }
    let all = keeper.ledger.sources(None, None).await?.iter().map(|source| source.records).sum();
    tell(told, "Reading lines and records", 0, 0);
    let tell_it = |now: &Recount| tell(told, "Counting again", now.records, all);
    let counted = recount(keeper.ledger.as_ref(), &keeper.recounting(), tell_it).await?;
    (verdict.sessions, verdict.records, verdict.postings) =
        (counted.sessions, counted.records, counted.postings);
    verdict.faults += counted.faults;
    verdict.findings.extend(counted.told.iter().map(finding));
    Ok(())
}

fn finding(fault: &Fault) -> Finding {
    let session = named(&fault.session);
    let (finding, advice) = match &fault.what {
        Wrong::Unreadable(why) => (format!("the records of {session} cannot be read: {why}"), RESTORE),
        Wrong::Repeated(count) => (
            format!("{session} keeps {count} records twice; they are counted once"),
            "Nothing has to be done. Please report it: it should not happen",
        ),
        Wrong::Overdrawn(count) => {
            (format!("{count} postings of {session} were taken back without having been entered"), REBUILD)
        }
        Wrong::Differs { missing, surplus } => (
            format!(
                "{session} is not what its records amount to: {missing} postings are missing, {surplus} are too many"
            ),
            REBUILD,
        ),
    };
    Finding { finding, advice: advice.to_owned() }
}

fn named(session: &SessionId) -> String {
    match session.tenant() {
        "" => format!("session {}", session.told()),
        tenant => format!("session {} of organization {tenant}", session.told()),
    }
}

fn audit(audit: &Audit, verdict: &mut Verdict) {
    (verdict.lines, verdict.transactions) = (audit.lines, audit.transactions);
    for session in &audit.doubled {
        verdict.fault(format!("{} has a request that is counted more than once", named(session)), REBUILD);
    }
    for session in &audit.unfounded {
        verdict.fault(format!("{} has lines, but no record that they come from", named(session)), RESTORE);
    }
    for session in &audit.untimed {
        verdict.fault(
            format!("{} has lines or records of a transaction that is not noted", named(session)),
            RESTORE,
        );
    }
    for session in &audit.lopsided {
        verdict.fault(format!("{} names a related session that does not name it", named(session)), RESTORE);
    }
    for session in &audit.wrongly_added {
        verdict.fault(format!("{} is not added up to what its lines amount to", named(session)), REBUILD);
    }
}

async fn state(keeper: &Caretaker, verdict: &mut Verdict) -> Result<()> {
    for damage in keeper.state.damages().await? {
        verdict.fault(format!("state.sqlite is damaged: {damage}"), RESTORE);
    }
    let cursors = keeper.state.file_cursors().await?;
    let read = cursors.iter().filter(|cursor| cursor.lines_read > cursor.lines_skipped).count();
    let sources = keeper.ledger.sources(None, None).await?;
    let has_transcripts = sources.iter().any(|source| source.source == model::Source::Transcripts);
    let boundary = keeper.ledger.boundary().await?;
    let ahead = cursors.iter().filter(|cursor| cursor.boundary > boundary).count();
    if ahead > 0 {
        let ends = boundary.to_rfc3339();
        verdict.fault(
            format!(
                "{ahead} transcripts are noted as read after the last transaction of the ledger, which is of {ends}"
            ),
            GOES_ON,
        );
    } else if read > 0 && !has_transcripts {
        verdict.fault(
            format!("{read} transcripts are noted as read, and the ledger holds nothing of any transcript"),
            READ_AGAIN,
        );
    }
    Ok(())
}

async fn times(keeper: &Caretaker, verdict: &mut Verdict) -> Result<()> {
    let boundary = keeper.ledger.boundary().await?;
    let ahead = boundary.micros_since(keeper.clock.now());
    if ahead > AHEAD_MICROS {
        verdict.notes.push(format!(
            "The newest transaction is dated {}, which is ahead of this machine's clock. Nothing is wrong in the \
             ledger by that; look at the clock.",
            boundary.to_rfc3339()
        ));
    }
    Ok(())
}
