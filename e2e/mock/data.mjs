// Believable answers of the server, made from a seed: the page can be worked on without one.

const MODELS = [
  { id: "claude-opus-5-5", share: 0.34, micros: 9 },
  { id: "claude-sonnet-5-5", share: 0.3, micros: 3.2 },
  { id: "claude-fable-5-2", share: 0.08, micros: 14 },
  { id: "claude-haiku-5-5", share: 0.14, micros: 0.8 },
  { id: "claude-opus-4-8", share: 0.05, micros: 9 },
  { id: "claude-sonnet-4-6", share: 0.05, micros: 3.2 },
  { id: "claude-haiku-4-5", share: 0.03, micros: 0.7 },
  { id: "claude-unheard-9-9", share: 0.01, micros: 0 },
];
const TOOLS = ["Edit", "Write", "Bash", "MultiEdit", "NotebookEdit", "WebFetch"];
const PROJECTS = [
  "webshop",
  "payments-api",
  "ios-app",
  "infrastructure",
  "a-service-with-a-rather-long-name-that-somebody-chose-in-2019",
  "design-system",
  "data-platform",
  "docs",
  "search",
  "scratch",
];
const SOURCES = ["events", "metrics", "traces", "transcripts"];
const DAY_MS = 86_400_000;

/** A small seeded generator (mulberry32), so that every run shows the same figures. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const noTokens = () => ({
  input: 0,
  output: 0,
  cache_read: 0,
  cache_creation: 0,
  cache_creation_5m: 0,
  cache_creation_1h: 0,
});
const noCost = () => ({ settled: 0, reported: 0, priced: 0 });

function tokensOf(count, next) {
  const creation = Math.round(count * 0.05);
  const long = Math.round(creation * next() * 0.3);
  return {
    input: Math.round(count * 0.01),
    output: Math.round(count * 0.02),
    cache_read: Math.round(count * 0.92),
    cache_creation: creation,
    cache_creation_5m: creation - long,
    cache_creation_1h: long,
  };
}

function add(into, from) {
  for (const [name, value] of Object.entries(from)) {
    into[name] += value;
  }
}

function costOf(micros) {
  return { settled: micros, reported: micros, priced: Math.round(micros * 0.998) };
}

function dayOf(date, complete, scale) {
  const next = random(Date.parse(date) / DAY_MS);
  const weekend = [0, 6].includes(new Date(date).getUTCDay());
  const busy = scale * (weekend ? 0.12 : 0.7 + next() * 0.6) * (complete ? 1 : 0.4);
  const day = {
    date,
    complete,
    sessions: Math.round(90 * busy),
    requests: 0,
    tokens: noTokens(),
    cost_micros: noCost(),
    lines: { added: Math.round(9_400 * busy), removed: Math.round(3_100 * busy) },
    models: [],
  };
  for (const model of MODELS) {
    const count = Math.round(160_000_000 * busy * model.share * (0.6 + next() * 0.8));
    const tokens = tokensOf(count, next);
    const cost_micros = costOf(Math.round(count * model.micros * 0.11));
    const requests = Math.round(count / 52_000);
    if (requests > 0) {
      day.models.push({ model: model.id, requests, tokens, cost_micros });
      day.requests += requests;
      add(day.tokens, tokens);
      add(day.cost_micros, cost_micros);
    }
  }
  return day;
}

function datesFrom(start, count) {
  return Array.from({ length: count }, (_, i) =>
    new Date(Date.parse(start) + i * DAY_MS).toISOString().slice(0, 10),
  );
}

function daysBefore(date, count) {
  return new Date(Date.parse(date) - count * DAY_MS).toISOString().slice(0, 10);
}

function totalsOf(days) {
  const totals = {
    sessions: 0,
    requests: 0,
    prompts: 0,
    tokens: noTokens(),
    cost_micros: noCost(),
    lines: { added: 0, removed: 0 },
    commits: 0,
    pull_requests: 0,
    decisions: { accepted: 0, rejected: 0, acceptance_rate: null },
    api_errors: 0,
    active_time_ms: { user: 0, cli: 0 },
    active_people: 0,
    unpriced_models: [],
  };
  for (const day of days) {
    totals.sessions += day.sessions;
    totals.requests += day.requests;
    add(totals.tokens, day.tokens);
    add(totals.cost_micros, day.cost_micros);
    add(totals.lines, day.lines);
  }
  const { sessions } = totals;
  totals.prompts = sessions * 7;
  totals.commits = Math.round(sessions * 0.8);
  totals.pull_requests = Math.round(sessions * 0.17);
  totals.decisions.accepted = sessions * 9;
  totals.decisions.rejected = Math.round(sessions * 0.61);
  totals.decisions.acceptance_rate = sessions
    ? (sessions * 9) / (sessions * 9 + Math.round(sessions * 0.61))
    : null;
  totals.active_time_ms = { user: sessions * 1_260_000, cli: sessions * 3_120_000 };
  totals.active_people = Math.min(40, sessions);
  return totals;
}

/** The answer to `/api/v1/overview`. `scale` 0 is a range in which nothing happened. */
export function overview({ start, end, timezone, today, scale = 1 }) {
  const count = Math.round((Date.parse(end) - Date.parse(start)) / DAY_MS) + 1;
  const days = datesFrom(start, count).map((date) => dayOf(date, date < today, scale));
  const before = datesFrom(start, count).map((date) => dayOf(daysBefore(date, count), true, scale * 0.85));
  const totals = totalsOf(days);
  const models = MODELS.map(({ id, micros }) => {
    const row = { model: id, requests: 0, tokens: noTokens(), cost_micros: noCost(), priced: micros > 0 };
    for (const day of days) {
      for (const part of day.models.filter((each) => each.model === id)) {
        row.requests += part.requests;
        add(row.tokens, part.tokens);
        add(row.cost_micros, part.cost_micros);
      }
    }
    return row;
  })
    .filter((row) => row.requests > 0)
    .sort((a, b) => b.cost_micros.settled - a.cost_micros.settled);
  totals.unpriced_models = models.filter((row) => !row.priced).map((row) => row.model);
  const next = random(count);
  const nothing = totals.requests === 0;
  return {
    range: { start, end, timezone },
    compared: { start: daysBefore(start, count), end: daysBefore(end, count), timezone },
    boundary: new Date().toISOString(),
    price_book: "2026-11-22",
    totals,
    previous: totalsOf(before),
    days,
    models,
    tools: nothing ? [] : TOOLS.map((tool, i) => toolOf(tool, totals.decisions, i)),
    projects: nothing ? [] : PROJECTS.map((project, i) => projectOf(project, totals, 0.42 * 0.62 ** i)),
    coverage: {
      sources: SOURCES.map((source, i) => ({
        source,
        sessions: source === "traces" ? 0 : Math.round(totals.sessions * (1 - i * 0.04)),
        records: source === "traces" ? 0 : Math.round(totals.requests * (2.4 - i * 0.5)),
        newest_at:
          source === "traces" || nothing ? null : new Date(Date.now() - i * 140_000 - 9_000).toISOString(),
      })),
      sessions: totals.sessions,
      unattributed: {
        tokens: tokensOf(Math.round(totals.tokens.cache_read * 0.03), next),
        cost_micros: costOf(Math.round(totals.cost_micros.settled * 0.031)),
        cost_share: nothing ? null : 0.031,
      },
    },
  };
}

