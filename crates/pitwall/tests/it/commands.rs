//! Every command as it is typed, and what is said when it cannot do what it is asked.

mod keys;
mod looking_around;
mod refusals;
mod reports;
mod serving;
