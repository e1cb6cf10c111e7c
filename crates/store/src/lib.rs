//! The port to the ledger's store: schema as data, queries, the in-memory reference, the conformance suite.
