import { describe, expect, it } from "vitest";
import type { Day, ModelRow } from "../api/types";
import { OTHERS, seriesByModel } from "./series";

function row(model: string, dollars: number): ModelRow {
  const micros = dollars * 1_000_000;
  return {
    model,
    requests: 1,
    priced: true,
    tokens: {
      input: 1,
      output: 2,
      cache_read: 3,
      cache_creation: 4,
      cache_creation_5m: 4,
      cache_creation_1h: 0,
    },
    cost_micros: { settled: micros, reported: micros, priced: micros },
  };
}

function day(date: string, models: ModelRow[]): Day {
  const none = row("", 0);
  return {
    date,
    complete: true,
    sessions: 0,
    requests: 0,
    tokens: none.tokens,
    cost_micros: none.cost_micros,
    lines: { added: 0, removed: 0 },
    models,
  };
}

describe("series by model", () => {
  it("gives every model of a day its value, zero where it did nothing", () => {
    const days = [
      day("2026-11-01", [row("claude-opus-5-5", 2)]),
      day("2026-11-02", [row("claude-haiku-5-5", 1)]),
    ];
    const series = seriesByModel(days, [row("claude-opus-5-5", 2), row("claude-haiku-5-5", 1)], "cost");
    expect(series).toEqual([
      { id: "claude-opus-5-5", label: "Opus 5.5", total: 2_000_000, values: [2_000_000, 0] },
      { id: "claude-haiku-5-5", label: "Haiku 5.5", total: 1_000_000, values: [0, 1_000_000] },
    ]);
  });

  it("counts each kind of token once", () => {
    const days = [day("2026-11-01", [row("claude-opus-5-5", 2)])];
    expect(seriesByModel(days, [row("claude-opus-5-5", 2)], "tokens")[0]?.values).toEqual([10]);
  });

  it("keeps families together, the one with the largest model first", () => {
    const models = [row("claude-sonnet-5", 9), row("claude-opus-5-5", 8), row("claude-sonnet-4-6", 1)];
    expect(seriesByModel([], models, "cost").map((series) => series.id)).toEqual([
      "claude-sonnet-5",
      "claude-sonnet-4-6",
      "claude-opus-5-5",
    ]);
  });

  it("draws six series at most and loses nothing", () => {
    const models = Array.from({ length: 8 }, (_, index) => row(`model-${index}`, 8 - index));
    const series = seriesByModel([day("2026-11-01", models)], models, "cost");
    expect(series).toHaveLength(6);
    expect(series.at(-1)).toEqual({ id: OTHERS, label: "3 others", total: 6_000_000, values: [6_000_000] });
    const drawn = series.reduce((sum, each) => sum + (each.values[0] ?? 0), 0);
    expect(drawn).toBe(36_000_000);
    expect(seriesByModel([], models.slice(0, 6), "cost")).toHaveLength(6);
  });
});
