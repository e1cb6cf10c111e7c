/** Sessions through the real program: the list adds up to the whole, and one session is told as it was. */

import { type Page, expect as plainExpect } from "@playwright/test";
import { costMicros, type Demo, makeDemo } from "../../support/demo";
import { claudeHome, expected, exportsNow, otlpJson } from "../../support/expected";
import { figure } from "../../support/headline";
import { lookFromAllSides } from "../../support/look";
import { savedRows, sumOf } from "../../support/saved";
import { test } from "../../support/test";

test.describe.configure({ timeout: 480_000 });

/** The first question to a large ledger takes its time on a busy machine. */
const expect = plainExpect.configure({ timeout: 30_000 });

const LIST = "Which sessions were there?";
const STRIP = "Figures of the session";
const DAYS = "range=custom&from=2026-11-20&to=2026-11-22&tz=UTC";

test.describe("on demo data", () => {
  let demo: Demo;

  test.beforeAll(async () => {
    demo = await makeDemo();
  });

  test.afterAll(async () => {
    await demo.remove();
  });

  test("all pages of the list add up to the whole", async ({ page, pitwall }) => {
    const { filled, range, data } = demo;
    const { address } = await pitwall({ data });
    await page.goto(`${address}/sessions?${range}`);
    const panel = page.getByRole("region", { name: LIST });
    await expect(panel).toContainText(`${filled.sessions} sessions from`);
    const rows = [...(await savedRows(page, LIST))];
    const next = page
      .getByRole("navigation", { name: "Pages of sessions" })
      .getByRole("button", { name: "Next" });
    // Where one page holds everything, there is no way to others.
    while ((await next.count()) > 0 && (await next.isEnabled())) {
      await next.click();
      await expect(panel).toHaveAttribute("aria-busy", "false");
      rows.push(...(await savedRows(page, LIST)));
    }
    expect(new Set(rows.map((row) => row.Session)).size).toBe(filled.sessions);
    expect(sumOf(rows, "Requests")).toBe(filled.requests);
    expect(sumOf(rows, "Lines added")).toBe(filled.lines_added);
    expect(sumOf(rows, "Failed calls")).toBe(filled.failed);
    expect(sumOf(rows, "Errors")).toBe(filled.api_errors);
    expect(sumOf(rows, "Cost (USD)")).toBeCloseTo(costMicros(filled) / 1e6, 3);
  });

  test("the list is sorted and searched by the server, and the address says so", async ({
    page,
    pitwall,
  }) => {
    const { address } = await pitwall({ data: demo.data });
    await page.goto(`${address}/sessions?${demo.range}`);
    const panel = page.getByRole("region", { name: LIST });
    await panel.getByRole("button", { name: "Cost" }).click();
    await expect(page).toHaveURL(/order=cost/);
    await expect(panel).toContainText("the most expensive first");
    await expect(panel).toHaveAttribute("aria-busy", "false");
    const costs = (await savedRows(page, LIST)).map((row) => Number(row["Cost (USD)"]));
    expect(costs).toEqual([...costs].sort((a, b) => b - a));

    const [first] = await savedRows(page, LIST);
    const who = first?.Who ?? "";
    await panel.getByLabel("Search sessions").fill(who.toUpperCase());
    await expect(page).toHaveURL(/q=/);
    await expect(panel).toContainText("with “");
    await expect(panel).toHaveAttribute("aria-busy", "false");
    const found = await savedRows(page, LIST);
    expect([...new Set(found.map((row) => row.Who))]).toEqual([who]);

    await panel.getByLabel("Search sessions").fill("nobody of that name");
    await expect(panel).toContainText("No session");
    await page.goBack();
    await expect(panel.getByLabel("Search sessions")).toHaveValue(who.toUpperCase());
  });

  test("a session's page has what its row has", async ({ page, pitwall }) => {
    const { address } = await pitwall({ data: demo.data });
    await page.goto(`${address}/sessions?${demo.range}&order=cost`);
    const [first] = await savedRows(page, LIST);
    const row = page.getByRole("table", { name: "Sessions" }).getByRole("row").nth(1);
    await row.getByRole("link").first().click();
    await expect(page).toHaveURL(new RegExp(`/sessions/${first?.Session}`));
    const dollars = Number(first?.["Cost (USD)"]).toLocaleString("en-US", {
      minimumFractionDigits: 2,
      maximumFractionDigits: 6,
    });
    await expect(figure(page, "Cost", STRIP)).toHaveAttribute("title", `$${dollars}`);
    await expect(page.locator("[data-chart] svg rect").first()).toBeAttached();
    await page.getByRole("link", { name: "Sessions", exact: true }).first().click();
    await expect(page).toHaveURL(/order=cost|\/sessions\?/);
  });

  test("from all sides", async ({ page, pitwall }) => {
    const { address } = await pitwall({ data: demo.data });
    await page.goto(`${address}/sessions?${demo.range}`);
    await lookFromAllSides(page, "demo-sessions", () =>
      expect(page.getByRole("table", { name: "Sessions" })).toBeVisible(),
    );
    await page.getByRole("table", { name: "Sessions" }).getByRole("link").first().click();
    await lookFromAllSides(page, "demo-session", async () => {
      await expect(page.getByRole("table", { name: "Entries of the session" })).toBeVisible();
      await expect(page.locator("[data-chart] svg rect").first()).toBeAttached();
    });
  });
});

