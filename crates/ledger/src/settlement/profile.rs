//! Who, where and with what: one answer per session out of what its records say.

use std::sync::Arc;

use model::{Actor, Context, OrganizationId, Posting, Record, Source, Text};

/// What a session's records say of it. Telemetry is asked before transcripts, older records before newer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Profile {
    context: Arc<Context>,
}

impl Profile {
    /// From the session's records, oldest first.
    pub(super) fn of(records: &[&Record]) -> Self {
        let mut context = Context::default();
        for from_transcripts in [false, true] {
            let mut last: Option<&Context> = None;
            for record in records.iter().filter(|record| is_transcript(record) == from_transcripts) {
                // Most records of a session share one context.
                if last.is_some_and(|last| std::ptr::eq(last, record.context.as_ref())) {
                    continue;
                }
                last = Some(&record.context);
                complete(&mut context, &record.context);
            }
        }
        Self { context: Arc::new(context) }
    }

    /// From each different thing that a session's records say of it, the first said first.
    pub(super) fn of_contexts<'c>(contexts: impl Iterator<Item = &'c Arc<Context>> + Clone) -> Self {
        let mut context = Context::default();
        contexts.clone().for_each(|told| complete(&mut context, told));
        // As a rule all say the same, and it need not be kept twice.
        let same = contexts.into_iter().find(|told| ***told == context).cloned();
        Self { context: same.unwrap_or_else(|| Arc::new(context)) }
    }

    /// Fills in what is known of the session, and over it what the item's own records say of the moment.
    pub(super) fn fill(&self, posting: &mut Posting, told_by: &[&Record]) {
        let session = &self.context;
        posting.actor = actor(session);
        posting.organization = OrganizationId::new(session.organization.clone().unwrap_or_default());
        posting.tenant = OrganizationId::new(posting.session.tenant());
        posting.customer_type = session.customer_type.unwrap_or_default();
        posting.subscription_type = session.subscription.clone().unwrap_or_default();
        posting.remote = session.remote.unwrap_or(false);
        // Telemetry knows the repository alone.
        posting.project = session.project.clone().or(session.repository.clone()).unwrap_or_default();
        posting.repository = session.repository.clone().unwrap_or_default();
        posting.team = session.team.clone().unwrap_or_default();
        let mut own: Vec<&Record> = told_by.to_vec();
        own.sort_unstable_by_key(|record| (is_transcript(record), record.at, record.key));
        let of_moment = |field: fn(&Context) -> &Option<Text>| {
            let own = own.iter().find_map(|record| field(&record.context).as_ref());
            own.or(field(session).as_ref()).cloned().unwrap_or_default()
        };
        posting.terminal = of_moment(|context| &context.terminal);
        posting.branch = of_moment(|context| &context.branch);
        posting.entrypoint = of_moment(|context| &context.entrypoint);
        posting.client_version = of_moment(|context| &context.client_version);
    }
}

fn is_transcript(record: &Record) -> bool {
    record.source == Source::Transcripts
}

/// A signed-in person by e-mail; else the key the data came with, the installation, the login.
fn actor(context: &Context) -> Actor {
    if let Some(email) = &context.email {
        return Actor::User { email: email.clone() };
    }
    let name = context.ingest_key.as_ref().or(context.installation.as_ref()).or(context.login.as_ref());
    Actor::Api { name: name.cloned().unwrap_or_else(|| "unknown".into()) }
}

fn complete(known: &mut Context, told: &Context) {
    fn fill<T: Clone>(known: &mut Option<T>, told: &Option<T>) {
        if known.is_none() {
            known.clone_from(told);
        }
    }
    fill(&mut known.email, &told.email);
    fill(&mut known.account, &told.account);
    fill(&mut known.installation, &told.installation);
    fill(&mut known.ingest_key, &told.ingest_key);
    fill(&mut known.login, &told.login);
    fill(&mut known.organization, &told.organization);
    fill(&mut known.customer_type, &told.customer_type);
    fill(&mut known.subscription, &told.subscription);
    fill(&mut known.terminal, &told.terminal);
    fill(&mut known.remote, &told.remote);
    fill(&mut known.entrypoint, &told.entrypoint);
    fill(&mut known.client_version, &told.client_version);
    fill(&mut known.project, &told.project);
    fill(&mut known.repository, &told.repository);
    fill(&mut known.branch, &told.branch);
    fill(&mut known.team, &told.team);
}
