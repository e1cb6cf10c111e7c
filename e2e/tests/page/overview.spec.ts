import { choosePreset } from "../../support/head";
import { expect, test } from "../../support/test";

test("the address holds what is shown, and back undoes it", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.goto(address);
  await expect(page).toHaveURL(/range=30d&tz=Europe%2FBerlin/);

  await choosePreset(page, "Last 7 days");
  await expect(page).toHaveURL(/range=7d/);
  await expect(page.getByText(/in the last 7 days:/)).toBeVisible();

  await page.getByRole("radiogroup", { name: "Measure" }).getByText("Tokens").click();
  await expect(page.getByRole("heading", { name: "How many tokens?" })).toBeVisible();

  await page.reload();
  await expect(page.getByRole("heading", { name: "How many tokens?" })).toBeVisible();
  await expect(page.getByText(/in the last 7 days:/)).toBeVisible();

  await page.goBack();
  await page.goBack();
  await expect(page.getByRole("heading", { name: "What did it cost?" })).toBeVisible();
  await expect(page.getByText(/in the last 30 days:/)).toBeVisible();
});

test("the time zone decides which days are asked for", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.clock.setFixedTime(new Date("2026-11-22T23:30:00Z"));
  await page.goto(`${address}/?range=today&tz=UTC`);
  await expect(page.getByTestId("period")).toContainText(
    "22 Nov 2026, today so far · UTC · compared with 21 Nov 2026",
  );

  const asked = page.waitForRequest(/overview\?.*timezone=Asia%2FTokyo/);
  await page.getByRole("button", { name: "Today" }).click();
  await page.getByRole("combobox", { name: "Time zone" }).click();
  await page.getByRole("combobox", { name: "Time zone" }).fill("tokyo");
  await page.getByRole("option", { name: "Asia/Tokyo" }).click();
  expect(new URL((await asked).url()).searchParams.get("start")).toBe("2026-11-23");
  await expect(page.getByTestId("period")).toContainText("23 Nov 2026, today so far · Asia/Tokyo");
});

test("a custom range follows its two dates", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.clock.setFixedTime(new Date("2026-11-22T12:00:00Z"));
  await page.goto(`${address}/?range=7d&tz=UTC`);
  await page.getByRole("button", { name: "Last 7 days" }).click();
  await page.getByLabel("First day").fill("2026-11-01");
  await expect(page).toHaveURL(/from=2026-11-01&to=2026-11-22/);
  await expect(page.getByTestId("period")).toContainText("1 Nov to 22 Nov 2026");
  await page.getByLabel("Last day").fill("2026-10-01");
  await expect(page.getByRole("alert")).toHaveText("Choose a first day before the last, at most 366 days.");
  await expect(page).toHaveURL(/to=2026-11-22/);
});

test("old figures stay, dimmed, until the new ones are there", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.goto(`${address}/?range=30d&tz=UTC`);
  const headline = page.getByRole("region", { name: "Headline figures" });
  await expect(headline).toHaveAttribute("aria-busy", "false");
  const before = await headline.getByRole("definition").first().textContent();

  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/\/api\/v1\/overview/, async (route) => {
    await held;
    await route.continue();
  });
  await choosePreset(page, "Last 7 days");
  await expect(headline).toHaveAttribute("aria-busy", "true");
  await expect(headline.getByRole("definition").first()).toHaveText(before ?? "");
  release();
  await expect(headline).toHaveAttribute("aria-busy", "false");
  await expect(headline.getByRole("definition").first()).not.toHaveText(before ?? "");
});

test("the chart's figures are a table for those who do not see it", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.goto(`${address}/?range=7d&tz=UTC`);
  const table = page.getByRole("table", { name: "By day and model" });
  await expect(table.getByRole("row")).toHaveCount(8);
  await expect(table.getByRole("columnheader")).toHaveCount(7);
  await expect(table.getByRole("rowheader").first()).toContainText("so far");
});

test("tables sort by their heads", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.goto(address);
  const models = page.getByRole("table", { name: "Models" });
  const requests = models.getByRole("columnheader", { name: "Requests" });
  await requests.getByRole("button").click();
  await expect(requests).toHaveAttribute("aria-sort", "descending");
  const counts = await models.locator("tbody tr td:nth-child(3)").allTextContents();
  const numbers = counts.map((text) => Number(text.replaceAll(",", "")));
  expect(numbers.length).toBeGreaterThan(3);
  expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
});

test("a model without a price is named", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.goto(address);
  const models = page.getByRole("region", { name: "Which models did the work?" });
  await expect(models.getByRole("row", { name: /claude-unheard-9-9/ })).toContainText("no price");
  await expect(models).toContainText("Not in the price book of 2026-11-22: claude-unheard-9-9.");
});

test("new requests come in by themselves, and pausing stops them", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.goto(address);
  const list = page.getByRole("region", { name: "Newest requests" });
  const rows = list.locator("tbody tr");
  await expect(rows).toHaveCount(50);
  await expect(list.locator("tr[data-new=true]").first()).toBeVisible();
  await expect(rows).toHaveCount(50);

  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("status", { name: "Live list" })).toHaveText("Paused");
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("status", { name: "Live list" })).toHaveText("Live");
});

test("the colour scheme is remembered", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(address);
  const scheme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
  expect(await scheme()).toBe("light");
  await page.getByRole("button", { name: "Switch to dark colours" }).click();
  expect(await scheme()).toBe("dark");
  await page.reload();
  expect(await scheme()).toBe("dark");
});

test("the page works where storage is forbidden", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException("forbidden", "SecurityError");
        },
      });
    }
  });
  await page.goto(address);
  await expect(page.getByRole("heading", { name: "What did it cost?" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Headline figures" })).toHaveAttribute("aria-busy", "false");
});

test.describe("a server that goes away", () => {
  test.use({
    provoked: [
      /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/,
    ],
  });

  test("the list says so and keeps what it has", async ({ page, mock }) => {
    const server = await mock("full");
    await page.goto(server.address);
    await expect(page.getByRole("status", { name: "Live list" })).toHaveText("Live");
    await server.stop();
    await expect(page.getByRole("status", { name: "Live list" })).toHaveText("Connection lost, trying again");
    await expect(page.getByRole("region", { name: "Newest requests" }).locator("tbody tr")).toHaveCount(50);
  });
});
