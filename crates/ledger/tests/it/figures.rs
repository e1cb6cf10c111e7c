//! Figures by session and name: what is true, and what postings say.

use std::collections::BTreeMap;

use model::{Kind, Posting, TokenUsage, canonical_model};

use crate::life::{Deed, Life, What};
use crate::metering::SECONDS_PER_REQUEST;
use crate::telling::Tellers;

/// By session and name of the figure; none of them zero.
pub(crate) type Figures = BTreeMap<(String, String), i64>;

/// What the tellers can know of a life, each thing once.
pub(crate) fn truth(life: &Life, by: Tellers) -> Figures {
    let mut figures = Figures::new();
    for session in &life.sessions {
        let starts = if by.lines || by.metrics { session.processes.len() } else { 1 };
        add(&mut figures, &session.name, "starts", starts as i64);
    }
    for (session, deed) in life.deeds() {
        for (name, value, known) in of_deed(deed, by) {
            if known {
                add(&mut figures, &session.name, &name, value);
            }
        }
    }
    figures
}

/// The figures of one deed, and whether the tellers know them.
fn of_deed(deed: &Deed, by: Tellers) -> Vec<(String, i64, bool)> {
    let said = by.events || by.lines;
    let ask = match &deed.what {
        What::Prompt => return vec![("prompts".into(), 1, said)],
        What::Command => return vec![("commands".into(), 1, said)],
        What::Ask(ask) => ask,
    };
    let itemised = by.events || (by.lines && !ask.beside);
    let totalled = by.metrics || by.totals;
    let mut figures = vec![
        ("requests".to_owned(), 1, itemised),
        (format!("cost {}", ask.model), ask.list_price().as_picos(), itemised || totalled),
        ("client ms".to_owned(), (SECONDS_PER_REQUEST * 1_000.0) as i64, by.metrics),
    ];
    let tokens = tokens(ask.model, &ask.usage);
    figures.extend(tokens.into_iter().map(|(name, value)| (name, value, itemised || totalled)));
    if let Some(call) = &ask.call {
        let decided = if call.accepted { "accepted" } else { "rejected" };
        figures.extend([
            (format!("{decided} {}", call.tool), 1, said || (by.metrics && call.is_edit())),
            ("results".to_owned(), i64::from(call.accepted), said),
            ("lines added".to_owned(), call.lines_added, by.lines || totalled),
            ("lines removed".to_owned(), call.lines_removed, by.lines || totalled),
            ("commits".to_owned(), i64::from(call.commits), by.lines || by.metrics),
            ("pull requests".to_owned(), i64::from(call.opens_pull_request), by.lines || by.metrics),
        ]);
    }
    figures
}

/// What postings say.
pub(crate) fn figures<'p>(postings: impl IntoIterator<Item = &'p Posting>) -> Figures {
    let mut figures = Figures::new();
    for posting in postings {
        for (name, value) in of_posting(posting) {
            add(&mut figures, posting.session.as_str(), &name, value);
        }
    }
    figures
}

pub(crate) fn of_posting(posting: &Posting) -> Vec<(String, i64)> {
    let measures = &posting.measures;
    let model = canonical_model(&posting.model);
    let mut figures = tokens(model.as_str(), &measures.tokens);
    let named = [
        (format!("cost {}", model.as_str()), measures.cost_settled),
        (format!("accepted {}", posting.subject), measures.accepted),
        (format!("rejected {}", posting.subject), measures.rejected),
    ];
    figures.extend(named);
    let counts = [
        ("starts", i64::from(posting.kind == Kind::SessionStart)),
        ("requests", measures.requests),
        ("prompts", measures.prompts),
        ("commands", measures.commands),
        ("results", measures.succeeded + measures.failed),
        ("lines added", measures.lines_added),
        ("lines removed", measures.lines_removed),
        ("commits", measures.commits),
        ("pull requests", measures.pull_requests),
        ("client ms", measures.active_cli_ms),
    ];
    figures.extend(counts.map(|(name, value)| (name.to_owned(), value)));
    figures
}

fn tokens(model: &str, usage: &TokenUsage) -> Vec<(String, i64)> {
    let kinds = [
        ("input", usage.input),
        ("output", usage.output),
        ("read", usage.cache_read),
        ("written", usage.cache_creation),
    ];
    kinds.map(|(kind, value)| (format!("{kind} {model}"), value)).into()
}

pub(crate) fn add(figures: &mut Figures, session: &str, name: &str, value: i64) {
    if value != 0 {
        *figures.entry((session.to_owned(), name.to_owned())).or_default() += value;
    }
}
