// Believable answers about people, teams, projects and sessions, made from the Overview's own days.

import { overview, random } from "./data.mjs";

const NAMES = ["ann", "bob", "cleo", "dmitri", "esra", "finn", "gita", "hugo", "ines", "jonas", "kaya", "lior"];
const TEAMS = ["platform", "web", "mobile", "data", null];
const PROJECTS = ["webshop", "payments-api", "ios-app", "data-platform"];
const STANDINGS = ["steady", "new", "returning", "steady"];
const MODELS = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"];
const HOUR_MS = 3_600_000;

const share = (part, whole) => (whole > 0 ? part / whole : null);
const ago = (ms) => new Date(Date.now() - ms).toISOString();

/** The part of the range's amounts that is one of many's: falling, as such lists are. */
function part(all, index, ratio = 0.7) {
  const weight = (1 - ratio) * ratio ** index;
  const of = (value) => Math.round(value * weight);
  const each = (amounts) => Object.fromEntries(Object.entries(amounts).map(([name, value]) => [name, of(value)]));
  const { totals } = all;
  return {
    sessions: of(totals.sessions),
    requests: of(totals.requests),
    tokens: each(totals.tokens),
    cost_micros: each(totals.cost_micros),
    lines: each(totals.lines),
    commits: of(totals.commits),
    pull_requests: of(totals.pull_requests),
    daily_cost_micros: all.days.map((day) => of(day.cost_micros.settled)),
  };
}

const nothingIn = (all) => all.totals.requests === 0;

function decisions(accepted, rejected) {
  return { accepted, rejected, acceptance_rate: share(accepted, accepted + rejected) };
}

export function adoption(query) {
  const all = overview(query);
  const people = nothingIn(all) ? 0 : NAMES.length;
  return {
    range: all.range,
    active: people,
    active_before: Math.max(0, people - 2),
    new: Math.min(2, people),
    returning: Math.min(1, people),
    steady: Math.max(0, people - 3),
    silent: people > 0 ? 1 : 0,
    silent_people: people > 0 ? [{ actor: "olga@example.org", last_active: `${all.compared.end}T15:20:00Z` }] : [],
    days: all.days.map((day) => ({
      date: day.date,
      complete: day.complete,
      daily: Math.min(people, Math.round(day.sessions / 9)),
      weekly: people > 0 ? people - 1 : 0,
      monthly: people,
    })),
  };
}

export function people(query) {
  const all = overview(query);
  const names = nothingIn(all) ? [] : NAMES.filter((name) => name.includes(query.search ?? ""));
  const offset = Number(query.offset ?? 0);
  const row = (name, i) => ({
    actor: `${name}@example.org`,
    team: TEAMS[i % TEAMS.length],
    standing: STANDINGS[i % STANDINGS.length],
    active_days: Math.max(1, all.days.length - i),
    last_seen: ago(i * 5 * HOUR_MS),
    decisions: decisions(200 - i * 9, i * 3),
    ...part(all, i, 0.82),
  });
  return { range: all.range, found: names.length, offset, people: names.map(row).slice(offset) };
}

export function person(query) {
  const all = overview(query);
  const next = random(query.name.length);
  const hours = Array.from({ length: 7 }, (_, day) =>
    Array.from({ length: 24 }, (_, hour) =>
      day < 5 && hour > 7 && hour < 19 && !nothingIn(all) ? Math.round(next() * 60) : 0,
    ),
  );
  return {
    range: all.range,
    actor: query.name,
    first_seen: "2026-01-12T08:10:00Z",
    last_seen: ago(HOUR_MS),
    standing: "steady",
    active_days: nothingIn(all) ? 0 : Math.ceil(all.days.length * 0.7),
    teams: ["platform"],
    terminals: ["vscode", "tmux"],
    client_versions: ["2.1.330", "2.1.328"],
    subscriptions: ["team"],
    hours,
  };
}

export function teams(query) {
  const all = overview(query);
  const row = (team, i) => {
    const figures = part(all, i, 0.6);
    const active_people = 4 - Math.min(3, i);
    const cost_per_person_micros = Math.round(figures.cost_micros.settled / active_people);
    return { team, active_people, cost_per_person_micros, ...figures };
  };
  return { range: all.range, teams: nothingIn(all) ? [] : TEAMS.map(row) };
}

function projectRow(all, name, i) {
  return {
    project: `/home/ann/work/${name}`,
    people: 6 - i,
    branches: 5 - i,
    members: [`/home/ann/work/${name}`],
    repositories: [`github.com/example/${name}`],
    worktrees: i === 0 ? [`/home/ann/work/${name}-fix`] : [],
    ...part(all, i, 0.6),
  };
}

export function projects(query) {
  const all = overview(query);
  const rows = nothingIn(all) ? [] : PROJECTS.map((name, i) => projectRow(all, name, i));
  return { range: all.range, found: rows.length, projects: rows };
}

export function project(query) {
  const all = overview(query);
  const name = query.name.split("/").at(-1);
  const row = projectRow(all, name, 0);
  const branch = (branch, i) => ({ branch, people: 3 - i, last_seen: ago(i * 30 * HOUR_MS), ...part(all, i + 1, 0.6) });
  const directory = (directory, i) => ({
    directory,
    is_worktree: i > 0,
    last_seen: ago(i * 40 * HOUR_MS),
    ...part(all, i + 1, 0.6),
  });
  return {
    range: all.range,
    project: row,
    branches: ["main", "fix-checkout", null].map(branch),
    directories: [...row.members, ...row.worktrees].map(directory),
  };
}

