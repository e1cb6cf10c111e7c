//! The ledger's columns, once.
//!
//! A column is data: its name, its type, and how to read it from and write it to a posting. Engines
//! derive their table definitions, inserts and reads from [`columns`]; adding a line to the lists below
//! (and the field it names) adds the column everywhere.

use model::{Actor, CustomerType, ItemKey, Kind, OrganizationId, Posting, SessionId, Timestamp};

/// A cell's value, owned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Text; empty is "not told".
    Text(String),
    /// A whole number; instants are microseconds since the Unix epoch.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
}

impl Value {
    /// The text, or nothing for other types.
    pub fn as_text(&self) -> &str {
        if let Self::Text(text) = self { text } else { "" }
    }

    /// The number, or zero for other types.
    pub const fn as_integer(&self) -> i64 {
        if let Self::Integer(number) = self { *number } else { 0 }
    }

    /// Whether it is a yes.
    pub const fn as_boolean(&self) -> bool {
        matches!(self, Self::Boolean(true))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A cell's value, borrowed from the posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Text.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
}

impl Cell<'_> {
    /// The same value, owned.
    pub fn to_value(self) -> Value {
        match self {
            Cell::Text(text) => Value::Text(text.to_owned()),
            Cell::Integer(number) => Value::Integer(number),
            Cell::Boolean(yes) => Value::Boolean(yes),
        }
    }
}

/// How a column is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8 text.
    Text,
    /// 64-bit signed integer.
    Integer,
    /// Boolean.
    Boolean,
}

/// One column of a posting.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Name in every engine.
    pub name: &'static str,
    /// Type.
    pub column_type: ColumnType,
    /// Reads the cell.
    pub get: fn(&Posting) -> Cell<'_>,
    /// Writes the cell; a value of another type is read as empty, zero or no.
    pub set: fn(&mut Posting, &Value),
}

macro_rules! dimensions {
    ($($(#[$doc:meta])* $variant:ident $name:literal $kind:ident : $get:expr , $set:expr ;)*) => {
        /// What postings can be grouped and filtered by.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Dimension { $($(#[$doc])* $variant,)* }

        impl Dimension {
            /// Every dimension, in column order.
            pub const ALL: &'static [Dimension] = &[$(Dimension::$variant,)*];

            /// The dimension's column.
            pub const fn column(self) -> &'static Column {
                match self { $(Dimension::$variant => {
                    const COLUMN: Column = Column {
                        name: $name, column_type: ColumnType::$kind, get: $get, set: $set,
                    };
                    &COLUMN
                })* }
            }
        }
    };
}

macro_rules! text {
    ($field:ident) => {
        |posting| Cell::Text(&posting.$field)
    };
}

macro_rules! set_text {
    ($field:ident) => {
        |posting, value| posting.$field = value.as_text().into()
    };
}

fn stored_key(key: Option<ItemKey>) -> Cell<'static> {
    Cell::Integer(key.map_or(0, ItemKey::as_i64))
}

dimensions! {
    /// What the posting counts.
    Kind "kind" Text: |posting| Cell::Text(posting.kind.as_str()),
        |posting, value| posting.kind = Kind::from_name(value.as_text()).unwrap_or(Kind::Occurrence);
    /// The instant it belongs to.
    At "at" Integer: |posting| Cell::Integer(posting.at.as_micros()),
        |posting, value| posting.at = Timestamp::from_micros(value.as_integer());
    /// Session.
    Session "session" Text: |posting| Cell::Text(posting.session.as_str()),
        |posting, value| posting.session = SessionId::new(value.as_text());
    /// Organization of the sender's sign-in.
    Organization "organization" Text: |posting| Cell::Text(posting.organization.as_str()),
        |posting, value| posting.organization = OrganizationId::new(value.as_text());
    /// Organization that the data came in for, see [`crate::Within`]; empty for the default one.
    Tenant "tenant" Text: |posting| Cell::Text(posting.tenant.as_str()),
        |posting, value| posting.tenant = OrganizationId::new(value.as_text());
    /// `user_actor` or `api_actor`.
    ActorKind "actor_kind" Text: |posting| Cell::Text(posting.actor.kind()),
        |posting, value| posting.actor = Actor::from_parts(value.as_text(), posting.actor.name());
    /// E-mail address or name of the actor.
    ActorName "actor_name" Text: |posting| Cell::Text(posting.actor.name()),
        |posting, value| posting.actor = Actor::from_parts(posting.actor.kind(), value.as_text());
    /// `api` or `subscription`.
    CustomerType "customer_type" Text: |posting| Cell::Text(posting.customer_type.as_str()),
        |posting, value| posting.customer_type = match value.as_text() {
            "subscription" => CustomerType::Subscription,
            _ => CustomerType::Api,
        };
    /// Subscription.
    SubscriptionType "subscription_type" Text: text!(subscription_type), set_text!(subscription_type);
    /// Terminal.
    Terminal "terminal" Text: text!(terminal), set_text!(terminal);
    /// Whether in the cloud.
    Remote "remote" Boolean: |posting| Cell::Boolean(posting.remote),
        |posting, value| posting.remote = value.as_boolean();
    /// Project directory.
    Project "project" Text: text!(project), set_text!(project);
    /// Repository.
    Repository "repository" Text: text!(repository), set_text!(repository);
    /// Git branch.
    Branch "branch" Text: text!(branch), set_text!(branch);
    /// Team.
    Team "team" Text: text!(team), set_text!(team);
    /// Entry point of the client.
    Entrypoint "entrypoint" Text: text!(entrypoint), set_text!(entrypoint);
    /// The client's version.
    ClientVersion "client_version" Text: text!(client_version), set_text!(client_version);
    /// Model id.
    Model "model" Text: text!(model), set_text!(model);
    /// Tool, event, start type, command.
    Subject "subject" Text: text!(subject), set_text!(subject);
    /// Kind of error, outcome.
    Outcome "outcome" Text: text!(outcome), set_text!(outcome);
    /// Who or what decided.
    DecidedBy "decided_by" Text: text!(decided_by), set_text!(decided_by);
    /// Programming language.
    Language "language" Text: text!(language), set_text!(language);
    /// What in the client asked.
    QuerySource "query_source" Text: text!(query_source), set_text!(query_source);
    /// Subagent's kind.
    Agent "agent" Text: text!(agent), set_text!(agent);
    /// Skill.
    Skill "skill" Text: text!(skill), set_text!(skill);
    /// MCP server.
    McpServer "mcp_server" Text: text!(mcp_server), set_text!(mcp_server);
    /// Effort level.
    Effort "effort" Text: text!(effort), set_text!(effort);
    /// Fast mode.
    Fast "fast" Boolean: |posting| Cell::Boolean(posting.fast),
        |posting, value| posting.fast = value.as_boolean();
    /// Identity of the thing counted.
    Item "item" Integer: |posting| Cell::Integer(posting.item.as_i64()),
        |posting, value| if let Some(key) = ItemKey::from_stored(value.as_integer()) { posting.item = key };
    /// Hash of the API's request id; zero for none.
    Request "request" Integer: |posting| stored_key(posting.request),
        |posting, value| posting.request = ItemKey::from_stored(value.as_integer());
    /// Hash of the API's message id; zero for none.
    Message "message" Integer: |posting| stored_key(posting.message),
        |posting, value| posting.message = ItemKey::from_stored(value.as_integer());
}

