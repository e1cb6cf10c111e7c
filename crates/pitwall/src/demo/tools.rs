//! Tool calls: which tools are called, who allows it, how they end.

use model::{Decision, Timestamp, ToolOutcome};

use super::chance::{Dice, Spread, api_id, happens, pick};
use super::company::Language;
use super::facts::{Fact, Happening};

/// A tool.
#[derive(Debug)]
pub(super) struct Tool {
    /// Its name, as the client gives it.
    pub(super) name: &'static str,
    permission: Permission,
    duration_ms: Spread,
    /// Tokens that its result adds to the context.
    result_tokens: Spread,
    /// Calls that fail, of a thousand, and what the client calls that.
    fails_permille: u32,
    failure: &'static str,
}

/// What has to be asked before a tool runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Permission {
    /// Nothing.
    Given,
    /// A command may be run.
    Commands,
    /// A file may be changed.
    Edits,
    /// The outside may be asked.
    Outside,
}

/// Runs commands; also what commits and opens pull requests.
pub(super) const BASH: Tool = Tool {
    name: "Bash",
    permission: Permission::Commands,
    duration_ms: Spread([30, 90, 900, 14_000, 140_000]),
    result_tokens: Spread([20, 60, 350, 2_200, 9_000]),
    fails_permille: 95,
    failure: "ShellError",
};

const READ: Tool = Tool {
    name: "Read",
    permission: Permission::Given,
    duration_ms: Spread([2, 4, 11, 40, 300]),
    result_tokens: Spread([80, 350, 1_500, 5_200, 17_000]),
    fails_permille: 18,
    failure: "FileNotFound",
};

const EDIT: Tool = Tool {
    name: "Edit",
    permission: Permission::Edits,
    duration_ms: Spread([5, 9, 22, 80, 700]),
    result_tokens: Spread([90, 150, 300, 700, 1_800]),
    fails_permille: 12,
    failure: "FileModified",
};

const WRITE: Tool = Tool { name: "Write", fails_permille: 6, ..EDIT };

const NOTEBOOK_EDIT: Tool = Tool { name: "NotebookEdit", ..EDIT };

/// Tools of servers; the client hides their names.
const MCP: Tool = Tool {
    name: "mcp_tool",
    permission: Permission::Outside,
    duration_ms: Spread([60, 180, 620, 2_800, 21_000]),
    result_tokens: Spread([120, 500, 1_800, 6_000, 20_000]),
    fails_permille: 55,
    failure: "McpError",
};

const WEB_FETCH: Tool = Tool {
    name: "WebFetch",
    permission: Permission::Outside,
    duration_ms: Spread([400, 900, 2_300, 7_500, 30_000]),
    result_tokens: Spread([300, 800, 2_000, 4_500, 9_000]),
    fails_permille: 80,
    failure: "HttpError",
};

const WEB_SEARCH: Tool = Tool {
    name: "WebSearch",
    permission: Permission::Given,
    duration_ms: Spread([900, 1_800, 4_000, 9_000, 20_000]),
    result_tokens: Spread([600, 1_100, 2_000, 3_200, 5_000]),
    fails_permille: 15,
    failure: "HttpError",
};

/// Hands work to a subagent; the session knows how long that takes.
pub(super) const AGENT: Tool = Tool {
    name: "Agent",
    permission: Permission::Given,
    duration_ms: Spread([0; 5]),
    result_tokens: Spread([400, 700, 1_300, 2_600, 5_000]),
    fails_permille: 0,
    failure: "",
};

const MAIN_TOOLS: [(&Tool, u32); 8] = [
    (&READ, 340),
    (&BASH, 300),
    (&EDIT, 225),
    (&WRITE, 45),
    (&MCP, 42),
    (&WEB_FETCH, 12),
    (&WEB_SEARCH, 12),
    (&AGENT, 24),
];

