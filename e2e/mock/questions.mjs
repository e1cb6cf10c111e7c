// Believable answers to the questions of the pages behind the Overview, made from its own days.

import { overview, random } from "./data.mjs";

const DAY_MS = 86_400_000;
const PARTS = {
  project: ["/home/ann/work/webshop", "/home/ann/work/payments-api", "/home/ann/work/ios-app", "unknown"],
  team: ["platform", "web", "mobile", "data", "infra", "security", "unknown"],
  person: Array.from({ length: 40 }, (_, i) => `person-${i}@example.org`),
  query_source: ["repl_main_thread", "agent", "compact", "unknown"],
  agent: ["unknown", "Explore", "Plan", "code-reviewer"],
  skill: ["unknown", "pdf", "frontend-design"],
  mcp_server: ["unknown", "github", "linear"],
  terminal: ["vscode", "iTerm.app", "tmux"],
  effort: ["high", "medium", "unknown"],
};
const TOOLS = ["Edit", "Bash", "Read", "Write", "Grep", "MultiEdit", "NotebookEdit", "mcp__github__create_issue"];
const LANGUAGES = ["TypeScript", "Rust", "Go", "Python", "SQL", "unknown"];

const share = (part, whole) => (whole > 0 ? part / whole : null);
const addDays = (date, days) => new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);

/** Splits an amount into falling parts that add up to it. */
function split(amount, count) {
  const weights = Array.from({ length: count }, (_, i) => 0.62 ** i);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const parts = weights.map((weight) => Math.floor((amount * weight) / whole));
  parts[0] += amount - parts.reduce((sum, part) => sum + part, 0);
  return parts;
}

export function breakdown(query) {
  const all = overview(query);
  const total = all.totals.cost_micros;
  const values = query.by === "model" ? all.models.map((row) => row.model) : PARTS[query.by];
  const costs =
    query.by === "model" ? all.models.map((row) => row.cost_micros.settled) : split(total.settled, values.length);
  const tokens = all.totals.tokens;
  const rows = total.settled === 0 ? [] : values.map((value, i) => {
    const part = costs[i] / total.settled;
    const scaled = Object.fromEntries(Object.entries(tokens).map(([k, v]) => [k, Math.round(v * part)]));
    return {
      value,
      cost_micros: { settled: costs[i], reported: costs[i], priced: costs[i] },
      previous_micros: Math.round(costs[i] * (0.7 + (i % 3) * 0.3)),
      share: part,
      requests: Math.round(all.totals.requests * part),
      tokens: scaled,
    };
  });
  const named = rows.slice(0, 6);
  const days = all.days.map((day) => {
    const parts = named.map((row) => Math.round(day.cost_micros.settled * (row.share ?? 0)));
    const others = day.cost_micros.settled - parts.reduce((sum, value) => sum + value, 0);
    const last = rows.length <= 6 && parts.length > 0;
    if (last) {
      parts[0] += others;
    }
    return {
      date: day.date,
      complete: day.complete,
      total: day.cost_micros.settled,
      values: parts,
      others: last ? 0 : others,
    };
  });
  return {
    range: all.range,
    compared: all.compared,
    by: query.by,
    total,
    previous: all.previous.cost_micros,
    rows,
    others: 0,
    days,
  };
}

export function movers(query) {
  const all = overview(query);
  const [now, before] = [all.totals.cost_micros.settled, all.previous.cost_micros.settled];
  const change = now - before;
  const part = (by, names) => {
    const swings = names.slice(0, 6).map((_, i) => Math.round((i % 2 === 0 ? 1 : -1) * now * 0.12 * 0.6 ** i));
    const rows = now === 0 ? [] : names.slice(0, 6).map((value, i) => ({
      value,
      before: Math.round(now * 0.3 * 0.7 ** i),
      now: Math.round(now * 0.3 * 0.7 ** i) + swings[i],
      change: swings[i],
    }));
    return { by, movers: rows, others: rows.length ? change - swings.reduce((sum, value) => sum + value, 0) : 0 };
  };
  return {
    range: all.range,
    compared: all.compared,
    before,
    now,
    change,
    parts: [
      part("project", PARTS.project),
      part("team", PARTS.team),
      part("model", all.models.map((row) => row.model)),
      part("agent", PARTS.agent),
    ],
  };
}

