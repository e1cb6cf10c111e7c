//! Every name that Claude Code's telemetry uses and Pitwall understands, spelt once.
//!
//! From the public "Monitoring" documentation of Claude Code, and from what its releases send.

/// How names of metrics, events and spans begin.
pub(super) const PREFIX: &str = "claude_code.";
/// How names of instrumentation scopes begin.
pub(super) const SCOPE_PREFIX: &str = "com.anthropic.claude_code";
/// How the scope of events goes on.
pub(super) const EVENTS_SCOPE_SUFFIX: &str = ".events";
/// How values of `service.name` begin, unless `OTEL_SERVICE_NAME` changes it.
pub(super) const SERVICE_PREFIX: &str = "claude-code";

/// Metrics, without [`PREFIX`].
pub(super) mod metric {
    pub(in super::super) const SESSIONS: &str = "session.count";
    pub(in super::super) const LINES: &str = "lines_of_code.count";
    pub(in super::super) const PULL_REQUESTS: &str = "pull_request.count";
    pub(in super::super) const COMMITS: &str = "commit.count";
    pub(in super::super) const COST: &str = "cost.usage";
    pub(in super::super) const TOKENS: &str = "token.usage";
    pub(in super::super) const EDIT_DECISIONS: &str = "code_edit_tool.decision";
    pub(in super::super) const ACTIVE_TIME: &str = "active_time.total";
}

/// Events, without [`PREFIX`].
pub(super) mod event {
    pub(in super::super) const USER_PROMPT: &str = "user_prompt";
    pub(in super::super) const API_REQUEST: &str = "api_request";
    pub(in super::super) const API_ERROR: &str = "api_error";
    pub(in super::super) const TOOL_DECISION: &str = "tool_decision";
    pub(in super::super) const TOOL_RESULT: &str = "tool_result";
    pub(in super::super) const ASSISTANT_RESPONSE: &str = "assistant_response";
    pub(in super::super) const API_RETRIES_EXHAUSTED: &str = "api_retries_exhausted";
    pub(in super::super) const API_REFUSAL: &str = "api_refusal";
    pub(in super::super) const API_REQUEST_BODY: &str = "api_request_body";
    pub(in super::super) const API_RESPONSE_BODY: &str = "api_response_body";
    pub(in super::super) const PERMISSION_MODE_CHANGED: &str = "permission_mode_changed";
    pub(in super::super) const AUTH: &str = "auth";
    pub(in super::super) const MCP_SERVER_CONNECTION: &str = "mcp_server_connection";
    pub(in super::super) const PLUGIN_INSTALLED: &str = "plugin_installed";
    pub(in super::super) const PLUGIN_LOADED: &str = "plugin_loaded";
    pub(in super::super) const SKILL_ACTIVATED: &str = "skill_activated";
    pub(in super::super) const AT_MENTION: &str = "at_mention";
    pub(in super::super) const HOOK_REGISTERED: &str = "hook_registered";
    pub(in super::super) const HOOK_EXECUTION_START: &str = "hook_execution_start";
    pub(in super::super) const HOOK_EXECUTION_COMPLETE: &str = "hook_execution_complete";
    pub(in super::super) const HOOK_PLUGIN_METRICS: &str = "hook_plugin_metrics";
    pub(in super::super) const COMPACTION: &str = "compaction";
    pub(in super::super) const SUBAGENT_COMPLETED: &str = "subagent_completed";
    pub(in super::super) const INTERNAL_ERROR: &str = "internal_error";
    pub(in super::super) const FEEDBACK_SURVEY: &str = "feedback_survey";
    pub(in super::super) const RETENTION_SWEEP: &str = "retention_sweep";
    pub(in super::super) const MANAGED_SETTINGS_RESOLVED: &str = "managed_settings_resolved";
    pub(in super::super) const SYSTEM_PROMPT: &str = "system_prompt";
    pub(in super::super) const SAFETY_EVENT: &str = "safety_event";
}

// What is on everything: the resource, then who and where.
pub(super) const SERVICE_NAME: &str = "service.name";
pub(super) const SERVICE_VERSION: &str = "service.version";
pub(super) const SESSION_ID: &str = "session.id";
pub(super) const CLOUD_SESSION_ID: &str = "ccr.session.id";
pub(super) const APP_VERSION: &str = "app.version";
pub(super) const APP_ENTRYPOINT: &str = "app.entrypoint";
pub(super) const ORGANIZATION_ID: &str = "organization.id";
pub(super) const ACCOUNT_UUID: &str = "user.account_uuid";
pub(super) const ACCOUNT_ID: &str = "user.account_id";
pub(super) const INSTALLATION_ID: &str = "user.id";
pub(super) const USER_EMAIL: &str = "user.email";
pub(super) const USER_GROUPS: &str = "user.groups";
pub(super) const IDENTITY_SOURCE: &str = "identity.source";
pub(super) const PROVIDER: &str = "anthropic.provider";
pub(super) const CUSTOM_BASE_URL: &str = "anthropic.custom_base_url";
pub(super) const TERMINAL_TYPE: &str = "terminal.type";
pub(super) const REPOSITORY_URL: &str = "vcs.repository.url.full";
pub(super) const REPOSITORY_OWNER: &str = "vcs.owner.name";
pub(super) const REPOSITORY_NAME: &str = "vcs.repository.name";
pub(super) const REPOSITORY_PROVIDER: &str = "vcs.provider.name";
pub(super) const WORKSPACE_PATHS: &str = "workspace.host_paths";
/// An identity that operators set themselves, by the documentation's example.
pub(super) const END_USER_ID: &str = "enduser.id";

