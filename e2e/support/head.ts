/** The head of every page: what it shows, and how that is changed. */

import type { Page } from "@playwright/test";

/** Chooses one of the ranges by its name. */
export async function choosePreset(page: Page, name: string): Promise<void> {
  await page.locator("#choose-days").click();
  await page.getByRole("dialog", { name: "Which days?" }).getByRole("button", { name, exact: true }).click();
}

/** Narrows the page to a value of a filter. */
export async function chooseFilter(page: Page, filter: string, value: string): Promise<void> {
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Show only" });
  await dialog.getByRole("tab", { name: filter }).click();
  await dialog.getByLabel(value, { exact: true }).check();
  await page.keyboard.press("Escape");
}
