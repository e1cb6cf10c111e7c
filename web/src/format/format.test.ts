import { describe, expect, it } from "vitest";
import { amountChange, rateChange } from "./change";
import { exactTokens, formatBrief, formatShare, formatTokens, formatUnit } from "./counts";
import { exactDuration, formatDuration, formatLatency } from "./durations";
import { modelName } from "./models";
import { axisMoney, exactMoney, formatMoney } from "./money";

describe("money", () => {
  it.each([
    [0, "$0.00"],
    [4_999, "<$0.01"],
    [5_000, "$0.01"],
    [12_340_000, "$12.34"],
    [999_994_999, "$999.99"],
    [999_995_000, "$1,000"],
    [1_234_567_890_000, "$1,234,568"],
    [-12_340_000, "\u2212$12.34"],
  ])("shows %d micro-dollars as %s", (micros, text) => expect(formatMoney(micros)).toBe(text));

  it.each([
    [0, "$0.00"],
    [1, "$0.000001"],
    [54_388, "$0.054388"],
    [12_300_000, "$12.30"],
    [1_234_567_890_000, "$1,234,567.89"],
  ])("keeps every digit of %d as %s", (micros, text) => expect(exactMoney(micros)).toBe(text));

  it.each([
    [0, "$0"],
    [500_000, "$0.50"],
    [20_000, "$0.020"],
    [200_000_000, "$200"],
    [1_500_000_000, "$1,500"],
    [15_500_000_000, "$15.5k"],
    [2_000_000_000_000, "$2M"],
  ])("labels an axis at %d with %s", (micros, text) => expect(axisMoney(micros)).toBe(text));
});

describe("tokens and counts", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1_000, "1k"],
    [12_345, "12.3k"],
    [99_949, "99.9k"],
    [99_951, "100k"],
    [812_400, "812k"],
    [999_600, "1M"],
    [1_234_567, "1.2M"],
    [3_400_000_000, "3.4B"],
  ])("shows %d tokens as %s", (tokens, text) => expect(formatTokens(tokens)).toBe(text));

  it("shortens only long counts", () => {
    expect(formatBrief(99_999)).toBe("99,999");
    expect(formatBrief(193_356)).toBe("193k");
  });

  it("names the unit, in the singular for one", () => {
    expect(exactTokens(1_234_567)).toBe("1,234,567 tokens");
    expect(exactTokens(1)).toBe("1 token");
    expect(formatUnit(1, "session")).toBe("1 session");
    expect(formatUnit(1_200, "session")).toBe("1,200 sessions");
  });

  it.each([
    [0, "0\u00a0%"],
    [0.0004, "<0.1\u00a0%"],
    [0.021, "2.1\u00a0%"],
    [0.05, "5\u00a0%"],
    [0.94, "94\u00a0%"],
    [0.9951, "99.5\u00a0%"],
    [0.99999, ">99.9\u00a0%"],
    [1, "100\u00a0%"],
  ])("shows the share %d as %s", (share, text) => expect(formatShare(share)).toBe(text));
});

describe("durations", () => {
  it.each([
    [0, "0m"],
    [20_000, "20s"],
    [48 * 60_000, "48m"],
    [(3 * 60 + 12) * 60_000, "3h 12m"],
    [59 * 60_000 + 40_000, "1h 0m"],
    [1_234 * 3_600_000, "1,234h 0m"],
  ])("shows %d ms as %s", (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));

  it.each([
    [0, "0s"],
    [61_000, "1m 1s"],
    [3_600_000, "1h 0m 0s"],
  ])("shows %d ms exactly as %s", (milliseconds, text) => expect(exactDuration(milliseconds)).toBe(text));

  it.each([
    [840, "840\u00a0ms"],
    [4_210, "4.2\u00a0s"],
    [59_960, "1m 0s"],
    [72_000, "1m 12s"],
  ])("shows a latency of %d ms as %s", (milliseconds, text) =>
    expect(formatLatency(milliseconds)).toBe(text),
  );
});

describe("change", () => {
  const before = "the 30 days before";
  it.each([
    [118, 100, "+18\u00a0%", "on the 30 days before"],
    [82, 100, "\u221218\u00a0%", "on the 30 days before"],
    [100, 100, "±0\u00a0%", "on the 30 days before"],
    [1_000_001, 1_000_000, "+<1\u00a0%", "on the 30 days before"],
    [5, 0, "none", "in the 30 days before"],
    [0, 4, "\u2212100\u00a0%", "on the 30 days before"],
  ])("from %d against %d", (now, then, amount, base) =>
    expect(amountChange(now, then, before)).toEqual({ amount, base }),
  );

  it("counts rates in points", () => {
    expect(rateChange(0.94, 0.92, before).amount).toBe("+2\u00a0points");
    expect(rateChange(0.9, 0.91, before).amount).toBe("\u22121\u00a0point");
    expect(rateChange(0.9, 0.9, before).amount).toBe("±0\u00a0points");
    expect(rateChange(0.9, null, before)).toEqual({ amount: "none", base: "in the 30 days before" });
  });
});

describe("model names", () => {
  it.each([
    ["claude-opus-5-5", "opus", [5, 5], "Opus 5.5"],
    ["claude-sonnet-5", "sonnet", [5, 0], "Sonnet 5"],
    ["claude-3-5-haiku", "haiku", [3, 5], "Haiku 3.5"],
    ["claude-opus-4-5-20251101", "opus", [4, 5], "Opus 4.5 (20251101)"],
    ["claude-opus-4-20250514", "opus", [4, 0], "Opus 4 (20250514)"],
    ["claude-unheard-9-9", "other", null, "claude-unheard-9-9"],
    ["unknown", "other", null, "Unknown model"],
    ["gpt-opus-1", "other", null, "gpt-opus-1"],
  ])("reads %s", (id, family, version, label) => expect(modelName(id)).toEqual({ family, version, label }));
});