/// Subagents look and try; the edits are made by those who sent them.
const AGENT_TOOLS: [(&Tool, u32); 3] = [(&READ, 620), (&BASH, 340), (&WEB_SEARCH, 40)];

/// Of the edits in a language of notebooks, those of notebooks, of a thousand.
const NOTEBOOK_PERMILLE: u32 = 130;

/// Commands that the settings let through, and those a hook decides, of a thousand.
const ALLOWED_COMMANDS_PERMILLE: u32 = 640;
const HOOKED_COMMANDS_PERMILLE: u32 = 60;
/// Of what a hook decides, what it refuses.
const HOOK_REFUSES_PERMILLE: u32 = 240;
/// Of what has to be asked and nobody is there to answer, what the settings refuse.
const UNATTENDED_REFUSES_PERMILLE: u32 = 22;
/// Questions about commands and the outside that are answered with no.
const COMMAND_REJECTED_PERMILLE: u32 = 55;
const OUTSIDE_REJECTED_PERMILLE: u32 = 30;

const YES: [(&str, u32); 2] = [("user_temporary", 72), ("user_permanent", 28)];
const NO: [(&str, u32); 2] = [("user_reject", 80), ("user_abort", 20)];

/// How long people look at a question.
const ANSWERED_AFTER_MS: Spread = Spread([600, 1_500, 4_500, 28_000, 300_000]);
/// How long the client itself takes to decide.
const DECIDED_AFTER_MS: i64 = 14;

/// Lines of an edit and of a written file.
const ADDED_LINES: Spread = Spread([0, 1, 6, 31, 140]);
const REMOVED_LINES: Spread = Spread([0, 0, 2, 14, 90]);
const WRITTEN_LINES: Spread = Spread([3, 14, 62, 190, 520]);

/// Whose calls these are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    /// Whether somebody is there to be asked.
    pub(super) attended: bool,
    /// Edits let through without a question, of a thousand.
    pub(super) trusts_permille: u32,
    /// Language of the files at hand.
    pub(super) language: Language,
    /// Model that calls.
    pub(super) model: &'static str,
}

/// A call that was made.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) happenings: Vec<Happening>,
    /// When it ended, or was refused.
    pub(super) ended_at: Timestamp,
    /// How long somebody was asked.
    pub(super) asked_ms: i64,
    /// Tokens of its result.
    pub(super) result_tokens: i64,
    pub(super) accepted: bool,
    pub(super) succeeded: bool,
    /// Whether it changed a file.
    pub(super) edited: bool,
}

/// The tool that the main conversation calls next.
pub(super) fn main_tool(dice: &mut Dice, language: Language) -> &'static Tool {
    let tool = *pick(dice, &MAIN_TOOLS);
    let in_notebook = tool.permission == Permission::Edits && language.notebooks;
    if in_notebook && happens(dice, NOTEBOOK_PERMILLE) { &NOTEBOOK_EDIT } else { tool }
}

/// The tool that a subagent calls next.
pub(super) fn agent_tool(dice: &mut Dice) -> &'static Tool {
    pick::<&Tool>(dice, &AGENT_TOOLS)
}

/// Whether it asks a server, whose result the next request then consumes.
pub(super) fn is_mcp(tool: &Tool) -> bool {
    tool.name == MCP.name
}

/// Calls a tool.
pub(super) fn call(dice: &mut Dice, tool: &Tool, caller: Caller, at: Timestamp) -> Call {
    let verdict = decide(dice, tool.permission, caller);
    call_as_decided(dice, tool, caller, at, verdict)
}

/// Calls a tool that is let through, whoever else would be asked.
pub(super) fn call_allowed(dice: &mut Dice, tool: &Tool, caller: Caller, at: Timestamp) -> Call {
    call_as_decided(dice, tool, caller, at, Verdict::by_client(true))
}

