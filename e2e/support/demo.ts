/** Demo data through the real program, and what was counted when it was made. */

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { BINARY } from "./test";

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
    readonly accepted: number;
    readonly rejected: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly api_errors: number;
    readonly commits: number;
    readonly pull_requests: number;
    readonly lines_added: number;
    readonly lines_removed: number;
    readonly active_user_ms: number;
    readonly active_cli_ms: number;
  };
}

export interface Demo {
  /** The data directory. */
  readonly data: string;
  readonly filled: Made["filled"];
  /** All days of it, as an address's parameters. */
  readonly range: string;
  readonly remove: () => Promise<void>;
}

const DAY_MS = 86_400_000;
const PICOS_PER_MICRO = 1_000_000;

/** A company of six over two weeks. */
export async function makeDemo(): Promise<Demo> {
  const data = await mkdtemp(join(tmpdir(), "pitwall-demo-"));
  const options = ["--developers", "6", "--days", "14", "--seed", "3", "--http", "127.0.0.1:0"];
  const { stdout } = await promisify(execFile)(BINARY, [
    "demo",
    "--data",
    data,
    ...options,
    "--fill-only",
    "--json",
  ]);
  const made: Made = JSON.parse(stdout);
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const last = made.end / 1_000;
  return {
    data,
    filled: made.filled,
    range: `range=custom&from=${day(last - (made.days - 1) * DAY_MS)}&to=${day(last)}&tz=UTC`,
    remove: () => rm(data, { recursive: true, force: true }),
  };
}

/** Micro-dollars of the whole. */
export function costMicros({ cost_picos }: Demo["filled"]): number {
  return Math.round(cost_picos / PICOS_PER_MICRO);
}

/** Every kind of token, each once. */
export function allTokens({ tokens }: Demo["filled"]): number {
  return tokens.input + tokens.output + tokens.cache_read + tokens.cache_creation;
}

/** `$1,234.5678`. */
export function exactDollars(micros: number): string {
  const text = (micros / 1e6).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 6 });
  return `$${text}`;
}

/** `1,234 requests`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;
}
