import { tabThrough } from "../../support/focus";
import { expect, test } from "../../support/test";

test("everything is reached and used by keyboard", async ({ page, mock }) => {
  const { address } = await mock("full");
  await page.goto(`${address}/?range=30d&tz=UTC`);
  await expect(page.getByRole("region", { name: "Newest requests" })).toBeVisible();

  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the page" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("main")).toBeFocused();

  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Filter", exact: true })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const days = page.getByRole("dialog", { name: "Which days?" });
  await expect(days.getByRole("button", { name: "Last 30 days" })).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/range=7d/);
  await expect(page.locator("#choose-days")).toBeFocused();

  const visited = await tabThrough(page);
  for (const name of ["Models", "Newest requests", "Pause"]) {
    expect([...visited]).toContain(name);
  }
});
