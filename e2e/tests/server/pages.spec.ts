/**
 * What holds for every page alike: what assistive programs are told, the keyboard, and how much is fetched at
 * first. All of it on the captures of the real client, which never change.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { CAPTURED, type Captures, everyCapture, SESSION } from "../../support/captures";
import { tabThrough } from "../../support/focus";
import { PAGES } from "../../support/pages.mjs";
import type { Started } from "../../support/process";
import { serve, test } from "../../support/test";
import { treeOf } from "../../support/tree";

test.describe.configure({ timeout: 120_000 });

/** Compressed bytes of everything that a page fetches of the program to show its first figures. */
const MOST_BYTES = 600_000;

let captures: Captures;
let server: Started;
let data: string;
let project: string;
let person: string;

test.beforeAll(async ({ request }) => {
  captures = await everyCapture();
  data = await mkdtemp(join(tmpdir(), "pitwall-pages-"));
  server = await serve({ data, claudeDir: captures.claudeDir });
  const ask = async (path: string) => (await request.get(`${server.address}/api/v1/${path}`)).json();
  // The pages are looked at when everything has been read.
  await expect.poll(async () => (await ask("status")).import.state, { timeout: 60_000 }).toBe("following");
  const days = "start=2026-11-21&end=2026-11-22";
  const { projects } = await ask(`projects?${days}`);
  project = projects.map((row: { project: string }) => row.project).find((name: string) => /subagent/.test(name));
  // The login of whoever runs the tests.
  person = (await ask(`people?${days}`)).people[0].actor;
});

test.afterAll(async () => {
  await server.stop();
  await captures.remove();
  await rm(data, { recursive: true, force: true });
});

/** Opens a page and waits until none of its panels waits for anything. */
async function open(page: Page, path: (typeof PAGES)[number]): Promise<void> {
  const things = { ":person": person, ":project": project, ":session": SESSION };
  const address = Object.entries(things).reduce(
    (address, [place, thing]) => address.replace(place, encodeURIComponent(thing)),
    path as string,
  );
  await page.goto(`${server.address}${address}?${CAPTURED}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator('main [aria-busy="true"]')).toHaveCount(0, { timeout: 30_000 });
  await expect(page.getByRole("status").filter({ hasText: "Looking" })).toHaveCount(0);
}

for (const path of PAGES) {
  const name = path === "/" ? "overview" : path.slice(1).replaceAll(/[/:]+/g, "-");

  test(`${name} tells assistive programs what it shows`, async ({ page }) => {
    await open(page, path);
    expect(await treeOf(page.locator("main"), [person])).toMatchSnapshot(`${name}.txt`);
  });

  test(`${name} is used by keyboard alone`, async ({ page }) => {
    await open(page, path);
    const visited = [...(await tabThrough(page))];
    // Everything that can be pressed is reached, but what arrow keys reach: the days of a calendar.
    const pressable = page.locator("main").locator('a[href]:visible, button:enabled:visible:not([tabindex="-1"])');
    const names = await pressable.evaluateAll((all) =>
      all.map((each) => (each.getAttribute("aria-label") ?? each.textContent ?? "").trim()),
    );
    expect(names.filter((name) => !visited.includes(name))).toEqual([]);
  });

  test(`${name} fetches little at first, and nothing twice`, async ({ page }) => {
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await open(page, path);
    expect(asked.filter((url, place) => asked.indexOf(url) !== place)).toEqual([]);
    const bytes = await page.evaluate(() =>
      [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
        .map((entry) => entry as PerformanceResourceTiming)
        .filter(({ name }) => !new URL(name).pathname.startsWith("/api/"))
        .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    );
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });
}