export function activity({ end, timezone, scale = 1 }) {
  const weekday = (new Date(end).getUTCDay() + 6) % 7;
  const count = 7 * 52 + weekday + 1;
  const start = addDays(end, 1 - count);
  const days = Array.from({ length: count }, (_, i) => {
    const date = addDays(start, i);
    const weekend = [0, 6].includes(new Date(date).getUTCDay());
    const busy = scale * (weekend ? 0.05 : 0.4 + random(Date.parse(date) / DAY_MS)());
    const requests = i < 90 ? 0 : Math.round(2_400 * busy);
    return { date, requests, cost_micros: requests * 33_000 };
  });
  return {
    range: { start, end, timezone },
    days,
    most_requests: Math.max(...days.map((day) => day.requests)),
    active_days: days.filter((day) => day.requests > 0).length,
  };
}

export function cost(query) {
  const all = overview(query);
  const { cost_micros: total, tokens } = all.totals;
  const of = (part) => Math.round(total.settled * part);
  const kinds = { input: of(0.06), cache_read: of(0.34), cache_creation: of(0.22), web_search: 0, unsplit: of(0.01) };
  const models = all.models.map((row) => ({
    model: row.model,
    reported: row.cost_micros.reported,
    priced: row.cost_micros.priced,
    difference: row.cost_micros.reported - row.cost_micros.priced,
    share: row.cost_micros.priced > 0 ? row.cost_micros.reported / row.cost_micros.priced - 1 : null,
  }));
  const sent = tokens.input + tokens.cache_read + tokens.cache_creation;
  return {
    range: all.range,
    compared: all.compared,
    price_book: all.price_book,
    total,
    previous: all.previous.cost_micros,
    tokens,
    kinds: { ...kinds, output: total.settled - Object.values(kinds).reduce((sum, value) => sum + value, 0) },
    cache: {
      saved_by_reads: of(3.1),
      paid_for_writes: of(0.2),
      net: of(3.1) - of(0.2),
      hit_rate: share(tokens.cache_read, sent),
    },
    reported: {
      reported: total.reported,
      priced: total.priced,
      difference: total.reported - total.priced,
      only_priced: 0,
      models,
    },
    unattributed: all.coverage.unattributed,
    unpriced_models: all.totals.unpriced_models,
  };
}

export function forecast({ today, timezone, scale = 1 }) {
  const start = `${today.slice(0, 8)}01`;
  const length = new Date(Date.UTC(Number(today.slice(0, 4)), Number(today.slice(5, 7)), 0)).getUTCDate();
  const end = addDays(start, length - 1);
  const month = overview({ start, end, timezone, today: addDays(today, 1), scale });
  let soFar = 0;
  let toCome = 0;
  let variance = 0;
  const days = month.days.map(({ date, cost_micros }) => {
    const past = date <= today;
    if (past) {
      soFar += cost_micros.settled;
    }
    if (date > today) {
      const usual = [0, 6].includes(new Date(date).getUTCDay()) ? 12e6 : 104e6;
      toCome += usual * scale;
      variance += (usual * 0.3) ** 2;
    }
    const band = 1.2816 * Math.sqrt(variance);
    const at = (value) => Math.round(soFar + Math.max(value, 0));
    return {
      date,
      cost: past ? cost_micros.settled : null,
      month_so_far: past ? soFar : null,
      expected:
        date >= today && scale > 0
          ? { expected: at(toCome), low: at(toCome - band), high: at(toCome + band) }
          : null,
    };
  });
  const budget = 2_600_000_000;
  const reached = days.find((day) => (day.expected?.expected ?? day.month_so_far ?? 0) > budget);
  return {
    start,
    end,
    today,
    so_far: soFar,
    month_before_so_far: Math.round(soFar * 0.9),
    month_before: Math.round(2_240_000_000 * scale),
    end_of_month: days.at(-1).expected,
    history_days: 56,
    budget: { amount: budget, used: soFar / budget, used_up_on: reached?.date ?? null },
    days,
  };
}

