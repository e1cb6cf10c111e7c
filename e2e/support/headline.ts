/** The figures in the strip at the top of a page. */

import type { Locator, Page } from "@playwright/test";

/** A figure by its label, of the Overview or of the strip of that name; its title has the exact value. */
export function figure(page: Page, label: string, strip = "Headline figures"): Locator {
  const headline = page.getByRole("region", { name: strip });
  const box = headline.locator("div", { has: page.getByRole("term").getByText(label, { exact: true }) });
  return box.getByRole("definition").first();
}
