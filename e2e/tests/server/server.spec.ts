/** What is going on, how far it can be trusted, and how the server is set up; through the real program. */

import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type APIRequestContext, expect as plainExpect } from "@playwright/test";
import { type Demo, makeDemo } from "../../support/demo";
import { allTokens, claudeHome, expected, exportsNow, otlpJson } from "../../support/expected";
import { figure } from "../../support/headline";
import { lookFromAllSides } from "../../support/look";
import { savedRows, sumOf } from "../../support/saved";
import { BINARY, test } from "../../support/test";

test.describe.configure({ timeout: 480_000 });

/** The first question to a large ledger takes its time on a busy machine. */
const expect = plainExpect.configure({ timeout: 30_000 });

/** Sends a session as if it were happening now. */
async function send(request: APIRequestContext, address: string, scenario: string): Promise<void> {
  for (const { path, body } of await exportsNow(scenario)) {
    const headers = { "content-type": "application/json" };
    expect((await request.post(address + path, { headers, data: body })).status()).toBe(200);
  }
}

test("what happens is told as it happens", async ({ page, pitwall, request }) => {
  const truth = expected(otlpJson("edits-accepted"));
  const { address } = await pitwall();
  await page.goto(`${address}/live?tz=UTC`);
  await expect(page.getByText("Nothing yet.")).toBeVisible();
  await expect(page.getByText("No session runs at the moment.")).toBeVisible();

  await send(request, address, "edits-accepted");
  const rows = page.getByRole("region", { name: "Newest activity" }).locator("tbody tr");
  const list = page.getByRole("region", { name: "What happens?" });
  await list.getByText("Requests", { exact: true }).click();
  await expect(rows).toHaveCount(truth.api_requests_ok);
  const listed = await savedRows(page, "What happens?");
  expect(listed.map((row) => row.Kind)).toEqual(Array(truth.api_requests_ok).fill("request"));
  expect(sumOf(listed, "Cost (USD)")).toBeCloseTo(truth.cost_usd, 6);
  expect(sumOf(listed, "Tokens")).toBe(allTokens(truth));
  await list.getByText("Problems", { exact: true }).click();
  const failed = Object.values(truth.tool_results).reduce((sum, { failed = 0 }) => sum + failed, 0);
  await expect(rows).toHaveCount(failed);
  await list.getByText("All", { exact: true }).click();

  const strip = "Figures of the moment";
  await expect(figure(page, "Sessions running", strip)).toHaveAttribute("title", "1 session", {
    timeout: 20_000,
  });
  await expect(figure(page, "Cost", strip)).toHaveAttribute("title", `$${truth.cost_usd}`, {
    timeout: 40_000,
  });
  await expect(figure(page, "Requests", strip)).toHaveAttribute("title", `${truth.api_requests_ok} requests`);
  const steps = await savedRows(page, "How fast is it spent?");
  expect(sumOf(steps, "Cost (USD)")).toBeCloseTo(truth.cost_usd, 6);
  await expect(page.getByRole("table", { name: "Running sessions" }).locator("tbody tr")).toHaveCount(1);
  await lookFromAllSides(page, "live", () => expect(rows.first()).toBeVisible());
});

test.describe("on demo data", () => {
  let demo: Demo;

  test.beforeAll(async () => {
    demo = await makeDemo();
  });

  test.afterAll(async () => {
    await demo.remove();
  });

  test("data health tells who is covered by what", async ({ page, pitwall }) => {
    const { address } = await pitwall({ data: demo.data });
    await page.goto(`${address}/health?${demo.range}`);
    // The demo loses nothing on its way.
    await expect(figure(page, "Events lost")).toHaveAttribute("title", "0 events");
    const days = await savedRows(page, "Who is covered, and when?");
    const people = new Set(days.map((row) => row.Who));
    await page.goto(`${address}/people?${demo.range}`);
    const listed = await savedRows(page, "Who works with it?");
    expect([...people].sort()).toEqual(listed.map((row) => row.Who).sort());
    await page.goto(`${address}/health?${demo.range}`);
    await lookFromAllSides(page, "demo-health", () =>
      expect(page.getByRole("region", { name: "People by day" })).toBeVisible(),
    );
  });

  test("settings show prices, teams and what is kept", async ({ page, pitwall }) => {
    const { address } = await pitwall({ data: demo.data });
    await page.goto(`${address}/settings?tz=UTC`);
    await expect(page.getByRole("region", { name: "What is kept?" })).toContainText(
      demo.filled.sessions.toLocaleString("en-US"),
    );
    const prices = await savedRows(page, "What does a million tokens cost?");
    expect(sumOf(prices, "Requests")).toBe(demo.filled.requests);
    await lookFromAllSides(page, "demo-settings", async () => {
      await expect(page.getByRole("img", { name: "The card summary" })).toBeVisible();
      await expect
        .poll(() => page.evaluate(() => Array.from(document.images).every((card) => card.naturalWidth > 0)))
        .toBe(true);
    });
  });
});

