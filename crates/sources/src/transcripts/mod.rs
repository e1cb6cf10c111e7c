//! Claude Code's local transcripts: finding, reading and following them.
