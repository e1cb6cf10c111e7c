/** Demo data through the real program: what the page shows is what was counted when the data was made. */

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "@playwright/test";
import { figure } from "../../support/headline";
import { lookFromAllSides } from "../../support/look";
import { BINARY, test } from "../../support/test";

/** What `pitwall demo --fill-only --json` prints; counted by the generator, not read from the ledger. */
interface Made {
  /** Microseconds since 1970. */
  readonly end: number;
  readonly days: number;
  readonly filled: {
    readonly sessions: number;
    readonly requests: number;
    readonly tokens: Readonly<Record<"input" | "output" | "cache_read" | "cache_creation", number>>;
    readonly cost_picos: number;
    readonly commits: number;
    readonly pull_requests: number;
    readonly lines_added: number;
    readonly lines_removed: number;
  };
}

const DAY_MS = 86_400_000;
const PICOS_PER_MICRO = 1_000_000;

let data: string;
let made: Made;

test.beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "pitwall-demo-"));
  const options = ["--developers", "6", "--days", "14", "--seed", "3", "--http", "127.0.0.1:0"];
  const { stdout } = await promisify(execFile)(BINARY, [
    "demo",
    "--data",
    data,
    ...options,
    "--fill-only",
    "--json",
  ]);
  made = JSON.parse(stdout);
});

test.afterAll(async () => {
  await rm(data, { recursive: true, force: true });
});

test("the Overview shows what the demo's people did", async ({ page, pitwall }) => {
  const { address } = await pitwall({ data });
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const last = made.end / 1_000;
  const range = `from=${day(last - (made.days - 1) * DAY_MS)}&to=${day(last)}`;
  await page.goto(`${address}/?range=custom&${range}&tz=UTC`);

  const { filled } = made;
  const tokens = Object.entries(filled.tokens)
    .filter(([kind]) => ["input", "output", "cache_read", "cache_creation"].includes(kind))
    .reduce((sum, [, count]) => sum + count, 0);
  const micros = Math.round(filled.cost_picos / PICOS_PER_MICRO);
  const dollars = (micros / 1e6).toLocaleString("en-US", {
    minimumFractionDigits: 2,
    maximumFractionDigits: 6,
  });
  for (const [label, exact] of [
    ["Tokens", `${count(tokens)} tokens`],
    ["Cost", `$${dollars}`],
    ["Requests", `${count(filled.requests)} requests`],
    ["Sessions", `${count(filled.sessions)} sessions`],
    ["Commits", `${count(filled.commits)} commits`],
    ["Pull requests", `${count(filled.pull_requests)} pull requests`],
  ] as const) {
    await expect(figure(page, label)).toHaveAttribute("title", exact, { timeout: 30_000 });
  }
  await lookFromAllSides(page, "demo", () =>
    expect(page.getByRole("table", { name: "Models" })).toBeVisible(),
  );
});

function count(number: number): string {
  return number.toLocaleString("en-US");
}
