#!/usr/bin/env node
// Stands in for the real binary where only the page matters: the same API with made-up answers, and `web/dist`
// under the same content security policy. PITWALL_MOCK chooses the scene: full (default), empty, quiet, locked, demo,
// broken. Prints its address when it is ready, like the real one.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { connect, filters, overview, request } from "./data.mjs";
import * as people from "./people.mjs";
import * as questions from "./questions.mjs";
import * as server from "./server.mjs";

const DIST = fileURLToPath(new URL("../../web/dist", import.meta.url));
const SCENE = process.env.PITWALL_MOCK ?? "full";
const KEY = "viewer-key-of-the-mock";
/** As strict as the server's own. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

const [host, port] = (process.env.PITWALL_HTTP ?? "127.0.0.1:0").split(":");
const state = {
  empty: SCENE === "empty",
  demo: { state: "none", progress: 0, address: null, message: null },
};
const recent =
  SCENE === "quiet" || SCENE === "empty"
    ? []
    : Array.from({ length: 50 }, (_, i) => request(new Date(Date.now() - i * 41_000), 900 - i));
let seed = 1_000;

/** What can be asked of some days and a part of the ledger. */
const QUESTIONS = {
  "/api/v1/overview": overview,
  "/api/v1/cost/breakdown": questions.breakdown,
  "/api/v1/movers": questions.movers,
  "/api/v1/activity": questions.activity,
  "/api/v1/cost": questions.cost,
  "/api/v1/forecast": questions.forecast,
  "/api/v1/models": questions.models,
  "/api/v1/tools": questions.tools,
  "/api/v1/tools/decisions": questions.toolDecisions,
  "/api/v1/productivity": questions.productivity,
  "/api/v1/adoption": people.adoption,
  "/api/v1/people": people.people,
  "/api/v1/person": people.person,
  "/api/v1/teams": people.teams,
  "/api/v1/projects": people.projects,
  "/api/v1/project": people.project,
  "/api/v1/sessions": people.sessions,
  "/api/v1/session": people.session,
  "/api/v1/live/now": server.liveNow,
  "/api/v1/live/recent": () => server.recentActivity(recent),
  "/api/v1/health/data": server.health,
  "/api/v1/health/sources": server.sourceDays,
  "/api/v1/health/rejected": server.rejected,
  "/api/v1/settings": server.settings,
  "/api/v1/widgets": server.widgets,
  "/api/v1/postings": (query) => questions.postings(query, recent),
};

const today = (timezone = "UTC") => new Intl.DateTimeFormat("en-CA", { timeZone: timezone }).format(new Date());

function status(address) {
  return {
    version: "0.1.0",
    now: new Date().toISOString(),
    data: SCENE === "demo" ? "demo" : "main",
    empty: state.empty,
    http_address: address,
    grpc_address: "127.0.0.1:4317",
    import: {
      state: SCENE === "empty" ? "running" : "following",
      files_done: SCENE === "empty" ? 312 : 1_204,
      files_total: 1_204,
      bytes_done: SCENE === "empty" ? 310_000_000 : 1_900_000_000,
      bytes_total: 1_900_000_000,
      lines_skipped: 3,
      message: null,
    },
    demo: state.demo,
  };
}

function fillDemo(address) {
  state.demo = { state: "filling", progress: 0, address: null, message: null };
  const timer = setInterval(() => {
    state.demo = { ...state.demo, progress: Math.min(1, state.demo.progress + 0.25) };
    if (state.demo.progress === 1) {
      clearInterval(timer);
      state.demo = { state: "ready", progress: 1, address: `${address}/?demo`, message: null };
    }
  }, 300);
  return state.demo;
}

/** What is new under a name, as `tell` tells it, for as long as somebody listens. */
function live(response, name, tell) {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write(": hello\n\n");
  const timer = setInterval(() => {
    if (SCENE === "full") {
      seed += 1;
      recent.unshift(request(new Date(), seed));
      response.write(`event: ${name}\ndata: ${JSON.stringify(tell(recent[0]))}\n\n`);
    }
  }, 2_500);
  response.on("close", () => clearInterval(timer));
}

function json(response, code, body) {
  response.writeHead(code, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}

function answerApi(url, incoming, response, address) {
  if (SCENE === "locked" && incoming.headers.authorization !== `Bearer ${KEY}`) {
    return json(response, 401, { error: { code: "unauthorized", message: "a viewer key is needed" } });
  }
  const question = incoming.method === "GET" ? QUESTIONS[url.pathname] : undefined;
  if (question) {
    if (SCENE === "broken") {
      return json(response, 500, { error: { code: "internal", message: "the ledger cannot be read" } });
    }
    const query = Object.fromEntries(url.searchParams);
    const scale = SCENE === "quiet" ? 0 : 1;
    return json(response, 200, question({ ...query, today: today(query.timezone), scale, address }));
  }
  switch (`${incoming.method} ${url.pathname}`) {
    case "GET /api/v1/status":
      return json(response, 200, status(address));
    case "GET /api/v1/filters":
      return json(response, 200, filters());
    case "GET /api/v1/requests/recent":
      return json(response, 200, { requests: recent.slice(0, Number(url.searchParams.get("limit"))) });
    case "GET /api/v1/live":
      return live(response, "request", (request) => request);
    case "GET /api/v1/live/activity":
      return live(response, "activity", server.requested);
    case "GET /api/v1/connect/arrivals":
      return json(response, 200, { sessions: 0, newest: [] });
    case "GET /api/v1/connect":
      return json(response, 200, connect(address));
    case "POST /api/v1/demo":
      return json(response, 202, fillDemo(address));
    // Only here: something arrives, as if Claude Code had been used.
    case "POST /mock/first-event":
      state.empty = false;
      return json(response, 200, {});
    default:
      return json(response, 404, {
        error: { code: "not_found", message: "there is nothing at this address" },
      });
  }
}

/** A card in the place of each of the server's. */
function answerCard(response) {
  response.writeHead(200, { "content-type": TYPES[".svg"] });
  response.end(
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="120"><rect width="320" height="120" rx="8" ' +
      'fill="#14181e"/><text x="20" y="66" fill="#e8ebef" font-family="sans-serif" font-size="28">$128.40</text></svg>',
  );
}

async function answerPage(url, response) {
  const wanted = normalize(decodeURIComponent(url.pathname)).replace(/^(\.\.[/\\])+/, "");
  // A person's address ends like a file's name.
  const path = extname(wanted) in TYPES ? wanted : "/index.html";
  const body = await readFile(join(DIST, path)).catch(() => null);
  response.writeHead(body === null ? 404 : 200, {
    "content-type": TYPES[extname(path)] ?? "application/octet-stream",
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
  });
  response.end(body ?? "not found");
}

const listener = createServer((incoming, response) => {
  const address = `http://127.0.0.1:${listener.address().port}`;
  const url = new URL(incoming.url, address);
  const isApi = url.pathname.startsWith("/api/") || url.pathname.startsWith("/mock/");
  if (url.pathname.startsWith("/widget/")) {
    return answerCard(response);
  }
  return isApi ? answerApi(url, incoming, response, address) : answerPage(url, response);
});

listener.listen(Number(port), host, () =>
  process.stdout.write(`dashboard at http://127.0.0.1:${listener.address().port}\n`),
);
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => process.exit(0));
}