function modelUse(row, all, i) {
  const errors = Math.round(row.requests * 0.004 * (1 + (i % 4)));
  return {
    model: row.model,
    requests: row.requests,
    tokens: row.tokens,
    cost_micros: row.cost_micros,
    priced: row.priced,
    cost_share: share(row.cost_micros.settled, all.cost_micros.settled),
    request_share: share(row.requests, all.requests),
    cost_per_request: row.requests ? Math.round(row.cost_micros.settled / row.requests) : null,
    output_per_request: row.requests ? Math.round(row.tokens.output / row.requests) : null,
    cache_hit_rate: 0.93 - i * 0.02,
    duration_ms: { p50: 4_200 + i * 900, p95: 21_000 + i * 4_000 },
    first_token_ms: i % 3 === 2 ? { p50: null, p95: null } : { p50: 900 + i * 80, p95: 3_100 + i * 300 },
    errors,
    error_rate: share(errors, row.requests + errors),
    gave_up: Math.round(errors / 9),
  };
}

export function models(query) {
  const all = overview(query);
  const rows = all.models.map((row, i) => modelUse(row, all.totals, i));
  const errors = rows.reduce((sum, row) => sum + row.errors, 0);
  return {
    range: all.range,
    models: rows,
    all: {
      ...modelUse({ model: "all", priced: false, ...all.totals }, all.totals, 0),
      errors,
      error_rate: share(errors, all.totals.requests + errors),
      duration_ms: all.totals.requests ? { p50: 5_300, p95: 28_000 } : { p50: null, p95: null },
    },
    days: all.days.map((day, i) => ({
      date: day.date,
      complete: day.complete,
      models: day.models,
      duration_ms: day.requests ? { p50: 5_000 + (i % 5) * 300, p95: 26_000 + (i % 7) * 900 } : { p50: null, p95: null },
      errors: Math.round(day.requests * 0.006),
    })),
    errors: rows.filter((row) => row.errors > 0).flatMap((row) => [
      { model: row.model, status: "529", error: "overloaded_error", count: Math.ceil(row.errors * 0.7) },
      { model: row.model, status: null, error: null, count: Math.floor(row.errors * 0.3) },
    ]).filter((row) => row.count > 0),
  };
}

const decisions = (accepted, rejected) => ({
  accepted,
  rejected,
  acceptance_rate: share(accepted, accepted + rejected),
});

export function tools(query) {
  const all = overview(query);
  const edits = all.totals.decisions;
  const results = (calls, i) => {
    const failed = Math.round(calls * 0.03 * (1 + (i % 3)));
    return {
      succeeded: calls - failed,
      failed,
      success_rate: share(calls - failed, calls),
      duration_ms: calls ? { p50: 40 + i * 130, p95: 900 + i * 2_300 } : { p50: null, p95: null },
    };
  };
  const calls = split(edits.accepted * 6, TOOLS.length);
  const nothing = edits.accepted === 0;
  return {
    range: all.range,
    compared: all.compared,
    edits,
    previous_edits: all.previous.decisions,
    all: decisions(edits.accepted * 6, edits.rejected * 2),
    results: results(edits.accepted * 6, 0),
    previous_results: results(all.previous.decisions.accepted * 6, 0),
    tools: nothing ? [] : TOOLS.map((tool, i) => ({
      tool,
      edits: /Edit|Write/.test(tool),
      calls: calls[i],
      decisions: decisions(Math.round(calls[i] * 0.96), Math.round(calls[i] * 0.02)),
      results: results(calls[i], i),
    })),
    errors: nothing ? [] : TOOLS.slice(0, 5).map((tool, i) => ({
      tool,
      error: i === 3 ? null : ["Error", "ShellError", "timeout"][i % 3],
      count: 120 - i * 21,
    })),
    days: all.days.map((day) => ({
      date: day.date,
      complete: day.complete,
      edits: decisions(day.sessions * 9, Math.round(day.sessions * 0.6)),
      succeeded: day.sessions * 50,
      failed: day.sessions * 2,
    })),
  };
}

const DECIDED = {
  decided_by: ["config", "user_temporary", "user_reject", "hook"],
  tool: TOOLS,
  language: LANGUAGES,
};

