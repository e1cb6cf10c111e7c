/** The test function of all tests here: servers to start, and two promises that every test keeps. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, expect, type Page } from "@playwright/test";
import { type Started, start } from "./process";

const MOCK = fileURLToPath(new URL("../mock/pitwall-mock.mjs", import.meta.url));
/** The program under test. */
export const BINARY =
  process.env.PITWALL_BIN ?? fileURLToPath(new URL("../../target/debug/pitwall", import.meta.url));

/** What the mock plays; see `mock/pitwall-mock.mjs`. */
export type Scene = "full" | "empty" | "quiet" | "locked" | "broken" | "demo";

export interface ServerOptions {
  /** A data directory that stays [default: an empty one for this test]. */
  readonly data?: string;
  /** A Claude directory to import; without it no transcripts are read. */
  readonly claudeDir?: string;
  /** Settings beyond the ports, as `PITWALL_SECTION_KEY`. */
  readonly env?: Record<string, string>;
}

/** Starts the real program on free ports. Whoever starts it stops it. */
export function serve({ data, claudeDir, env }: ServerOptions & { readonly data: string }): Promise<Started> {
  const transcripts = claudeDir === undefined ? ["--no-transcripts"] : ["--claude-dir", claudeDir];
  const ports = ["--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"];
  return start(BINARY, ["serve", "--data", data, ...ports, ...transcripts], env ?? {});
}

interface Fixtures {
  readonly mock: (scene: Scene) => Promise<Started>;
  readonly pitwall: (options?: ServerOptions) => Promise<Started>;
  /** Console errors that this test provokes. */
  readonly provoked: RegExp[];
  readonly wellBehaved: undefined;
}

export const test = base.extend<Fixtures>({
  mock: async ({ page }, use) => {
    const started: Started[] = [];
    await use(async (scene) => {
      const server = await start(process.execPath, [MOCK], {
        PITWALL_MOCK: scene,
        PITWALL_HTTP: "127.0.0.1:0",
      });
      started.push(server);
      return server;
    });
    await leave(page);
    await Promise.all(started.map((server) => server.stop()));
  },

  pitwall: async ({ page }, use) => {
    const own = await mkdtemp(join(tmpdir(), "pitwall-e2e-"));
    const started: Started[] = [];
    await use(async (options = {}) => {
      const server = await serve({ data: own, ...options });
      started.push(server);
      return server;
    });
    await leave(page);
    await Promise.all(started.map((server) => server.stop()));
    await rm(own, { recursive: true, force: true });
  },

  provoked: [[], { option: true }],

  // Every page: no console error that was not provoked, no request to another origin.
  wellBehaved: [
    async ({ page, provoked }, use) => {
      const errors: string[] = [];
      const hosts = new Set<string>();
      page.on("console", (message) => {
        if (message.type() === "error" && !provoked.some((expected) => expected.test(message.text()))) {
          errors.push(message.text());
        }
      });
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("request", (request) => {
        const url = new URL(request.url());
        if (url.protocol !== "data:" && url.protocol !== "blob:") {
          hosts.add(url.hostname);
        }
      });
      await use(undefined);
      expect(errors, "errors on the console").toEqual([]);
      expect(
        [...hosts].filter((host) => host !== "127.0.0.1"),
        "requests to other hosts",
      ).toEqual([]);
    },
    { auto: true },
  ],
});

/** Ends the page's open connections, so that stopping the server is no error on its console. */
async function leave(page: Page): Promise<void> {
  await page.goto("about:blank");
}

export { expect };
