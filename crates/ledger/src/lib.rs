//! Settlement and the price book: pure functions from records to postings.
