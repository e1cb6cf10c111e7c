import type { Page } from "@playwright/test";
import { lookFromAllSides } from "../../support/look";
import { expect, test } from "../../support/test";

// Axe looks at every cell of every table, five times a page.
test.describe.configure({ timeout: 240_000 });

test.describe("every state from all sides", { tag: "@screenshots" }, () => {
  test("the Overview", async ({ page, mock }) => {
    const { address } = await mock("full");
    await page.goto(address);
    await lookFromAllSides(page, "overview", async () => {
      await expect(page.getByRole("status", { name: "Live list" })).toHaveText("Live");
      await expect(page.locator("svg path[fill]").first()).toBeAttached();
    });
  });

  test("the Overview as a table of a custom range", async ({ page, mock }) => {
    const { address } = await mock("full");
    await page.goto(`${address}/?range=custom&from=2026-01-05&to=2026-02-10&tz=UTC&by=tokens&view=table`);
    await lookFromAllSides(page, "overview-table", async () => {
      await expect(page.getByRole("region", { name: "By day and model" })).toBeVisible();
    });
  });

  for (const [path, table] of [
    ["cost", "Cost by model"],
    ["models", "Failed requests"],
    ["tools", "Calls that failed"],
    ["productivity", "Output by team"],
  ] as const) {
    test(`the page ${path}`, async ({ page, mock }) => {
      const { address } = await mock("full");
      await page.goto(`${address}/${path}`);
      await lookFromAllSides(page, path, async () => {
        await expect(page.getByRole("table", { name: table })).toBeVisible();
        await expect(page.locator("[data-chart] svg path[fill]").first()).toBeAttached();
      });
    });

    test(`the page ${path} with nothing in its range`, async ({ page, mock }) => {
      const { address } = await mock("quiet");
      await page.goto(`${address}/${path}`);
      await lookFromAllSides(page, `${path}-nothing`, async () => {
        await expect(page.getByText(/ in the last 30 days\.|No request failed/).first()).toBeVisible();
      });
    });
  }

  for (const [name, open] of [
    ["palette", (page: Page) => page.keyboard.press("Control+k")],
    ["shortcuts", (page: Page) => page.keyboard.press("?")],
    ["days", (page: Page) => page.keyboard.press("d")],
    ["filters", (page: Page) => page.keyboard.press("f")],
    ["explain", (page: Page) => page.getByRole("button", { name: /^\$/ }).first().click()],
  ] as const) {
    test(`the dialog ${name}`, async ({ page, mock }) => {
      const { address } = await mock("full");
      await page.goto(`${address}/models?tz=UTC&team=web&team=data&person=person-1%40example.org`);
      await expect(page.getByRole("table", { name: "Models" })).toBeVisible();
      await open(page);
      await lookFromAllSides(page, `dialog-${name}`, () => expect(page.getByRole("dialog")).toBeVisible());
    });
  }

  test("a page on paper", async ({ page, mock }) => {
    const { address } = await mock("full");
    await page.goto(`${address}/cost?tz=UTC&team=web`);
    await page.emulateMedia({ media: "print" });
    // A4 at 96 dots an inch, less the margins that browsers leave.
    await page.setViewportSize({ width: 720, height: 1_040 });
    await expect(page.locator("[data-chart] svg path[fill]").first()).toBeAttached();
    await page.screenshot({ path: "screenshots/cost-print.png", fullPage: true });
  });

  test("a range in which nothing happened", async ({ page, mock }) => {
    const { address } = await mock("quiet");
    await page.goto(address);
    await lookFromAllSides(page, "overview-nothing", async () => {
      await expect(page.getByText("No requests in the last 30 days.")).toBeVisible();
    });
  });

  test("nothing to show yet", async ({ page, mock }) => {
    const { address } = await mock("empty");
    await page.goto(address);
    await lookFromAllSides(page, "nothing-yet", async () => {
      await expect(page.getByRole("heading", { name: "Nothing to show yet" })).toBeVisible();
    });
  });
});

test.describe("refusals", { tag: "@screenshots" }, () => {
  test.use({ provoked: [/status of (401|500)/] });

  test("a key is needed", async ({ page, mock }) => {
    const { address } = await mock("locked");
    await page.goto(address);
    await lookFromAllSides(page, "sign-in", async () => {
      await expect(page.getByLabel("Viewer key")).toBeVisible();
    });
  });

  test("the server fails", async ({ page, mock }) => {
    const { address } = await mock("broken");
    await page.goto(address);
    await lookFromAllSides(page, "broken", async () => {
      await expect(page.getByRole("alert").first()).toContainText("The ledger cannot be read.");
    });
  });
});
