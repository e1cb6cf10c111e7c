//! Who did the work, in the Analytics API's terms.

use serde::{Deserialize, Serialize};

use crate::Text;

/// The person or key that a row is about, as the Claude Code Analytics API names them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A signed-in person (`user_actor`).
    User {
        /// Lower-cased e-mail address.
        email: Text,
    },
    /// Everybody else (`api_actor`): named after the key the telemetry came with, else after the
    /// installation, else after the local login.
    Api {
        /// Display name.
        name: Text,
    },
}

impl Actor {
    /// E-mail address or name.
    pub fn name(&self) -> &str {
        match self {
            Self::User { email } => email,
            Self::Api { name } => name,
        }
    }

    /// `user_actor` or `api_actor`, as the Analytics API writes them.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User { .. } => "user_actor",
            Self::Api { .. } => "api_actor",
        }
    }

    /// The inverse of [`Actor::kind`] and [`Actor::name`].
    pub fn from_parts(kind: &str, name: &str) -> Self {
        if kind == "user_actor" { Self::User { email: name.into() } } else { Self::Api { name: name.into() } }
    }
}

/// How the work is paid for, as the Claude Code Analytics API names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerType {
    /// Billed by use of an API key.
    #[default]
    Api,
    /// Covered by a subscription.
    Subscription,
}

impl CustomerType {
    /// `api` or `subscription`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Subscription => "subscription",
        }
    }
}
