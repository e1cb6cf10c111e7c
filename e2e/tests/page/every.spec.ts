/** Every page on made-up answers: work on the dashboard needs no server, and sees each panel filled. */

import { expect, test } from "../../support/test";

const PAGES = [
  "/",
  "/live",
  "/cost",
  "/productivity",
  "/tools",
  "/people",
  "/people/ann%40example.org",
  "/projects",
  "/projects/%2Fhome%2Fann%2Fwork%2Fwebshop",
  "/sessions",
  "/sessions/00000000-0000-4000-8000-000000000002",
  "/models",
  "/health",
  "/connect",
  "/settings",
];

for (const path of PAGES) {
  test(`the page ${path} has made-up answers`, async ({ page, mock }) => {
    const { address } = await mock("full");
    await page.goto(`${address}${path}`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.locator("main section").first()).toBeVisible();
    await expect(page.locator('main [aria-busy="true"]')).toHaveCount(0);
    await expect(page.getByRole("alert")).toHaveCount(0);
  });
}
