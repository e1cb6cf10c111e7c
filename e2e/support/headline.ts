/** The figures at the top of the Overview. */

import type { Locator, Page } from "@playwright/test";

/** A headline figure by its label; its title has the exact value. */
export function figure(page: Page, label: string): Locator {
  const headline = page.getByRole("region", { name: "Headline figures" });
  const box = headline.locator("div", { has: page.getByRole("term").getByText(label, { exact: true }) });
  return box.getByRole("definition").first();
}
