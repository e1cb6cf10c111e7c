/** The figures on the page are those of known data, through the real program. */

import { expect } from "@playwright/test";
import { allTokens, claudeHome, expected, exportsNow, otlpJson, tokensOf } from "../../support/expected";
import { figure } from "../../support/headline";
import { lookFromAllSides } from "../../support/look";
import { test } from "../../support/test";

/** The fixtures were made on 22 November 2026. */
const DAYS = "/?range=custom&from=2026-11-20&to=2026-11-22&tz=UTC";

function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;
}

for (const scenario of ["edits-rejected", "commit-and-pr", "subagent", "resume"]) {
  test(`transcripts of ${scenario}`, async ({ page, pitwall }) => {
    const truth = expected(claudeHome(scenario));
    const { address } = await pitwall({ claudeDir: claudeHome(scenario) });
    await page.goto(address + DAYS);
    await expect(figure(page, "Tokens")).toHaveAttribute("title", count(allTokens(truth), "token"), {
      timeout: 30_000,
    });
    await expect(figure(page, "Cost")).toHaveAttribute("title", `$${truth.cost_usd}`);
    await expect(figure(page, "Requests")).toHaveAttribute("title", count(truth.api_requests_ok, "request"));
    await expect(figure(page, "Sessions")).toHaveAttribute(
      "title",
      count(truth.session_ids.length, "session"),
    );
    await expect(figure(page, "Commits")).toHaveAttribute("title", count(truth.commits, "commit"));
    await expect(figure(page, "Pull requests")).toHaveAttribute(
      "title",
      count(truth.pull_requests, "pull request"),
    );

    const tools = page.getByRole("table", { name: "Tools" });
    for (const [tool, { accept = 0, reject = 0 }] of Object.entries(truth.code_edit_decisions)) {
      const cells = tools.getByRole("row", { name: tool }).getByRole("cell");
      await expect(cells.nth(1)).toHaveText(String(accept));
      await expect(cells.nth(2)).toHaveText(String(reject));
    }
  });
}

test("models, each with its tokens, and one that has no price", async ({ page, pitwall }) => {
  const truth = expected(claudeHome("models"));
  const { address } = await pitwall({ claudeDir: claudeHome("models") });
  await page.goto(address + DAYS);
  const models = page.getByRole("table", { name: "Models" });
  await expect(models.locator("tbody tr")).toHaveCount(Object.keys(truth.tokens).length, { timeout: 30_000 });
  for (const [model, tokens] of Object.entries(truth.tokens)) {
    const undated = model.replace(/-\d{8}$/, "");
    const row = models.getByRole("row").filter({ has: page.locator(`[title^="${undated}"]`) });
    await expect(row.getByTitle(count(tokensOf(tokens), "token"), { exact: true })).toBeVisible();
  }
  await expect(page.getByText(/Not in the price book of .*: claude-unheard-9-9/)).toBeVisible();
  await lookFromAllSides(page, "fixtures-models", () => expect(models).toBeVisible());
});

test("nothing yet, then a session: the page opens by itself and the list is live", async ({
  page,
  pitwall,
  request,
}) => {
  const truth = expected(otlpJson("edits-accepted"));
  const { address } = await pitwall();
  await page.goto(`${address}/?range=7d&tz=UTC`);
  await expect(page.getByRole("heading", { name: "Nothing to show yet" })).toBeVisible();
  await expect(page.getByRole("region", { name: "How do I connect?" })).toContainText(address);

  for (const { path, body } of await exportsNow("edits-accepted")) {
    const answer = await request.post(address + path, {
      headers: { "content-type": "application/json" },
      data: body,
    });
    expect(answer.status()).toBe(200);
  }
  await expect(page.getByRole("heading", { name: "What did it cost?" })).toBeVisible();
  await expect(figure(page, "Tokens")).toHaveAttribute("title", count(allTokens(truth), "token"), {
    timeout: 40_000,
  });
  await expect(figure(page, "Cost")).toHaveAttribute("title", `$${truth.cost_usd}`);
  const rows = page.getByRole("region", { name: "Newest requests" }).locator("tbody tr");
  await expect(rows).toHaveCount(truth.api_requests_ok);

  // Another session while the page is open: it appears without a reload.
  const again = (await exportsNow("edits-accepted")).map(({ path, body }) => ({
    path,
    body: truth.session_ids
      .reduce((text, id) => text.replaceAll(id, id.replace(/^./, "f")), body)
      .replaceAll('"req_', '"req_again_'),
  }));
  for (const { path, body } of again) {
    await request.post(address + path, { headers: { "content-type": "application/json" }, data: body });
  }
  await expect(rows).toHaveCount(2 * truth.api_requests_ok);
  await expect(figure(page, "Sessions")).toHaveAttribute("title", "2 sessions", { timeout: 40_000 });
});
