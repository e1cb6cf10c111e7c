/** Demo data through the real program: what the pages show is what was counted when the data was made. */

import { readFile } from "node:fs/promises";
import { expect, type Page } from "@playwright/test";
import { allTokens, costMicros, counted, type Demo, exactDollars, makeDemo } from "../../support/demo";
import { figure } from "../../support/headline";
import { lookFromAllSides } from "../../support/look";
import { test } from "../../support/test";

// The pages are large, and axe looks at every cell of them.
test.describe.configure({ timeout: 240_000 });

let demo: Demo;

test.beforeAll(async () => {
  demo = await makeDemo();
});

test.afterAll(async () => {
  await demo.remove();
});

/** Expects the exact figures, by label. */
async function expectFigures(page: Page, strip: string, figures: readonly (readonly [string, string])[]) {
  for (const [label, exact] of figures) {
    await expect(figure(page, label, strip), label).toHaveAttribute("title", exact, { timeout: 30_000 });
  }
}

/** Saves a panel's rows and reads them: the column's values as numbers. */
async function savedColumn(page: Page, panel: string, column: string): Promise<number[]> {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: `Export: ${panel}` }).click();
  await page.getByRole("menuitem", { name: "Save rows as CSV" }).click();
  const text = await readFile(await (await download).path(), "utf8");
  const [head = "", ...rows] = text.replace("\ufeff", "").trimEnd().split("\r\n");
  const place = head.split(",").indexOf(column);
  expect(place, `${column} in ${head}`).toBeGreaterThanOrEqual(0);
  return rows.map((row) => Number(row.split(",")[place]));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

test("the Overview shows what the demo's people did", async ({ page, pitwall }) => {
  const { filled, range, data } = demo;
  const { address } = await pitwall({ data });
  await page.goto(`${address}/?${range}&moved=team`);
  await expectFigures(page, "Headline figures", [
    ["Tokens", counted(allTokens(filled), "token")],
    ["Cost", exactDollars(costMicros(filled))],
    ["Requests", counted(filled.requests, "request")],
    ["Sessions", counted(filled.sessions, "session")],
    ["Commits", counted(filled.commits, "commit")],
    ["Pull requests", counted(filled.pull_requests, "pull request")],
  ]);
  const byPerson = await savedColumn(page, "Who used it?", "Cost (USD)");
  expect(sum(byPerson)).toBeCloseTo(costMicros(filled) / 1e6, 4);
  const byDay = await savedColumn(page, "When was it used?", "Requests");
  expect(sum(byDay)).toBe(filled.requests);
  const changes = await savedColumn(page, "What changed, and why?", "Now (USD)");
  expect(sum(changes)).toBeCloseTo(costMicros(filled) / 1e6, 4);
  await lookFromAllSides(page, "demo", () =>
    expect(page.getByRole("table", { name: "Models" })).toBeVisible(),
  );
});

test("the page of cost adds up, whatever it is told apart by", async ({ page, pitwall }) => {
  const { filled, range, data } = demo;
  const { address } = await pitwall({ data, env: { PITWALL_BUDGET_MONTHLY_USD: "5000" } });
  const dollars = costMicros(filled) / 1e6;
  for (const by of ["model", "project", "team", "person", "query_source", "agent", "skill", "mcp_server"]) {
    await page.goto(`${address}/cost?${range}&by=${by}`);
    await expectFigures(page, "Cost in figures", [["Cost", exactDollars(costMicros(filled))]]);
    expect(sum(await savedColumn(page, "What did it go to?", "Cost (USD)")), by).toBeCloseTo(dollars, 4);
  }
  const kinds = await savedColumn(page, "Which tokens cost it?", "Cost (USD)");
  expect(sum(kinds)).toBeCloseTo(dollars, 4);
  const tokens = await savedColumn(page, "Which tokens cost it?", "Tokens");
  const { input, output, cache_read, cache_creation } = filled.tokens;
  expect(tokens.slice(0, 4)).toEqual([input, output, cache_read, cache_creation]);
  await expect(page.getByRole("region", { name: "What will the month cost?" })).toContainText("$5,000");
  await lookFromAllSides(page, "demo-cost", () =>
    expect(page.getByRole("table", { name: "Reported and priced" })).toBeVisible(),
  );
});

test("the page of models counts every request and every failure", async ({ page, pitwall }) => {
  const { filled, range, data } = demo;
  const { address } = await pitwall({ data });
  await page.goto(`${address}/models?${range}`);
  await expectFigures(page, "Models in figures", [
    ["Requests", counted(filled.requests, "request")],
    ["Failed requests", counted(filled.api_errors, "failed request")],
  ]);
  const panel = "What does a request cost, and how long does it take?";
  expect(sum(await savedColumn(page, panel, "Requests"))).toBe(filled.requests);
  expect(sum(await savedColumn(page, "What went wrong?", "Times"))).toBe(filled.api_errors);
  await lookFromAllSides(page, "demo-models", () =>
    expect(page.getByRole("table", { name: "Models" })).toBeVisible(),
  );
});