/// Beginnings of resource attributes that describe the program and its machine; not the operator's own.
pub(super) const STANDARD_RESOURCE_PREFIXES: [&str; 6] =
    ["service.", "os.", "host.", "wsl.", "telemetry.", "process."];

// On events.
pub(super) const EVENT_NAME: &str = "event.name";
pub(super) const EVENT_TIMESTAMP: &str = "event.timestamp";
pub(super) const EVENT_SEQUENCE: &str = "event.sequence";
pub(super) const PROMPT_ID: &str = "prompt.id";
pub(super) const MESSAGE_UUID: &str = "message.uuid";
pub(super) const MESSAGE_ID: &str = "message.id";
pub(super) const REQUEST_ID: &str = "request_id";
pub(super) const CLIENT_REQUEST_ID: &str = "client_request_id";
pub(super) const REQUEST_BODY_ID: &str = "request_body_id";
pub(super) const TOOL_USE_ID: &str = "tool_use_id";
pub(super) const AGENT_ID: &str = "agent_id";

// Requests.
pub(super) const MODEL: &str = "model";
pub(super) const INPUT_TOKENS: &str = "input_tokens";
pub(super) const OUTPUT_TOKENS: &str = "output_tokens";
pub(super) const CACHE_READ_TOKENS: &str = "cache_read_tokens";
pub(super) const CACHE_CREATION_TOKENS: &str = "cache_creation_tokens";
pub(super) const CACHE_CREATION_5M_TOKENS: &str = "cache_creation_5m_tokens";
pub(super) const CACHE_CREATION_1H_TOKENS: &str = "cache_creation_1h_tokens";
pub(super) const COST_USD: &str = "cost_usd";
pub(super) const COST_USD_MICROS: &str = "cost_usd_micros";
pub(super) const DURATION_MS: &str = "duration_ms";
pub(super) const TTFT_MS: &str = "ttft_ms";
pub(super) const SPEED: &str = "speed";
pub(super) const QUERY_SOURCE: &str = "query_source";
pub(super) const EFFORT: &str = "effort";
pub(super) const AGENT_NAME: &str = "agent.name";
pub(super) const SKILL_NAME: &str = "skill.name";
pub(super) const MCP_SERVER_NAME: &str = "mcp_server.name";
pub(super) const STATUS_CODE: &str = "status_code";
pub(super) const ERROR: &str = "error";
pub(super) const ATTEMPT: &str = "attempt";
pub(super) const TOTAL_RETRY_DURATION_MS: &str = "total_retry_duration_ms";
pub(super) const CATEGORY: &str = "category";

// Prompts.
pub(super) const PROMPT: &str = "prompt";
pub(super) const PROMPT_LENGTH: &str = "prompt_length";
pub(super) const COMMAND_NAME: &str = "command_name";

// Tools.
pub(super) const TOOL_NAME: &str = "tool_name";
/// What `tool_name` was called in 2025.
pub(super) const TOOL: &str = "tool";
pub(super) const TOOL_PARAMETERS: &str = "tool_parameters";
pub(super) const TOOL_INPUT: &str = "tool_input";
pub(super) const DECISION: &str = "decision";
/// Who decided, on decisions.
pub(super) const SOURCE: &str = "source";
pub(super) const SUCCESS: &str = "success";
pub(super) const ERROR_TYPE: &str = "error_type";
pub(super) const ERROR_CLASS: &str = "error_class";
pub(super) const LANGUAGE: &str = "language";

// Other events: what they were about, how they went.
pub(super) const TO_MODE: &str = "to_mode";
pub(super) const TRIGGER: &str = "trigger";
pub(super) const ACTION: &str = "action";
pub(super) const SERVER_NAME: &str = "server_name";
pub(super) const PLUGIN_NAME: &str = "plugin.name";
pub(super) const PLUGIN_ID: &str = "plugin_id";
pub(super) const STATUS: &str = "status";
pub(super) const INSTALL_TRIGGER: &str = "install.trigger";
pub(super) const ENABLED_VIA: &str = "enabled_via";
pub(super) const INVOCATION_TRIGGER: &str = "invocation_trigger";
pub(super) const MENTION_TYPE: &str = "mention_type";
pub(super) const HOOK_EVENT: &str = "hook_event";
pub(super) const HOOK_TYPE: &str = "hook_type";
pub(super) const HOOK_NAME: &str = "hook_name";
pub(super) const NUM_BLOCKING: &str = "num_blocking";
pub(super) const NUM_NON_BLOCKING_ERROR: &str = "num_non_blocking_error";
pub(super) const NUM_CANCELLED: &str = "num_cancelled";
pub(super) const TOTAL_DURATION_MS: &str = "total_duration_ms";
pub(super) const AGENT_TYPE: &str = "agent_type";
pub(super) const ERROR_NAME: &str = "error_name";
pub(super) const ERROR_CODE: &str = "error_code";
pub(super) const EVENT_TYPE: &str = "event_type";
pub(super) const RESPONSE: &str = "response";
pub(super) const RESULT: &str = "result";
pub(super) const SETTINGS_TRIGGER: &str = "managed_settings.trigger";
pub(super) const SETTINGS_ERROR: &str = "error.type";

