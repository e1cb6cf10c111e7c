//! Answers of the model: requests, tool calls, and errors told to the user.

use model::{ApiError, AttributeValue, Money, Observation, RequestSeen, SessionId, TokenUsage};

use super::lenient::Text;
use super::line::{Line, Message, Usage};
use super::parse::{LineParser, Scene};
use super::state::{OpenCall, record_key};

/// The model of messages that the client wrote itself.
const SYNTHETIC: &str = "<synthetic>";
/// What a subagent is called whose kind no line tells.
const SUBAGENT: &str = "subagent";

pub(super) fn read(parser: &mut LineParser, scene: &mut Scene<'_>, line: &Line<'_>) {
    let origin = line.request_session_id.get().map(SessionId::from).filter(|origin| *origin != scene.session);
    // A subagent's answers inside the session's own file say nothing about the lines around them.
    if !line.is_sidechain.0 {
        match &origin {
            Some(_) => parser.answer_is_copy(),
            None => parser.answer_is_own(scene),
        }
    }
    let Some(message) = &line.message.0 else { return };
    if message.model.is(SYNTHETIC) {
        if line.is_api_error_message.0 {
            read_error(scene, line);
        }
        return;
    }
    remember_calls(parser, message);
    let request = request(parser, line, message, origin);
    // Should a client ever write the final counts on a line with the same id, both are kept.
    let version =
        [request.usage.output, request.usage.total(), i64::from(request.finished)].map(i64::to_le_bytes);
    let key = record_key(&scene.id, "request", version.as_flattened());
    let tier = message.usage.0.as_ref().map(|usage| &usage.service_tier);
    scene.push_with(key, Observation::Request(request), unusual_tier(tier));
}

fn request(
    parser: &LineParser,
    line: &Line<'_>,
    message: &Message<'_>,
    origin_session: Option<SessionId>,
) -> RequestSeen {
    let none = Usage::default();
    let usage = message.usage.0.as_ref().unwrap_or(&none);
    let sidechain = line.is_sidechain.0 || parser.state.subagent;
    let agent = line
        .attribution_agent
        .owned()
        .or_else(|| sidechain.then(|| parser.state.agent.clone().unwrap_or_else(|| SUBAGENT.into())));
    RequestSeen {
        request_id: line.request_id.owned(),
        message_id: message.id.owned(),
        origin_session,
        model: message.model.owned().unwrap_or_default(),
        usage: tokens(usage),
        finished: message.stop_reason.get().is_some(),
        cost: line.cost_usd.0.and_then(Money::from_dollars),
        fast: usage.speed.is("fast"),
        us_inference: usage.inference_geo.is("us"),
        web_searches: usage.server_tool_use.0.as_ref().map_or(0, |used| used.web_search_requests.0),
        query_source: None,
        agent,
        skill: line.attribution_skill.owned(),
        mcp_server: line.attribution_mcp_server.owned(),
        effort: line.effort.owned(),
        duration_ms: line.duration_ms.0.map(|duration| duration as i64),
        ttft_ms: None,
        tool_uses: message.content.tool_uses.iter().filter_map(|tool_use| tool_use.id.owned()).collect(),
    }
}

fn tokens(usage: &Usage<'_>) -> TokenUsage {
    let (written_5m, written_1h) = usage
        .cache_creation
        .0
        .as_ref()
        .map_or((0, 0), |split| (split.ephemeral_5m_input_tokens.0, split.ephemeral_1h_input_tokens.0));
    TokenUsage {
        input: usage.input_tokens.0,
        output: usage.output_tokens.0,
        cache_read: usage.cache_read_input_tokens.0,
        cache_creation: usage.cache_creation_input_tokens.0.max(written_5m + written_1h),
        cache_creation_5m: written_5m,
        cache_creation_1h: written_1h,
    }
}

/// Batches are billed at half the price, priority at more; the ordinary tier is not worth a word.
fn unusual_tier(tier: Option<&Text<'_>>) -> Vec<(String, AttributeValue)> {
    tier.and_then(|tier| tier.get())
        .filter(|tier| *tier != "standard")
        .map(|tier| ("service_tier".to_owned(), AttributeValue::Text(tier.to_owned())))
        .into_iter()
        .collect()
}

fn remember_calls(parser: &mut LineParser, message: &Message<'_>) {
    for tool_use in &message.content.tool_uses {
        let (Some(id), Some(tool)) = (tool_use.id.owned(), tool_use.name.owned()) else { continue };
        parser.state.open_call(OpenCall {
            id,
            tool,
            language: tool_use.input.language.map(Into::into),
            command: tool_use.input.command,
            edit: tool_use.input.edit,
            written: tool_use.input.written,
        });
    }
}

/// A request that was given up on: the client tells the user so in a message of its own.
fn read_error(scene: &mut Scene<'_>, line: &Line<'_>) {
    let error = ApiError {
        request_id: line.request_id.owned(),
        model: None,
        status: line.api_error_status.0.map(|status| status as i64),
        error: line.api_error_type.owned().or_else(|| line.error.kind.owned()),
        attempts: None,
    };
    scene.push(record_key(&scene.id, "error", &[]), Observation::ApiError(error));
}
