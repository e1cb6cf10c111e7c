// Believable answers about the moment, the data's health and the server itself.

import { overview } from "./data.mjs";
import { sessions } from "./people.mjs";

const MINUTE_MS = 60_000;
const SOURCES = ["events", "metrics", "traces", "transcripts"];
const ago = (ms) => new Date(Date.now() - ms).toISOString();

/** A request as the list of everything that happens tells it. */
export function requested(request) {
  const { at, session_id, actor, project, agent, tokens, cost_micros, duration_ms, model } = request;
  return {
    kind: "request",
    title: model,
    detail: null,
    succeeded: null,
    at,
    session_id,
    actor,
    project,
    agent,
    tokens,
    cost_micros,
    duration_ms,
  };
}

/** The newest activity: requests, and in between what else happens. */
export function recentActivity(requests) {
  const besides = [
    { kind: "tool", title: "Edit", detail: null, succeeded: true, duration_ms: 120 },
    { kind: "tool", title: "Bash", detail: "ShellError", succeeded: false, duration_ms: 4_100 },
    { kind: "prompt", title: "", detail: null, succeeded: null, duration_ms: null },
    { kind: "error", title: "529", detail: null, succeeded: null, duration_ms: 900 },
    { kind: "command", title: "compact", detail: null, succeeded: null, duration_ms: null },
    { kind: "start", title: "resume", detail: null, succeeded: null, duration_ms: null },
  ];
  const activities = requests.flatMap((request, i) => [
    requested(request),
    { ...requested(request), tokens: null, cost_micros: null, agent: null, ...besides[i % besides.length] },
  ]);
  return { activities };
}

export function liveNow({ today, scale }) {
  const all = overview({ start: today, end: today, timezone: "UTC", today, scale });
  const hourly = (part, from, until) => ({
    from,
    until,
    requests: Math.round(all.totals.requests * part),
    tokens: Object.fromEntries(Object.entries(all.totals.tokens).map(([kind, n]) => [kind, Math.round(n * part)])),
    cost_micros: Object.fromEntries(
      Object.entries(all.totals.cost_micros).map(([kind, n]) => [kind, Math.round(n * part)]),
    ),
    tool_calls: Math.round(all.totals.requests * part * 2),
    tool_failures: Math.round(all.totals.requests * part * 0.1),
    api_errors: 0,
  });
  const step = (_, i) =>
    hourly(0.002 * (1 + (i % 5)), ago((60 - i * 5) * MINUTE_MS), ago((55 - i * 5) * MINUTE_MS));
  const running = sessions({ start: today, end: today, timezone: "UTC", today, scale }).sessions.slice(0, 5);
  return {
    now: new Date().toISOString(),
    running: running.length,
    burn_micros_per_hour: Math.round(all.totals.cost_micros.settled * 0.07),
    last_hour: hourly(0.07, ago(60 * MINUTE_MS), ago(0)),
    steps: Array.from({ length: 12 }, step),
    sessions: running.map((row, i) => ({
      ...row,
      last_at: ago(i * 2 * MINUTE_MS),
      burn_micros_per_hour: row.cost_micros.settled * 3,
    })),
  };
}

export function health(query) {
  const all = overview(query);
  const { sessions: listed } = sessions(query);
  const unattributed = (day) => Math.round(day.cost_micros.settled * 0.03);
  const events = (received, missing) => ({
    received,
    missing,
    processes: 1,
    received_share: received > 0 ? received / (received + missing) : null,
  });
  return {
    range: all.range,
    price_book: all.price_book,
    coverage: all.coverage,
    unpriced: all.models
      .filter((row) => !row.priced)
      .map((row) => ({
        model: row.model,
        requests: row.requests,
        tokens: row.tokens.input + row.tokens.output,
        reported_micros: 0,
      })),
    events: {
      coverage: events(all.totals.requests * 3, listed.length > 0 ? 14 : 0),
      sessions_read: all.totals.sessions,
      sessions: listed.slice(0, 3).map((row, i) => ({
        actor: row.actor,
        session_id: row.session_id,
        last_gap_at: row.ended_at,
        events: events(60, 3 + i),
      })),
    },
    days: all.days.map((day) => ({
      date: day.date,
      complete: day.complete,
      people: Math.min(12, Math.round(day.sessions / 9)),
      sessions: day.sessions,
      unattributed_cost_micros: unattributed(day),
      unattributed_share: day.cost_micros.settled > 0 ? 0.03 : null,
      unpriced_tokens: 0,
    })),
  };
}

export function sourceDays(query) {
  const all = overview(query);
  const names = all.totals.sessions === 0 ? [] : ["ann", "bob", "cleo", "dmitri"];
  const person = (name, i) => ({
    actor: `${name}@example.org`,
    unattributed_share: i * 0.02,
    newest: SOURCES.slice(0, 2).map((source) => ({ source, at: ago(i * 50 * MINUTE_MS) })),
    days: all.days.map(({ date, sessions }) => ({
      date,
      sessions: Math.round(sessions / 9),
      events: i === 2 ? 0 : sessions * 20,
      metrics: sessions * 3,
      traces: 0,
      transcripts: i === 1 ? sessions * 8 : 0,
    })),
  });
  return { range: all.range, found: names.length, offset: 0, people: names.map(person) };
}

export function rejected() {
  const reason = { count: 12, first_at: ago(3_000 * MINUTE_MS), last_at: ago(40 * MINUTE_MS), sample: "{\"type\":" };
  return { reasons: [{ ...reason, source: "transcripts", reason: "line is not JSON" }] };
}

export function settings({ address, today, scale }) {
  const all = overview({ start: today, end: today, timezone: "UTC", today, scale });
  const dollar = 1_000_000;
  const price = {
    input: 4 * dollar,
    output: 20 * dollar,
    cache_read: dollar / 5,
    cache_write_5m: 5 * dollar,
    cache_write_1h: 8 * dollar,
  };
  const key = (name, kind, state) => ({
    id: `key_${name}`,
    kind,
    name,
    hint: "…4f2a",
    state,
    created_at: "2026-02-01T09:00:00Z",
    last_used_at: state === "usable" ? ago(9 * MINUTE_MS) : null,
    expires_at: null,
  });
  const used = all.models.map(({ model, requests, priced }) => ({ model, requests, unpriced_tokens: priced ? 0 : 900 }));
  return {
    http_address: address.replace("http://", ""),
    grpc_address: "127.0.0.1:4317",
    public_url: null,
    keys_required: false,
    analytics_freshness_seconds: 3_600,
    team_attributes: ["team.id", "team", "department"],
    team_members: [{ team: "platform", members: ["ann@example.org", "*@infra.example.org"] }],
    content_kept: false,
    keys: [key("lead", "viewer", "usable"), key("laptops", "ingest", "usable"), key("old", "admin", "revoked")],
    price_book: all.price_book,
    prices: used.map((row) => ({ ...row, price: row.unpriced_tokens > 0 ? null : price })),
    contents: {
      first_at: "2026-01-12T08:10:00Z",
      last_at: ago(MINUTE_MS),
      sessions: 9_120,
      people: 12,
      sources: all.coverage.sources,
      teams: ["mobile", "platform", "web"].map((team, i) => ({ team, people: 5 - i, last_at: ago(i * 70 * MINUTE_MS) })),
      models: used,
    },
  };
}

export function widgets({ address }) {
  const cards = ["summary", "cost", "tokens", "sessions", "lines"];
  return { address, cards, token: null, token_needed: false };
}
