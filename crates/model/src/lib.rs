//! The words of Pitwall.
//!
//! Every other crate speaks in these types: what was observed ([`Record`]), what it amounts to
//! ([`Posting`]), who did it ([`Actor`]), and the units figures are kept in ([`Money`],
//! [`TokenUsage`], [`Timestamp`]). Nothing here does I/O or knows a wire format.

mod actor;
mod clock;
mod evidence;
mod ids;
mod lines;
mod model_id;
mod money;
mod posting;
mod record;
mod teams;
mod text;
mod time;
mod tokens;

pub use actor::{Actor, CustomerType};
pub use clock::{Clock, SystemClock};
pub use evidence::{EvidenceBatch, SessionSource, SourceSummary};
pub use ids::{ItemKey, OrganizationId, RecordKey, SessionId};
pub use lines::Lines;
pub use model_id::{CanonicalModel, canonical_model, displayed_model};
pub use money::Money;
pub use posting::{Kind, LedgerLine, Measures, Posting, Sign};
pub use record::{
    ApiError, AttributeValue, ClientTotals, Context, Counter, CounterPoint, Decision, Observation,
    Occurrence, ProcessStart, Prompt, Record, RequestSeen, Source, Temporality, ToolOutcome,
};
pub use teams::{TeamBook, TeamBookError};
pub use text::Text;
pub use time::Timestamp;
pub use tokens::{TokenKind, TokenUsage};
