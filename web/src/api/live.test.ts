import { describe, expect, it } from "vitest";
import { type LiveEntry, merged, replaced } from "./live";
import { LIVE_REQUESTS } from "./liveSources";
import type { RecentRequest } from "./types";

type Known = readonly LiveEntry<RecentRequest>[] | null;

const mergeRequests = (known: Known, arrived: readonly RecentRequest[], now: number) =>
  merged(LIVE_REQUESTS, known, arrived, now);
const replaceRequests = (known: Known, recent: readonly RecentRequest[], since: number, now: number) =>
  replaced(LIVE_REQUESTS, known, recent, since, now);

function request(second: number, output = 1): RecentRequest {
  return {
    at: new Date(Date.UTC(2026, 10, 22, 12, 0, second)).toISOString(),
    session_id: "s",
    actor: "ann@example.com",
    project: null,
    model: "claude-opus-5-5",
    query_source: null,
    agent: null,
    tokens: {
      input: 1,
      output,
      cache_read: 0,
      cache_creation: 0,
      cache_creation_5m: 0,
      cache_creation_1h: 0,
    },
    cost_micros: { settled: 1, reported: 1, priced: 1 },
    duration_ms: null,
  };
}

describe("the live list", () => {
  it("marks nothing as new on the first load", () => {
    const list = mergeRequests(null, [request(2), request(1)], 99);
    expect(list.map((entry) => entry.arrivedAt)).toEqual([null, null]);
  });

  it("takes a request once, newest first, and marks what arrived", () => {
    const first = mergeRequests(null, [request(2), request(1)], 99);
    const next = mergeRequests(first, [request(3), request(2)], 100);
    expect(next.map((entry) => new Date(entry.item.at).getUTCSeconds())).toEqual([3, 2, 1]);
    expect(next.map((entry) => entry.arrivedAt)).toEqual([100, null, null]);
    expect(mergeRequests(next, [request(1)], 101)).toBe(next);
  });

  it("keeps two requests of one moment that differ", () => {
    expect(mergeRequests(null, [request(1, 5), request(1, 6)], 0)).toHaveLength(2);
  });

  it("keeps the newest only", () => {
    const many = Array.from({ length: 59 }, (_, second) => request(second));
    const list = mergeRequests(null, many, 0);
    expect(list).toHaveLength(LIVE_REQUESTS.limit);
    expect(list[0]?.item.at).toBe(request(58).at);
  });

  it("takes the server's list for what is true, and keeps what arrived meanwhile", () => {
    const first = mergeRequests(null, [request(2), request(1, 5)], 0);
    const shown = mergeRequests(first, [request(3)], 200);
    const settled = replaceRequests(shown, [request(2), request(1, 6)], 150, 300);
    expect(settled.map((entry) => [entry.item.tokens.output, entry.arrivedAt])).toEqual([
      [1, 300],
      [1, null],
      [6, 300],
    ]);
    expect(replaceRequests(shown, [request(2)], 250, 300).map((entry) => entry.arrivedAt)).toEqual([null]);
  });
});