function toolOf(tool, decisions, index) {
  const accepted = Math.round(decisions.accepted * 0.5 * 0.5 ** index);
  const rejected = Math.round(decisions.rejected * 0.3 * 0.7 ** index);
  return {
    tool,
    accepted,
    rejected,
    acceptance_rate: accepted + rejected > 0 ? accepted / (accepted + rejected) : null,
    succeeded: Math.round(accepted * 0.97),
    failed: accepted - Math.round(accepted * 0.97),
  };
}

function projectOf(project, totals, share) {
  const scaled = (amounts) =>
    Object.fromEntries(Object.entries(amounts).map(([k, v]) => [k, Math.round(v * share)]));
  return {
    project: `/home/ann/work/${project}`,
    sessions: Math.round(totals.sessions * share),
    requests: Math.round(totals.requests * share),
    tokens: scaled(totals.tokens),
    cost_micros: scaled(totals.cost_micros),
    lines: scaled(totals.lines),
  };
}

const PEOPLE = ["ann@example.com", "bob@example.com", "cleo@example.com", "dmitri@example.com"];
const PURPOSES = [
  { query_source: "repl_main_thread", agent: null },
  { query_source: "agent", agent: "Explore" },
  { query_source: "agent", agent: "code-reviewer" },
  { query_source: null, agent: null },
];

/** One request made at `at`, a Date. */
export function request(at, seed) {
  const next = random(seed);
  const model = MODELS[Math.floor(next() ** 2 * 7)];
  const count = Math.round(1_500 + next() * 160_000);
  return {
    at: at.toISOString(),
    session_id: `00000000-0000-4000-8000-${String(seed).padStart(12, "0")}`,
    actor: PEOPLE[Math.floor(next() * PEOPLE.length)],
    project: next() < 0.1 ? null : `/home/ann/work/${PROJECTS[Math.floor(next() ** 2 * PROJECTS.length)]}`,
    model: model.id,
    ...PURPOSES[Math.floor(next() ** 2 * PURPOSES.length)],
    tokens: tokensOf(count, next),
    cost_micros: costOf(Math.round(count * model.micros * 0.11)),
    duration_ms: Math.round(700 + next() ** 3 * 90_000),
  };
}

export function connect(address) {
  const env = {
    CLAUDE_CODE_ENABLE_TELEMETRY: "1",
    OTEL_METRICS_EXPORTER: "otlp",
    OTEL_LOGS_EXPORTER: "otlp",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_EXPORTER_OTLP_ENDPOINT: address,
  };
  const lines = (form) => Object.entries(env).map(form).join("\n");
  return {
    settings: [
      {
        kind: "user_settings",
        title: "For one person, in settings.json",
        where: "~/.claude/settings.json",
        language: "json",
        text: JSON.stringify({ env }, null, 2),
      },
      {
        kind: "shell",
        title: "For this shell",
        where: "Linux and macOS: ~/.bashrc, ~/.zshrc, or the shell at hand",
        language: "bash",
        text: lines(([name, value]) => `export ${name}=${value}`),
      },
      {
        kind: "powershell",
        title: "For PowerShell",
        where: "Windows: $PROFILE",
        language: "powershell",
        text: lines(([name, value]) => `$env:${name} = "${value}"`),
      },
    ],
  };
}

/** The answer to `/api/v1/filters`. */
export function filters() {
  const all = (values) => ({ values: [...values].sort(), all: true });
  return {
    people: all(Array.from({ length: 140 }, (_, i) => `person-${i}@example.org`)),
    teams: all(["data", "mobile", "platform", "unknown", "web"]),
    projects: all(PROJECTS.map((name) => `/home/mira/work/${name}`)),
    models: all(MODELS.map(({ id }) => id)),
    terminals: all(["iTerm.app", "tmux", "vscode", "WezTerm"]),
    sources: SOURCES,
  };
}
