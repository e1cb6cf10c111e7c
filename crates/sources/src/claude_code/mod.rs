//! What Claude Code's metrics and events mean. The only place that spells their attribute names.
