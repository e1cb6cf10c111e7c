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

  const visited = new Set<string>();
  for (let presses = 0; presses < 400; presses += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) {
        return null;
      }
      const name = element.getAttribute("aria-label") ?? element.textContent ?? "";
      // A radio's own box is hidden; its label shows the focus.
      const isRadio = element instanceof HTMLInputElement && element.type === "radio";
      const shown = isRadio ? element.nextElementSibling : element;
      return {
        name: name.trim(),
        outlined: shown !== null && getComputedStyle(shown).outlineStyle !== "none",
      };
    });
    if (focused === null) {
      break;
    }
    expect(focused.outlined, `focus on ${focused.name} is visible`).toBe(true);
    visited.add(focused.name);
  }
  for (const name of ["Models", "Newest requests", "Pause"]) {
    expect([...visited]).toContain(name);
  }
});