// Metric points.
pub(super) const TYPE: &str = "type";
pub(super) const START_TYPE: &str = "start_type";

// Spans.
pub(super) const INTERACTION_DURATION_MS: &str = "interaction.duration_ms";

/// Names under which records keep fields that OTLP has beside the attributes.
pub(super) mod kept {
    pub(in super::super) const TRACE_ID: &str = "trace_id";
    pub(in super::super) const SPAN_ID: &str = "span_id";
    pub(in super::super) const PARENT_SPAN_ID: &str = "parent_span_id";
    pub(in super::super) const SPAN_EVENTS: &str = "span_events";
    pub(in super::super) const VALUE: &str = "value";
}

/// Values that mean something.
pub(super) mod value {
    pub(in super::super) const ACCEPT: &str = "accept";
    pub(in super::super) const REJECT: &str = "reject";
    pub(in super::super) const ADDED: &str = "added";
    pub(in super::super) const REMOVED: &str = "removed";
    pub(in super::super) const INPUT: &str = "input";
    pub(in super::super) const OUTPUT: &str = "output";
    pub(in super::super) const CACHE_READ: &str = "cacheRead";
    pub(in super::super) const CACHE_CREATION: &str = "cacheCreation";
    pub(in super::super) const USER: &str = "user";
    pub(in super::super) const CLI: &str = "cli";
    pub(in super::super) const FRESH: &str = "fresh";
    pub(in super::super) const FAST: &str = "fast";
    pub(in super::super) const NORMAL: &str = "normal";
    pub(in super::super) const UNKNOWN: &str = "unknown";
    /// `query_source` of events: a person at a terminal, a program, a subagent.
    pub(in super::super) const TERMINAL_SOURCE: &str = "repl_main_thread";
    pub(in super::super) const SDK_SOURCE: &str = "sdk";
    pub(in super::super) const AGENT_SOURCE_PREFIX: &str = "agent:";
    /// `query_source` of metrics.
    pub(in super::super) const MAIN: &str = "main";
    pub(in super::super) const SUBAGENT: &str = "subagent";
    pub(in super::super) const AUXILIARY: &str = "auxiliary";
    /// `service.name` of the desktop application's code tab, and the entrypoint it stands for.
    pub(in super::super) const DESKTOP_SERVICE: &str = "claude-code-desktop";
    pub(in super::super) const DESKTOP_ENTRYPOINT: &str = "claude-desktop";
    /// Entrypoints of sessions that run in Anthropic's cloud.
    pub(in super::super) const REMOTE_ENTRYPOINTS: [&str; 2] = ["remote", "claude-in-slack"];
}

/// Attributes that name the team unless configuration says otherwise.
pub(super) const DEFAULT_TEAM_ATTRIBUTES: [&str; 3] = ["team.id", "team", "department"];
/// Attributes that tell about running in the cloud unless configuration says otherwise.
pub(super) const DEFAULT_REMOTE_ATTRIBUTES: [&str; 2] = ["claude_code.remote", "remote"];

/// Attributes that hold what people and models wrote, what tools read and did, or paths.
pub(super) const CONTENT: [&str; 36] = [
    PROMPT,
    "prompt_text",
    RESPONSE,
    TOOL_INPUT,
    TOOL_PARAMETERS,
    ERROR,
    "error_message",
    "body",
    "body_ref",
    "message",
    "full_command",
    "bash_command",
    "command",
    "file_path",
    "content",
    "output",
    "diff",
    "hook_definitions",
    "user_prompt",
    "system_prompt",
    "system_prompt_preview",
    "user_system_prompt",
    "new_context",
    "response.model_output",
    "exception.message",
    "exception.stacktrace",
    "managed_settings.settings",
    "managed_settings.helper.path",
    "managed_settings.helper.entry",
    WORKSPACE_PATHS,
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
    "gen_ai.prompt",
];

/// Facts in `tool_parameters` that are no content: names and ids.
pub(super) const HARMLESS_PARAMETERS: [&str; 6] =
    ["mcp_server_name", "mcp_tool_name", "skill_name", "subagent_type", "git_commit_id", "git_branch"];