test("the page of tools counts every decision and every call", async ({ page, pitwall }) => {
  const { filled, range, data } = demo;
  const { address } = await pitwall({ data });
  await page.goto(`${address}/tools?${range}`);
  await expectFigures(page, "Tools in figures", [
    ["Calls that succeeded", counted(filled.succeeded, "call")],
    ["Calls that failed", counted(filled.failed, "call")],
  ]);
  const panel = "How do calls end?";
  expect(sum(await savedColumn(page, panel, "Accepted"))).toBe(filled.accepted);
  expect(sum(await savedColumn(page, panel, "Rejected"))).toBe(filled.rejected);
  expect(sum(await savedColumn(page, "What failed?", "Times"))).toBe(filled.failed);
  await lookFromAllSides(page, "demo-tools", () =>
    expect(page.getByRole("table", { name: "Decisions: decided by" })).toBeVisible(),
  );
});

test("decisions add up whatever they are told apart by, as rows and day by day", async ({ page, pitwall }) => {
  const { filled, range, data } = demo;
  const { address } = await pitwall({ data });
  const panel = "What is let through, and who decides?";
  for (const [by, name] of [
    ["decided_by", "decided by"],
    ["tool", "tool"],
  ] as const) {
    for (const shown of ["accepted", "rejected"] as const) {
      await page.goto(`${address}/tools?${range}&decisions=${by}&shown=${shown}`);
      const column = shown === "accepted" ? "Accepted" : "Rejected";
      expect(sum(await savedColumn(page, panel, column)), `${shown} by ${by}`).toBe(filled[shown]);
      // What the chart draws is in a table beside it, for those who do not see it.
      const cells = page.getByRole("table", { name: `Decisions by day and ${name}` }).locator("tbody td span");
      const titles = await cells.evaluateAll((all) => all.map((cell) => cell.getAttribute("title") ?? ""));
      const values = titles.map((title) => Number(title.replaceAll(",", "")));
      expect(sum(values), `${shown} by day and ${by}`).toBe(filled[shown]);
    }
  }
  // A figure of a row leads to the postings behind it.
  const row = page.getByRole("table", { name: "Decisions: tool" }).locator("tbody tr").first();
  const accepted = row.getByRole("cell").nth(1);
  const count = await accepted.textContent();
  await accepted.getByRole("button").click();
  const drawer = page.getByRole("dialog", { name: "What is behind it: accepted calls" });
  await expect(drawer.getByTitle(count ?? "", { exact: true }).first()).toBeVisible();
});

test("the page of productivity counts what came out", async ({ page, pitwall }) => {
  const { filled, range, data } = demo;
  const { address } = await pitwall({ data });
  await page.goto(`${address}/productivity?${range}`);
  const lines = `${counted(filled.lines_added, "line")} added, ${counted(filled.lines_removed, "line")} removed`;
  await expectFigures(page, "Output in figures", [
    ["Lines added and removed", lines],
    ["Commits", counted(filled.commits, "commit")],
    ["Pull requests", counted(filled.pull_requests, "pull request")],
    ["Sessions", counted(filled.sessions, "session")],
    ["Cost for a commit", exactDollars(Math.round(filled.cost_picos / filled.commits / 1e6))],
  ]);
  const teams = "What came out of each team?";
  expect(sum(await savedColumn(page, teams, "Lines added"))).toBe(filled.lines_added);
  expect(sum(await savedColumn(page, teams, "Commits"))).toBe(filled.commits);
  expect(sum(await savedColumn(page, "What came out of each project?", "Active time (ms)"))).toBe(
    filled.active_user_ms,
  );
  await lookFromAllSides(page, "demo-productivity", () =>
    expect(page.getByRole("table", { name: "Output by team" })).toBeVisible(),
  );
});

test("a figure is clicked down to its postings, and narrowed to one person", async ({ page, pitwall }) => {
  const { filled, range, data } = demo;
  const { address } = await pitwall({ data });
  await page.goto(`${address}/?${range}`);
  await figure(page, "Commits").getByRole("button").click();
  const drawer = page.getByRole("dialog", { name: "What is behind it: commits" });
  await expect(drawer.getByTitle(filled.commits.toLocaleString("en-US"), { exact: true }).first()).toBeVisible();
  // A running total may tell of several commits at once; together the postings are the figure.
  const values = await drawer.getByRole("table", { name: "Postings" }).locator("tbody td:nth-child(2)").allTextContents();
  expect(sum(values.map(Number))).toBe(filled.commits);
  await expect(page).toHaveURL(/why=commits/);
  await page.goBack();
  await expect(drawer).toBeHidden();

  const people = page.getByRole("table", { name: "People" });
  const first = people.locator("tbody tr").first();
  const [name, cost] = [
    await first.getByRole("rowheader").textContent(),
    await first.getByTitle(/^\$/).getAttribute("title"),
  ];
  await first.getByRole("rowheader").getByRole("button").click();
  await expect(page.getByRole("list", { name: "Filters" })).toContainText(name ?? "");
  await expect(figure(page, "Cost")).toHaveAttribute("title", cost ?? "");
});