/** How many entries the page lists of one kind. */
async function entries(page: Page, shown: string): Promise<number> {
  const panel = page.getByRole("region", { name: "What happened, one by one?" });
  await panel.getByText(shown, { exact: true }).click();
  const rows = panel.getByRole("table", { name: "Entries of the session" }).locator("tbody tr");
  return rows.count();
}

test("a session with a subagent, from transcripts", async ({ page, pitwall }) => {
  const truth = expected(claudeHome("subagent"));
  const [session] = truth.session_ids;
  const { address } = await pitwall({ claudeDir: claudeHome("subagent") });
  await page.goto(`${address}/sessions?${DAYS}`);
  await expect(page.getByRole("region", { name: LIST })).toContainText("1 session", { timeout: 30_000 });
  await page.goto(`${address}/sessions/${session}?tz=UTC`);
  await expect(figure(page, "Cost", STRIP)).toHaveAttribute("title", `$${truth.cost_usd}`);
  await expect(figure(page, "Requests", STRIP)).toHaveAttribute("title", `${truth.api_requests_ok} requests`);
  const calls = Object.values(truth.tool_results).reduce(
    (sum, { ok = 0, failed = 0 }) => sum + ok + failed,
    0,
  );
  expect(await entries(page, "Requests")).toBe(truth.api_requests_ok);
  expect(await entries(page, "Tools")).toBe(calls);
  await expect(page.getByRole("table", { name: "Subagents" }).locator("tbody tr")).toHaveCount(
    truth.subagents_completed ?? 0,
  );
  await lookFromAllSides(page, "session-subagent", () =>
    expect(page.getByRole("table", { name: "Subagents" })).toBeVisible(),
  );
});

test("a session with a rejection and a compaction", async ({ page, pitwall }) => {
  const truth = expected(claudeHome("interactive"));
  const [session] = truth.session_ids;
  const { address } = await pitwall({ claudeDir: claudeHome("interactive") });
  await page.goto(`${address}/sessions?${DAYS}`);
  await expect(page.getByRole("region", { name: LIST })).toContainText("1 session");
  await page.goto(`${address}/sessions/${session}?tz=UTC`);
  await expect(figure(page, "Cost", STRIP)).toHaveAttribute("title", `$${truth.cost_usd}`);
  await expect(figure(page, "Prompts", STRIP)).toHaveAttribute("title", `${truth.prompts} prompts`);
  // Transcripts leave the request of a compaction out; its cost is in the client's totals.
  expect(await entries(page, "Requests")).toBe(truth.api_requests_ok - (truth.compactions ?? 0));
  const rejected = Object.values(truth.decisions).reduce((sum, { reject = 0 }) => sum + reject, 0);
  expect(await entries(page, "Problems")).toBe(rejected);
  await expect(page.getByRole("region", { name: "How did it go?" })).toContainText("compacted once");
});

test("events that were lost are told, here and on the page of data health", async ({
  page,
  pitwall,
  request,
}) => {
  const [session] = expected(otlpJson("edits-accepted")).session_ids;
  const { address } = await pitwall();
  for (const { path, body } of await exportsNow("edits-accepted")) {
    const data = path === "/v1/logs" ? withoutEvents(body, [4, 5, 9]) : body;
    await request.post(address + path, { headers: { "content-type": "application/json" }, data });
  }
  await page.goto(`${address}/sessions/${session}?tz=UTC`);
  const complete = page.getByRole("region", { name: "How complete is this?" });
  await expect(complete).toContainText("3 events never arrived", { timeout: 40_000 });
  await expect(page.getByRole("table", { name: "Entries of the session" })).toContainText("2 events missing");
  await page.goto(`${address}/health?range=7d&tz=UTC`);
  await expect(figure(page, "Events lost")).toHaveAttribute("title", "3 events");
  const lossy = page.getByRole("table", { name: "Sessions with lost events" }).locator("tbody tr");
  await expect(lossy).toHaveCount(1);
  await expect(lossy.getByRole("cell").first()).toHaveText("3");
});

test.describe("a session that nobody knows", () => {
  test.use({ provoked: [/status of 404/] });

  test("has a page that says so", async ({ page, pitwall }) => {
    const { address } = await pitwall({ claudeDir: claudeHome("subagent") });
    await page.goto(`${address}/sessions/nobody?tz=UTC`);
    await expect(page.getByRole("heading", { name: "Nothing is known of this session" })).toBeVisible();
  });
});

/** An export of logs without the events of some numbers. */
function withoutEvents(body: string, numbers: readonly number[]): string {
  interface LogRecord {
    readonly attributes: readonly {
      readonly key: string;
      readonly value: { readonly intValue?: number | string };
    }[];
  }
  const data = JSON.parse(body) as {
    resourceLogs: { scopeLogs: { logRecords: LogRecord[] }[] }[];
  };
  for (const scope of data.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs)) {
    scope.logRecords = scope.logRecords.filter(({ attributes }) => {
      const number = attributes.find(({ key }) => key === "event.sequence")?.value.intValue;
      return !numbers.includes(Number(number));
    });
  }
  return JSON.stringify(data);
}