macro_rules! measures {
    ($($variant:ident $name:literal $($field:ident).+ ;)*) => {
        /// What can be added up. Units are those of [`model::Measures`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each is the field of model::Measures with its name")]
        pub enum Measure { $($variant,)* }

        impl Measure {
            /// Every measure, in column order.
            pub const ALL: &'static [Measure] = &[$(Measure::$variant,)*];

            /// The measure's column.
            pub const fn column(self) -> &'static Column {
                match self { $(Measure::$variant => {
                    const COLUMN: Column = Column {
                        name: $name,
                        column_type: ColumnType::Integer,
                        get: |posting| Cell::Integer(posting.measures.$($field).+),
                        set: |posting, value| posting.measures.$($field).+ = value.as_integer(),
                    };
                    &COLUMN
                })* }
            }
        }
    };
}

measures! {
    Requests "requests" requests;
    Input "input_tokens" tokens.input;
    Output "output_tokens" tokens.output;
    CacheRead "cache_read_tokens" tokens.cache_read;
    CacheCreation "cache_creation_tokens" tokens.cache_creation;
    CacheCreation5m "cache_creation_5m_tokens" tokens.cache_creation_5m;
    CacheCreation1h "cache_creation_1h_tokens" tokens.cache_creation_1h;
    CostSettled "cost_settled_picos" cost_settled;
    CostReported "cost_reported_picos" cost_reported;
    CostPriced "cost_priced_picos" cost_priced;
    UnpricedTokens "unpriced_tokens" unpriced_tokens;
    WebSearches "web_searches" web_searches;
    LinesAdded "lines_added" lines_added;
    LinesRemoved "lines_removed" lines_removed;
    Commits "commits" commits;
    PullRequests "pull_requests" pull_requests;
    Accepted "accepted" accepted;
    Rejected "rejected" rejected;
    Succeeded "succeeded" succeeded;
    Failed "failed" failed;
    Prompts "prompts" prompts;
    Commands "commands" commands;
    ApiErrors "api_errors" api_errors;
    ActiveUser "active_user_ms" active_user_ms;
    ActiveCli "active_cli_ms" active_cli_ms;
    Duration "duration_ms" duration_ms;
    TimeToFirstToken "ttft_ms" ttft_ms;
    Occurrences "occurrences" occurrences;
}

/// Every column of a posting: dimensions, then measures. A ledger line is `posted_at` (microseconds) and
/// `sign` (+1 or -1) before these.
pub fn columns() -> impl Iterator<Item = &'static Column> {
    let dimensions = Dimension::ALL.iter().map(|dimension| dimension.column());
    dimensions.chain(Measure::ALL.iter().map(|measure| measure.column()))
}

/// A posting with every column still to be set, for reading rows back.
pub fn blank_posting() -> Posting {
    Posting::new(Kind::Occurrence, Timestamp::MIN, SessionId::default(), ItemKey::of("", ""))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_posting_survives_its_columns() {
        let mut posting = blank_posting();
        for (index, column) in columns().enumerate() {
            let value = match column.name {
                "kind" => Value::from("decision"),
                "actor_kind" => Value::from("user_actor"),
                "customer_type" => Value::from("subscription"),
                _ => match column.column_type {
                    ColumnType::Text => Value::Text(format!("text {index}")),
                    ColumnType::Integer => Value::Integer(index as i64 + 1),
                    ColumnType::Boolean => Value::Boolean(true),
                },
            };
            (column.set)(&mut posting, &value);
            assert_eq!((column.get)(&posting).to_value(), value, "{}", column.name);
        }
        let mut copy = blank_posting();
        for column in columns() {
            (column.set)(&mut copy, &(column.get)(&posting).to_value());
        }
        assert_eq!(copy, posting);
    }

    #[test]
    fn column_names_are_unique() {
        let names: BTreeSet<_> = columns().map(|column| column.name).collect();
        assert_eq!(names.len(), columns().count());
    }
}
