//! The client's own running totals, which it writes when it exits.

use model::{ClientTotals, Money, Observation, Timestamp, TokenUsage};

use super::line::{Line, ModelTotals};
use super::parse::{LineError, LineParser, Scene};
use super::state::record_key;

pub(super) fn read(parser: &mut LineParser, scene: &mut Scene<'_>, line: &Line<'_>) -> Result<(), LineError> {
    // The line carries no time of its own; it is as new as the newest line before it.
    scene.at = parser.state.newest_at.or_else(|| end_of_process(line)).ok_or(LineError::NoTime)?;
    // Totals are never copied: a process of this session wrote them, also if it never got an answer.
    parser.answer_is_own(scene);
    parser.state.process_ended = true;
    let models = line.model_usage.0.iter().map(|(model, totals)| {
        (model.into(), tokens(totals), totals.cost_usd.0.and_then(Money::from_dollars).unwrap_or(Money::ZERO))
    });
    let totals = ClientTotals {
        models: models.collect(),
        lines_added: line.total_lines_added.0,
        lines_removed: line.total_lines_removed.0,
    };
    scene.push(record_key(&scene.id, "totals", &[]), Observation::Totals(totals));
    Ok(())
}

fn end_of_process(line: &Line<'_>) -> Option<Timestamp> {
    let started_at = line.start_time.0?;
    Some(Timestamp::from_millis((started_at + line.total_duration.0.unwrap_or(0.0)) as i64))
}

fn tokens(totals: &ModelTotals) -> TokenUsage {
    let (written_5m, written_1h) = (totals.cache_creation_5m.0, totals.cache_creation_1h.0);
    TokenUsage {
        input: totals.input_tokens.0,
        output: totals.output_tokens.0,
        cache_read: totals.cache_read_input_tokens.0,
        cache_creation: totals.cache_creation_input_tokens.0.max(written_5m + written_1h),
        cache_creation_5m: written_5m,
        cache_creation_1h: written_1h,
    }
}