test("a model without a price, and a line that cannot be read, are told", async ({ page, pitwall }) => {
  const { address } = await pitwall({ claudeDir: claudeHome("models") });
  await page.goto(`${address}/health?range=custom&from=2026-11-20&to=2026-11-22&tz=UTC`);
  const unpriced = page.getByRole("table", { name: "Models without a price" });
  await expect(unpriced).toContainText("claude-unheard-9-9", { timeout: 30_000 });
  await expect(unpriced.locator("tbody tr")).toHaveCount(1);
  await expect(page.getByRole("region", { name: "What about my history?" })).toContainText("Following");
});

test("connecting is a few answers, and the first event is told at once", async ({
  page,
  pitwall,
  request,
}) => {
  const { address } = await pitwall({ claudeDir: claudeHome("text-answer") });
  await page.goto(`${address}/connect?tz=UTC`);
  const guide = page.getByRole("region", { name: "How do I connect?" });
  await guide.getByRole("radio", { name: "Linux" }).check();
  await expect(guide).toContainText("~/.claude/settings.json");
  await guide.getByRole("radio", { name: "Everybody’s in an organization" }).check();
  await guide.getByRole("radio", { name: "Windows" }).check();
  await expect(guide).toContainText("C:\\Program Files\\ClaudeCode\\managed-settings.json");
  await guide.getByLabel("Team, if there are several").fill("R&D");
  await expect(guide).toContainText("team.id=R%26D");
  await expect(page).toHaveURL(/who=all/);
  await guide.getByRole("radio", { name: "Only mine" }).check();
  await guide.getByRole("radio", { name: "Bedrock, Vertex or Foundry" }).check();
  await guide.getByLabel("E-mail address to count the work under").fill("mira@example.org");
  await expect(guide).toContainText("enduser.id=mira@example.org");

  const works = page.getByRole("region", { name: "Does it work?" });
  await expect(works.getByRole("status")).toHaveText("Waiting for the first event");
  await lookFromAllSides(page, "connect", () => expect(works).toBeVisible());
  await send(request, address, "edits-accepted");
  await expect(works.getByRole("status")).toHaveText("First event received");
  await expect(works).toContainText("events and metrics");
});

test("cards have the figures, and a token opens them where keys are asked for", async ({
  page,
  pitwall,
  request,
}) => {
  const truth = expected(otlpJson("edits-accepted"));
  const data = await mkdtemp(join(tmpdir(), "pitwall-cards-"));
  const { stdout } = await promisify(execFile)(BINARY, [
    ...["key", "create", "--kind", "viewer", "--name", "homepage", "--json", "--data", data],
  ]);
  const { key } = JSON.parse(stdout) as { key: string };
  const { address } = await pitwall({ data });
  await send(request, address, "edits-accepted");
  expect((await request.get(`${address}/widget/cost.svg`)).status()).toBe(401);
  const authorization = `Bearer ${key}`;
  const { token } = await (
    await request.get(`${address}/api/v1/widgets`, { headers: { authorization } })
  ).json();
  const summary = async () =>
    (await request.get(`${address}/widget/summary.json?token=${token}`)).json() as Promise<{
      today: { all_tokens: number; cost_micros: { settled: number } };
      daily_cost_micros: number[];
    }>;
  await expect
    .poll(async () => (await summary()).daily_cost_micros.reduce((sum, day) => sum + day, 0))
    .toBe(Math.round(truth.cost_usd * 1e6));
  expect(allTokens(truth)).toBeGreaterThan(0);

  // A page of another origin may show the picture. It names its icon, so that the browser asks its server for nothing
  // more, which by then may have ended.
  const icon = '<link rel="icon" href="data:," />';
  const card = `${icon}<img alt="Card" src="${address}/widget/cost.svg?token=${token}" />`;
  const homepage = createServer((_, response) => response.setHeader("content-type", "text/html").end(card));
  await once(homepage.listen(0, "127.0.0.1"), "listening");
  await page.goto(`http://127.0.0.1:${(homepage.address() as AddressInfo).port}/`);
  await expect.poll(() => page.evaluate(() => document.images[0]?.naturalWidth)).toBe(320);
  await page.goto("about:blank");
  homepage.close();
  await rm(data, { recursive: true, force: true });
});
