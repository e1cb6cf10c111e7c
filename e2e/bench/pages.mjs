// How long pages take in a browser, by the browser's own clock: `node bench/pages.mjs ADDRESS [QUERY]`.
//
// Cold: a new browser profile without a cache, from the start of navigation until no panel waits any more.
// Filter: on the same page, from the choice of a team until no panel shows the figures of before.
// Work: processor time of the page's main thread until then, which does not depend on what else the machine does.
// Each is measured RUNS times (3); medians are printed, with the slowest question of the cold runs.

import { chromium } from "@playwright/test";
import { PAGES } from "../support/pages.mjs";

const [address, query = "range=30d&tz=UTC"] = process.argv.slice(2);
const RUNS = Number(process.env.RUNS ?? 3);
/** So long nothing may wait before a page counts as ready. */
const QUIET_MS = 400;
const DEADLINE_MS = 60_000;

const ask = async (path) => (await fetch(`${address}/api/v1/${path}`)).json();
const chosen = new URLSearchParams(query);
const days = chosen.has("from") ? `&start=${chosen.get("from")}&end=${chosen.get("to")}` : "";
const { people } = await ask(`people?order=cost&limit=1${days}`);
const { projects } = await ask(`projects?${days}`);
const { sessions } = await ask(`sessions?order=cost&limit=1${days}`);
const { teams } = await ask(`filters?${days}`);
const team = teams.values.find((name) => name !== "unknown");
/** One of many: the dearest. */
const ONE = { ":person": people[0].actor, ":project": projects[0].project, ":session": sessions[0].session_id };
const pages = PAGES.map((page) => page.replace(/:\w+/, (one) => encodeURIComponent(ONE[one])));
/** Pages that take no filter. */
const WITHOUT_FILTER = /^\/(live|connect|settings|sessions\/.*)$/;

/** Runs in the page: the time at which the last panel was done. */
function whenReady({ quiet, deadline }) {
  return new Promise((resolve, reject) => {
    let since = null;
    const look = () => {
      const now = performance.now();
      const main = document.querySelector("main");
      const waits = main === null || main.querySelector('h1, [role="heading"]') === null || main.querySelector('[aria-busy="true"]') !== null;
      since = waits ? null : (since ?? now);
      if (since !== null && now - since >= quiet) {
        resolve(since);
      } else if (now > deadline) {
        reject(new Error("not ready in time"));
      } else {
        requestAnimationFrame(look);
      }
    };
    look();
  });
}

/** Runs in the page: chooses a team as its link would, and waits. */
async function choose({ search, quiet, deadline }) {
  const began = performance.now();
  history.pushState({}, "", `${location.pathname}?${search}`);
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  // React has to hear of it before anything can wait.
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return new Promise((resolve, reject) => {
    let since = null;
    const look = () => {
      const now = performance.now();
      since = document.querySelector('main [aria-busy="true"]') === null ? (since ?? now) : null;
      if (since !== null && now - since >= quiet) {
        resolve(since - began);
      } else if (now - began > deadline) {
        reject(new Error("not ready in time"));
      } else {
        requestAnimationFrame(look);
      }
    };
    look();
  });
}

/** Runs in the page: the questions asked so far, the slowest first. */
function questions() {
  return performance
    .getEntriesByType("resource")
    .map(({ name, duration }) => ({ path: new URL(name).pathname, duration }))
    .filter(({ path }) => path.startsWith("/api/v1/") && !path.startsWith("/api/v1/live"))
    .sort((a, b) => b.duration - a.duration);
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
const ms = (value) => (value === undefined ? "–" : String(Math.round(value)));

const browser = await chromium.launch({
  executablePath: process.env.PITWALL_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
/** Milliseconds of processor time that the page's main thread has worked. */
async function worked(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration").value * 1_000;
}

console.log("| Page | Cold (ms) | Work (ms) | After a filter (ms) | Slowest question (ms) |");
console.log("|---|---|---|---|---|");
for (const path of pages) {
  const cold = [];
  const work = [];
  const filtered = [];
  let slowest;
  for (let run = 0; run < RUNS; run += 1) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    await page.goto(`${address}${path}?${query}`, { waitUntil: "commit" });
    cold.push(await page.evaluate(whenReady, { quiet: QUIET_MS, deadline: DEADLINE_MS }));
    work.push(await worked(session));
    const [first] = await page.evaluate(questions);
    if (first && (slowest === undefined || first.duration > slowest.duration)) {
      slowest = first;
    }
    if (!WITHOUT_FILTER.test(path)) {
      const search = `${query}&team=${encodeURIComponent(team)}`;
      filtered.push(await page.evaluate(choose, { search, quiet: QUIET_MS, deadline: DEADLINE_MS }));
    }
    await context.close();
  }
  const name = path.replace(/^\/(people|projects|sessions)\/.+$/, "/$1/one");
  const question = slowest === undefined ? "–" : `\`${slowest.path}\` ${ms(slowest.duration)}`;
  console.log(`| \`${name}\` | ${ms(median(cold))} | ${ms(median(work))} | ${ms(filtered.length ? median(filtered) : undefined)} | ${question} |`);
}
await browser.close();
