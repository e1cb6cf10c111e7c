/** Screenshots at the widths and in the schemes that are looked at, with what must hold in each of them. */

import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import type { RunOptions } from "axe-core";

const FOLDER = fileURLToPath(new URL("../screenshots/", import.meta.url));

/**
 * What axe looks for. It is slow, and its findings depend on the scheme (contrast) or on the layout (everything else), so each
 * is asked once.
 */
const EVERYTHING: RunOptions = {};
const CONTRAST: RunOptions = { runOnly: ["color-contrast"] };
const ALL_BUT_CONTRAST: RunOptions = { rules: { "color-contrast": { enabled: false } } };

const LOOKS = [
  { width: 1440, colorScheme: "light", axe: EVERYTHING },
  { width: 1440, colorScheme: "dark", axe: CONTRAST },
  { width: 1024, colorScheme: "light", axe: undefined },
  { width: 390, colorScheme: "light", axe: ALL_BUT_CONTRAST },
  { width: 390, colorScheme: "dark", axe: undefined },
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
      await expectAccessible(page, axe, `${name} at ${width}, ${colorScheme}`);
    }
  }
}

/** No serious violation, as axe counts them. */
async function expectAccessible(page: Page, options: RunOptions, where: string): Promise<void> {
  // Pages here have no frames, so axe needs no second page to put its findings together.
  const axe = new AxeBuilder({ page }).options({ ...options, resultTypes: ["violations"] }).setLegacyMode();
  const { violations } = await axe.analyze();
  const serious = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => `${node.html} ${node.failureSummary}`) }));
  expect(serious, where).toEqual([]);
}

function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
