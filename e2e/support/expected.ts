/** Known data and what must come out of it, from `fixtures/`; see the README there. */

import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const FIXTURES =
  process.env.PITWALL_FIXTURES ?? fileURLToPath(new URL("../../fixtures/", import.meta.url));

interface TokensOfModel {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheCreation: number;
}

/** The truth about a scenario: from the scripted API's own ledger and list prices, not from Pitwall. */
export interface Expected {
  readonly session_ids: readonly string[];
  readonly commits: number;
  readonly pull_requests: number;
  readonly api_requests_ok: number;
  readonly prompts: number;
  readonly compactions?: number;
  readonly subagents_completed?: number;
  readonly decisions: Readonly<Record<string, { readonly accept?: number; readonly reject?: number }>>;
  readonly tool_results: Readonly<Record<string, { readonly ok?: number; readonly failed?: number }>>;
  readonly code_edit_decisions: Readonly<
    Record<string, { readonly accept?: number; readonly reject?: number }>
  >;
  readonly tokens: Readonly<Record<string, TokensOfModel>>;
  readonly cost_usd: number;
}

export function claudeHome(scenario: string): string {
  return join(FIXTURES, "claude-home", scenario);
}

/** Exports of the client over OTLP/HTTP with JSON. */
export function otlpJson(scenario: string): string {
  return join(FIXTURES, "otlp", "http-json", scenario);
}

/** The truth beside the data in `folder`. */
export function expected(folder: string): Expected {
  return JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
}

/** All kinds of tokens of all models. */
export function allTokens({ tokens }: Expected): number {
  return Object.values(tokens).reduce((sum, model) => sum + tokensOf(model), 0);
}

export function tokensOf(model: TokensOfModel): number {
  return model.input + model.output + model.cacheRead + model.cacheCreation;
}

/** One export of the real client. */
export interface Export {
  readonly path: string;
  readonly body: string;
}

/** A scenario's exports as if its session were happening now: every time in it moved by the same amount. */
export async function exportsNow(scenario: string): Promise<Export[]> {
  const folder = otlpJson(scenario);
  const files = (await readdir(folder)).filter((name) => /^\d+-(logs|metrics)\.json$/.test(name)).sort();
  const bodies = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  const latest = Math.max(
    ...bodies.flatMap((body) => [...body.matchAll(NANOS)].map((time) => Number(time[1]) / 1e6)),
  );
  const shift = Math.floor(Date.now() - latest) - 1_000;
  return files.map((name, index) => ({
    path: name.includes("logs") ? "/v1/logs" : "/v1/metrics",
    body: (bodies[index] ?? "")
      .replace(NANOS, (_, nanos: string) => `"${Number(nanos.slice(0, -6)) + shift}${nanos.slice(-6)}"`)
      .replace(ISO, (_, time: string) => `"${new Date(Date.parse(time) + shift).toISOString()}"`),
  }));
}

const NANOS = /"(17\d{17}|18\d{17})"/g;
const ISO = /"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"/g;
