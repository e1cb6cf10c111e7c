//! The ledger's rules: what records amount to, and what they cost.
//!
//! Everything here is a pure function of its arguments. [`settle`] turns the records of a family of
//! sessions into postings, [`amend`] says which lines bring a ledger from one set of postings to another,
//! and [`PriceBook`] prices tokens.

mod amend;
mod price_book;
mod settlement;

pub use amend::amend;
pub use price_book::{
    Change, Conditions, Factor, Finding, ModelPrices, OwnPrice, Period, PriceBook, PriceBookError, Product,
    Quote, Rates, Tier,
};
pub use settlement::{
    Amendment, Links, LiveSession, PackedSession, Rules, Settlement, WholeNeeded, links, settle, witnesses,
};