fn call_as_decided(dice: &mut Dice, tool: &Tool, caller: Caller, at: Timestamp, verdict: Verdict) -> Call {
    let id = api_id(dice, "toolu");
    let decided_at = at.plus_micros((DECIDED_AFTER_MS + verdict.asked_ms) * 1_000);
    let is_edit = tool.permission == Permission::Edits;
    let decision = Decision {
        tool_use_id: Some(id.clone()),
        tool: tool.name.into(),
        accepted: verdict.accepted,
        decided_by: Some(verdict.by.into()),
        language: is_edit.then(|| caller.language.name.into()),
    };
    let mut call = Call {
        happenings: vec![Happening { at: decided_at, fact: Fact::Decided(decision) }],
        ended_at: decided_at,
        asked_ms: verdict.asked_ms,
        result_tokens: 40,
        accepted: verdict.accepted,
        succeeded: false,
        edited: false,
    };
    if verdict.accepted {
        call.run(dice, tool, caller, id);
    }
    call
}

impl Call {
    fn run(&mut self, dice: &mut Dice, tool: &Tool, caller: Caller, id: String) {
        let duration_ms = tool.duration_ms.draw(dice);
        self.ended_at = self.ended_at.plus_micros(duration_ms * 1_000);
        self.succeeded = !happens(dice, tool.fails_permille);
        self.result_tokens = tool.result_tokens.draw(dice);
        let outcome = ToolOutcome {
            tool_use_id: Some(id),
            tool: tool.name.into(),
            succeeded: self.succeeded,
            error: (!self.succeeded).then(|| tool.failure.into()),
            duration_ms: Some(duration_ms),
            ..ToolOutcome::default()
        };
        self.happenings.push(Happening { at: self.ended_at, fact: Fact::ToolEnded(outcome) });
        self.edited = self.succeeded && tool.permission == Permission::Edits;
        // The client counts no lines in notebooks.
        if self.edited && tool.name != NOTEBOOK_EDIT.name {
            let is_new = tool.name == WRITE.name;
            let added = if is_new { WRITTEN_LINES.draw(dice) } else { ADDED_LINES.draw(dice) };
            let removed = if is_new { 0 } else { REMOVED_LINES.draw(dice) };
            let fact = Fact::Edited { added: added as u32, removed: removed as u32, model: caller.model };
            self.happenings.push(Happening { at: self.ended_at, fact });
        }
    }
}

#[derive(Clone, Copy)]
struct Verdict {
    accepted: bool,
    by: &'static str,
    asked_ms: i64,
}

impl Verdict {
    const fn by_client(accepted: bool) -> Self {
        Self { accepted, by: "config", asked_ms: 0 }
    }

    /// Somebody is asked, who says no in so many of a thousand cases.
    fn by_user(dice: &mut Dice, rejected_permille: u32) -> Self {
        let accepted = !happens(dice, rejected_permille);
        let by = *pick(dice, if accepted { &YES } else { &NO });
        Self { accepted, by, asked_ms: ANSWERED_AFTER_MS.draw(dice) }
    }
}

fn decide(dice: &mut Dice, permission: Permission, caller: Caller) -> Verdict {
    match permission {
        Permission::Given => Verdict::by_client(true),
        _ if !caller.attended => Verdict::by_client(!happens(dice, UNATTENDED_REFUSES_PERMILLE)),
        Permission::Edits if happens(dice, caller.trusts_permille) => Verdict::by_client(true),
        Permission::Edits => Verdict::by_user(dice, caller.language.rejected_permille),
        Permission::Commands if happens(dice, ALLOWED_COMMANDS_PERMILLE) => Verdict::by_client(true),
        Permission::Commands if happens(dice, HOOKED_COMMANDS_PERMILLE) => {
            Verdict { accepted: !happens(dice, HOOK_REFUSES_PERMILLE), by: "hook", asked_ms: 0 }
        }
        Permission::Commands => Verdict::by_user(dice, COMMAND_REJECTED_PERMILLE),
        Permission::Outside => Verdict::by_user(dice, OUTSIDE_REJECTED_PERMILLE),
    }
}
