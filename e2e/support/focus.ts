/** Going through a page by keyboard alone. */

import { expect, type Page } from "@playwright/test";

/** More presses than any page has things to reach. */
const MOST_PRESSES = 600;

/**
 * Presses Tab from where the focus is until it leaves the page, and tells the names of what it reached. Expects
 * that each shows that it has the focus, and that nothing holds it.
 */
export async function tabThrough(page: Page): Promise<ReadonlySet<string>> {
  const visited = new Set<string>();
  for (let presses = 0; presses < MOST_PRESSES; presses += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(focusedElement);
    if (focused === null) {
      return visited;
    }
    expect(focused.outlined, `focus on ${focused.name} is visible`).toBe(true);
    visited.add(focused.name);
  }
  throw new Error(`the focus did not leave the page; it reached ${[...visited].join(", ")}`);
}

/** Runs in the page. Null when nothing of the page has the focus. */
function focusedElement(): { readonly name: string; readonly outlined: boolean } | null {
  const element = document.activeElement;
  if (element === null || element === document.body) {
    return null;
  }
  const name = element.getAttribute("aria-label") ?? element.textContent ?? "";
  // Of some radios only the label is drawn, and shows the focus.
  const isHidden = element.clientWidth === 0 && element instanceof HTMLInputElement;
  const shown = isHidden ? element.nextElementSibling : element;
  return { name: name.trim(), outlined: shown !== null && getComputedStyle(shown).outlineStyle !== "none" };
}