export function toolDecisions(query) {
  const all = overview(query);
  const decided = (accepted, rejected) => ({ all: accepted + rejected, ...decisions(accepted, rejected) });
  const values = all.totals.sessions === 0 ? [] : DECIDED[query.by];
  const count = (sessions, i) => {
    const calls = Math.round(sessions * 9 * 0.6 ** i);
    return decided(calls - Math.round(calls * 0.04 * i), Math.round(calls * 0.04 * i));
  };
  const sum = (parts) =>
    decided(
      parts.reduce((sum, part) => sum + part.accepted, 0),
      parts.reduce((sum, part) => sum + part.rejected, 0),
    );
  const ofDay = (i) => all.days.map((day) => count(day.sessions, i));
  const rows = values.map((value, i) => ({ value, decisions: sum(ofDay(i)) }));
  return {
    range: all.range,
    by: query.by,
    total: sum(rows.map((row) => row.decisions)),
    rows,
    others: 0,
    days: all.days.map((day) => ({
      date: day.date,
      complete: day.complete,
      values: values.slice(0, 6).map((_, i) => count(day.sessions, i)),
      others: sum(values.slice(6).map((_, i) => count(day.sessions, i + 6))),
    })),
  };
}

function output(totals, people, personDays) {
  const cost = totals.cost_micros.settled;
  const each = (amount, count) => (count > 0 ? Math.round(amount / count) : null);
  return {
    lines: totals.lines,
    commits: totals.commits,
    pull_requests: totals.pull_requests,
    sessions: totals.sessions,
    active_time_ms: totals.active_time_ms,
    cost_micros: cost,
    people,
    person_days: personDays,
    per_person_day: {
      lines_added: each(totals.lines.added, personDays),
      milli_commits: each(totals.commits * 1_000, personDays),
      milli_pull_requests: each(totals.pull_requests * 1_000, personDays),
      milli_sessions: each(totals.sessions * 1_000, personDays),
      active_user_ms: each(totals.active_time_ms.user, personDays),
      cost_micros: each(cost, personDays),
    },
    cost_per_commit: each(cost, totals.commits),
    cost_per_pull_request: each(cost, totals.pull_requests),
    cost_per_hundred_lines: each(cost * 100, totals.lines.added),
  };
}

export function productivity(query) {
  const all = overview(query);
  const scaled = (part) => {
    const of = (value) => Math.round(value * part);
    const { totals } = all;
    return output(
      {
        lines: { added: of(totals.lines.added), removed: of(totals.lines.removed) },
        commits: of(totals.commits),
        pull_requests: of(totals.pull_requests),
        sessions: of(totals.sessions),
        active_time_ms: { user: of(totals.active_time_ms.user), cli: of(totals.active_time_ms.cli) },
        cost_micros: { settled: of(totals.cost_micros.settled) },
      },
      Math.ceil(totals.active_people * part),
      of(totals.sessions / 3),
    );
  };
  const nothing = all.totals.sessions === 0;
  const parts = (names) =>
    nothing ? [] : names.map((value, i) => ({ value, output: scaled(0.4 * 0.62 ** i) }));
  return {
    range: all.range,
    compared: all.compared,
    total: scaled(1),
    previous: output(all.previous, all.previous.active_people, Math.round(all.previous.sessions / 3)),
    days: all.days.map((day) => ({
      date: day.date,
      complete: day.complete,
      lines: day.lines,
      commits: Math.round(day.sessions * 0.8),
      pull_requests: Math.round(day.sessions * 0.17),
      sessions: day.sessions,
      active_time_ms: { user: day.sessions * 1_260_000, cli: day.sessions * 3_120_000 },
      people: Math.min(40, day.sessions),
    })),
    teams: parts([...PARTS.team].sort()),
    projects: parts(PARTS.project),
  };
}

export function postings(query, requests) {
  const postings = requests.map((request, i) => ({
    at: request.at,
    kind: "request",
    value: query.figure === "cost" ? request.cost_micros.settled : 1,
    session_id: request.session_id,
    actor: request.actor,
    team: i % 3 ? "web" : null,
    project: request.project,
    model: request.model,
    subject: null,
    outcome: null,
    query_source: request.query_source,
    agent: request.agent,
    tokens: request.tokens,
    cost_micros: request.cost_micros,
  }));
  return {
    range: { start: query.start, end: query.end, timezone: query.timezone },
    figure: query.figure,
    total: postings.reduce((sum, row) => sum + row.value, 0),
    count: postings.length,
    postings,
  };
}
