/** What stands around every page: what is shown, how it is changed, and how it is taken along. */

import { readFile } from "node:fs/promises";
import { chooseFilter, choosePreset } from "../../support/head";
import { expect, test } from "../../support/test";

test("filters are chips in the address, and reach the server", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.goto(`${address}/?range=7d&tz=UTC`);
  const asked = page.waitForRequest(/overview\?.*team=web/);
  await chooseFilter(page, "Teams", "web");
  await asked;
  await chooseFilter(page, "Teams", "data");
  await chooseFilter(page, "Models", "Opus 5.5");
  await expect(page).toHaveURL(/team=web&team=data&model=claude-opus-5-5/);
  const chips = page.getByRole("list", { name: "Filters" });
  await expect(chips).toContainText("Team web or data");

  // What no source tells by model is not shown as nothing.
  const headline = page.getByRole("region", { name: "Headline figures" });
  await expect(headline.getByText("not told by model").first()).toBeVisible();

  await page.getByRole("button", { name: /Remove the filter: Model/ }).click();
  await expect(page).not.toHaveURL(/model=/);
  await page.goBack();
  await expect(page).toHaveURL(/model=claude-opus-5-5/);
  await page.getByRole("button", { name: "Clear all" }).click();
  await expect(chips).toBeHidden();
});

test("days and filters travel from page to page, a page's own options do not", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.goto(`${address}/?range=7d&tz=UTC&team=web&by=tokens`);
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Tools" }).click();
  await expect(page).toHaveURL(/\/tools\?range=7d&tz=UTC&team=web$/);
  await expect(page.getByRole("heading", { name: "Tools", level: 1 })).toBeVisible();
});

test("the range can be compared with a year before", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.clock.setFixedTime(new Date("2026-11-22T12:00:00Z"));
  await page.goto(`${address}/?range=7d&tz=UTC`);
  await page.getByRole("button", { name: "Last 7 days" }).click();
  const asked = page.waitForRequest(/overview\?.*compare=year/);
  await page.getByText("A year before").click();
  await asked;
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("period")).toContainText("compared with 16 Nov to 22 Nov 2025");
  await choosePreset(page, "Last month");
  await expect(page.getByTestId("period")).toContainText("1 Oct to 31 Oct 2026 (31 days)");
});

test("the command palette finds pages, people and commands", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.goto(`${address}/?range=7d&tz=UTC`);
  await expect(page.getByRole("heading", { name: "What did it cost?" })).toBeVisible();
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox", { name: /Search pages/ });
  await expect(field).toBeFocused();
  await field.fill("produ");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/productivity/);

  await page.keyboard.press("Control+k");
  await field.fill("person-7@");
  await expect(page.getByRole("option")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("list", { name: "Filters" })).toContainText("person-7@example.org");

  await page.keyboard.press("Control+k");
  await field.fill("nobody is called this");
  await expect(page.getByText("Nothing is called that.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(field).toBeHidden();
});

test("keys go to pages and through time", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.clock.setFixedTime(new Date("2026-11-22T12:00:00Z"));
  await page.goto(`${address}/?range=7d&tz=UTC`);
  await expect(page.getByRole("heading", { name: "What did it cost?" })).toBeVisible();
  await page.keyboard.press("[");
  await expect(page).toHaveURL(/from=2026-11-09&to=2026-11-15/);
  await page.keyboard.press("]");
  await expect(page).toHaveURL(/from=2026-11-16&to=2026-11-22/);
  // There is nothing after today.
  await page.keyboard.press("]");
  await expect(page).toHaveURL(/from=2026-11-16&to=2026-11-22/);
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await expect(page).toHaveURL(/\/cost\?/);
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(help).toContainText("Go to Models");
  await page.keyboard.press("Escape");
  await page.keyboard.press("f");
  await expect(page.getByRole("dialog", { name: "Show only" })).toBeVisible();
});

test("a panel is saved as rows and as a picture", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.goto(`${address}/cost?range=custom&from=2026-11-02&to=2026-11-03&tz=UTC`);
  const save = async (item: string) => {
    await page.getByRole("button", { name: "Export: What did it go to?" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: item }).click();
    return download;
  };
  await expect(page.locator("[data-chart] svg path[fill]").first()).toBeAttached();
  const rows = await save("Save rows as CSV");
  expect(rows.suggestedFilename()).toBe("what-did-it-go-to-2026-11-02-2026-11-03.csv");
  const [head] = (await readFile(await rows.path(), "utf8")).split("\r\n");
  expect(head).toBe("\ufeffModel,Cost (USD),Share,Cost before (USD),Requests,Tokens");
  const picture = await save("Save chart as PNG");
  expect(picture.suggestedFilename()).toBe("what-did-it-go-to-2026-11-02-2026-11-03.png");
  const bytes = await readFile(await picture.path());
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  expect(bytes.length).toBeGreaterThan(5_000);
});

test("a figure says what is behind it, in the address", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.goto(`${address}/cost?range=7d&tz=UTC`);
  const row = page.getByRole("table", { name: "Cost by model" }).getByRole("row", { name: /Sonnet 5\.5/ });
  await row.getByRole("button", { name: /^\$/ }).click();
  await expect(page).toHaveURL(/why=cost%26model%3Dclaude-sonnet-5-5/);
  const drawer = page.getByRole("dialog", { name: "What is behind it: cost" });
  await expect(drawer).toContainText("model Sonnet 5.5");
  await page.reload();
  await expect(drawer.getByRole("table", { name: "Postings" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page).not.toHaveURL(/why=/);
});

test("on a phone the pages open below the head and close again", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${address}/?range=7d&tz=UTC`);
  const link = page.getByRole("link", { name: "Models", exact: true });
  await expect(link).toBeHidden();
  await page.getByRole("button", { name: "Pages" }).click();
  await link.click();
  await expect(page.getByRole("heading", { name: "Models", level: 1 })).toBeVisible();
  await expect(link).toBeHidden();
});

test("a printed page has the figures and what they are of, without controls", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.goto(`${address}/cost?range=7d&tz=UTC&team=web`);
  await expect(page.getByRole("table", { name: "Cost by model" })).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(page.getByTestId("period")).toBeVisible();
  await expect(page.getByRole("list", { name: "Filters" })).toContainText("Team web");
  for (const control of ["Filter", "Last 7 days", "Export: What did it go to?", "Search and commands"]) {
    await expect(page.getByRole("button", { name: control, exact: true })).toBeHidden();
  }
  await page.pdf({ path: "screenshots/cost-print.pdf", format: "A4" });
});
