import { describe, expect, it } from "vitest";
import { axisDuration, axisLatency, formatMilli, latencyText } from "./rates";

describe("averages", () => {
  it.each([
    [null, "–"],
    [0, "0"],
    [667, "0.67"],
    [1_500, "1.5"],
    [2_000, "2"],
    [12_345, "12"],
    [1_234_567, "1,235"],
  ])("shows %s thousandths as %s", (value, text) => expect(formatMilli(value)).toBe(text));
});

describe("latencies", () => {
  it("has a dash for what nobody told", () => {
    expect(latencyText(null)).toBe("–");
    expect(latencyText(4_210)).toBe("4.2\u00a0s");
  });

  it.each([
    [0, "0"],
    [500, "500 ms"],
    [2_500, "2.5 s"],
    [90_000, "90 s"],
    [150_000, "2.5 min"],
  ])("labels an axis at %d ms with %s", (value, text) => expect(axisLatency(value)).toBe(text));

  it.each([
    [0, "0"],
    [1_800_000, "30m"],
    [3_600_000, "1h"],
    [9_000_000, "2.5h"],
  ])("labels an axis of time at %d ms with %s", (value, text) => expect(axisDuration(value)).toBe(text));
});
