/** Every page on made-up answers: work on the dashboard needs no server, and sees each panel filled. */

import { PAGES } from "../../support/pages.mjs";
import { expect, test } from "../../support/test";

/** One of many, of those that the mock server knows. */
const ONE: Record<string, string> = {
  ":person": "ann%40example.org",
  ":project": "%2Fhome%2Fann%2Fwork%2Fwebshop",
  ":session": "00000000-0000-4000-8000-000000000002",
};

for (const each of PAGES) {
  const path = each.replace(/:\w+/, (one) => ONE[one] ?? one);
  test(`the page ${path} has made-up answers`, async ({ page, mock }) => {
    const { address } = await mock("full");
    await page.goto(`${address}${path}`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.locator("main section").first()).toBeVisible();
    await expect(page.locator('main [aria-busy="true"]')).toHaveCount(0);
    await expect(page.getByRole("alert")).toHaveCount(0);
  });
}
