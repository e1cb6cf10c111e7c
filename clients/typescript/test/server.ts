/** The real program with known data, for the tests of one file. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** From `.test/test/`, where the compiled tests are. */
const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const PROGRAM = process.env.PITWALL_BIN ?? join(ROOT, "target/debug/pitwall");
const FIXTURE = join(process.env.PITWALL_FIXTURES ?? join(ROOT, "fixtures"), "otlp/http-json/edits-accepted");

/** The day of the fixture, and what its own truth says of it. */
export const DAY = "2026-11-22";
export interface Expected {
  readonly lines: { readonly added: number; readonly removed: number };
  readonly tokens: Readonly<
    Record<string, { input: number; output: number; cacheRead: number; cacheCreation: number }>
  >;
  readonly cost_usd: number;
}
export const expected = JSON.parse(readFileSync(join(FIXTURE, "expected.json"), "utf8")) as Expected;

/** A server that runs. */
export class Server {
  private constructor(
    readonly address: string,
    private readonly data: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<Server> {
    const data = mkdtempSync(join(tmpdir(), "pitwall-client-"));
    const args = [
      "serve",
      "--no-transcripts",
      "--http",
      "127.0.0.1:0",
      "--grpc",
      "127.0.0.1:0",
      "--data",
      data,
    ];
    const child = spawn(PROGRAM, args, {
      env: { ...process.env, PITWALL_ANALYTICS_FRESHNESS: "0s", ...settings },
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (address !== undefined) {
        child.stdout.resume();
        return new Server(address, data, child);
      }
    }
    throw new Error(`${PROGRAM} ended before it was ready`);
  }

  /** Makes a key. */
  key(kind: "admin" | "ingest" | "viewer", name = `${kind} of the tests`): string {
    const args = ["key", "create", "--kind", kind, "--name", name, "--json", "--data", this.data];
    return (JSON.parse(execFileSync(PROGRAM, args, { encoding: "utf8" })) as { key: string }).key;
  }

  /** Sends a session of the real client; `change` makes another one of it. */
  async send(change: (body: string) => string = (body) => body): Promise<void> {
    for (const file of readdirSync(FIXTURE).sort()) {
      const signal = /-(logs|metrics)\.json$/.exec(file)?.[1];
      if (signal !== undefined) {
        const body = change(readFileSync(join(FIXTURE, file), "utf8"));
        const headers = { "content-type": "application/json" };
        const answer = await fetch(`${this.address}/v1/${signal}`, { method: "POST", headers, body });
        if (!answer.ok) {
          throw new Error(`telemetry was answered with ${answer.status}: ${await answer.text()}`);
        }
      }
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await ended;
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** Another session of another person, of the same shape. */
export function somebodyElse(number: number): (body: string) => string {
  const session = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  const email = `person-${String(number).padStart(3, "0")}@example.org`;
  return (body) => {
    const told = JSON.stringify({ key: "user.email", value: { stringValue: email } });
    return body
      .replaceAll("61d9521f-6079-4237-9fab-8a692783a33e", session)
      .replaceAll(/\{\s*"key":\s*"session\.id"/g, `${told},$&`)
      .replaceAll(/"(req_[A-Za-z0-9]+)"/g, `"$1${number}"`);
  };
}