function listed(all, i) {
  const ended = Date.now() - i * 3 * HOUR_MS - 120_000;
  const duration_ms = 900_000 + i * 240_000;
  return {
    session_id: `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`,
    actor: `${NAMES[i % NAMES.length]}@example.org`,
    team: TEAMS[i % TEAMS.length],
    project: `/home/ann/work/${PROJECTS[i % PROJECTS.length]}`,
    repository: `github.com/example/${PROJECTS[i % PROJECTS.length]}`,
    branch: i % 3 ? "main" : null,
    terminal: "vscode",
    started_at: new Date(ended - duration_ms).toISOString(),
    ended_at: new Date(ended).toISOString(),
    duration_ms,
    models: MODELS.slice(0, 1 + (i % 3)),
    prompts: 3 + (i % 9),
    tool_calls: 18 + i,
    tool_failures: i % 4,
    api_errors: i % 7 === 0 ? 1 : 0,
    sources: ["events", "metrics"],
    ...part(all, i, 0.9),
    commits: i % 3,
    pull_requests: i % 5 === 0 ? 1 : 0,
  };
}

export function sessions(query) {
  const all = overview(query);
  const rows = nothingIn(all) ? [] : Array.from({ length: 60 }, (_, i) => listed(all, i));
  const found = rows.filter((row) => JSON.stringify(row).includes(query.search ?? ""));
  const offset = Number(query.offset ?? 0);
  const limit = Number(query.limit ?? 50);
  return { range: all.range, found: found.length, offset, sessions: found.slice(offset, offset + limit) };
}

/** One session, whatever its id: two prompts, requests and tools after each, a subagent, a compaction. */
export function session(query) {
  const today = query.today;
  const all = overview({ start: today, end: today, timezone: "UTC", today });
  const own = { ...listed(all, 2), session_id: query.session };
  const begin = Date.parse(own.started_at);
  const at = (minutes) => new Date(begin + minutes * 60_000).toISOString();
  const blank = {
    accepted: null,
    attempts: null,
    cost_micros: null,
    decided_by: null,
    detail: null,
    duration_ms: null,
    length: null,
    lines: null,
    missing: null,
    subagent: null,
    succeeded: null,
    tokens: null,
  };
  const entry = (minutes, kind, title, more = {}) => ({
    ...blank,
    at: at(minutes),
    started_at: at(minutes),
    kind,
    title,
    ...more,
  });
  const { tokens, cost_micros } = part(all, 6, 0.8);
  const request = (minutes, model, more = {}) =>
    entry(minutes, "request", model, { tokens, cost_micros, duration_ms: 9_400, ...more });
  const tool = (minutes, title, more = {}) =>
    entry(minutes, "tool", title, { accepted: true, decided_by: "config", succeeded: true, duration_ms: 350, ...more });
  const entries = [
    entry(0, "start", "fresh"),
    entry(0.2, "prompt", "Prompt", { length: 84 }),
    request(0.5, MODELS[0]),
    tool(1, "Read"),
    request(1.6, MODELS[2], { subagent: 0 }),
    tool(2, "Grep", { subagent: 0 }),
    tool(3, "Edit", { lines: { added: 24, removed: 6 }, decided_by: "user_temporary" }),
    tool(4, "Bash", { succeeded: false, detail: "ShellError" }),
    entry(5, "error", "529", { attempts: 2, duration_ms: 1_900 }),
    entry(8, "compaction", "auto"),
    entry(10, "prompt", "Prompt", { length: 31 }),
    request(11, MODELS[0]),
    entry(14, "commit", "Commit"),
  ];
  const requests = entries.filter(({ kind }) => kind === "request");
  return {
    boundary: new Date().toISOString(),
    session: own,
    active_time_ms: { user: 240_000, cli: 610_000 },
    client_versions: ["2.1.330"],
    entrypoints: ["cli"],
    commands: 1,
    relatives: [],
    decisions: decisions(3, 0),
    context: requests.map(({ at, title }, i) => ({ at, model: title, tokens: 24_000 + i * 31_000, cached: 18_000 })),
    spending: requests.map(({ at }, i) => ({ at, cost_micros: (i + 1) * cost_micros.settled })),
    models: MODELS.slice(0, 2).map((model, i) => ({ model, ...part(all, i + 3, 0.7) })),
    subagents: [
      {
        kind: "Explore",
        started_at: at(1.5),
        ended_at: at(2.4),
        duration_ms: 54_000,
        requests: 1,
        tool_calls: 1,
        tokens,
        cost_micros,
      },
    ],
    entries,
    entries_before: 0,
    coverage: {
      records_read: true,
      events: { processes: 1, received: 41, missing: 2, received_share: 41 / 43 },
      sources: [
        { source: "events", records: 41, newest_at: own.ended_at },
        { source: "metrics", records: 12, newest_at: own.ended_at },
      ],
      unattributed: { tokens, cost_micros, cost_share: 0.02 },
    },
  };
}
