/** Screenshots at the widths and in the schemes that are looked at, with what must hold in each of them. */

import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const FOLDER = fileURLToPath(new URL("../screenshots/", import.meta.url));

/** Axe is slow, and its findings depend on the scheme and the layout, not on every pair of both. */
const LOOKS = [
  { width: 1440, colorScheme: "light", axe: true },
  { width: 1440, colorScheme: "dark", axe: true },
  { width: 1024, colorScheme: "light", axe: false },
  { width: 390, colorScheme: "light", axe: true },
  { width: 390, colorScheme: "dark", axe: false },
] as const;

/**
 * Looks at the page from all sides: waits for `ready`, keeps a picture in `screenshots/`, and expects that
 * nothing scrolls sideways and nothing keeps anybody from using the page.
 */
export async function lookFromAllSides(page: Page, name: string, ready: () => Promise<void>): Promise<void> {
  for (const { width, colorScheme, axe } of LOOKS) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await ready();
    await page.screenshot({ path: `${FOLDER}${name}-${width}-${colorScheme}.png`, fullPage: true });
    expect(await sidewaysOverflow(page), `${name} scrolls sideways at ${width}`).toBe(0);
    if (axe) {
      await expectAccessible(page, `${name} at ${width}, ${colorScheme}`);
    }
  }
}

/** No serious violation, as axe counts them. */
async function expectAccessible(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => `${node.html} ${node.failureSummary}`) }));
  expect(serious, where).toEqual([]);
}

function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
