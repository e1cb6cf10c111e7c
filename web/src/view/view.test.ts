import { describe, expect, it } from "vitest";
import {
  comparedWith,
  isRange,
  parseSearch,
  rangeOf,
  searchOf,
  stringifySearch,
  viewOf,
  withFilter,
  withRange,
} from "./view";

describe("a page's address", () => {
  it("keeps what makes sense", () => {
    const view = {
      range: "custom",
      from: "2026-11-01",
      to: "2026-11-05",
      tz: "Asia/Tokyo",
      compare: "year",
      person: ["mira@example.org"],
      team: ["web", "data"],
    } as const;
    expect(viewOf(view)).toEqual(view);
    expect(viewOf({ range: "7d", tz: "UTC", team: "web" })).toEqual({
      range: "7d",
      tz: "UTC",
      team: ["web"],
    });
  });

  it.each([
    {},
    { range: "forever", tz: 7, compare: "tomorrow", team: [], person: [""] },
    { range: "custom", from: "2026-11-05", to: "2026-11-01" },
    { range: "custom", from: "2026-02-30", to: "2026-03-01" },
  ])("falls back to 30 days in the local zone for %j", (raw) => {
    const view = viewOf({ ...raw });
    expect(view.range).toBe("30d");
    expect(Object.keys(view)).toEqual(["range", "tz"]);
  });

  it("keeps what is a page's own, behind the view", () => {
    expect(searchOf({ by: "tokens", tz: "UTC", from: "never" })).toEqual({
      range: "30d",
      tz: "UTC",
      by: "tokens",
    });
  });

  it("is read as it is written", () => {
    const search = { range: "30d", tz: "Europe/Berlin", team: ["R&D, web", "42"], by: "true" };
    const text = stringifySearch(search);
    expect(text).toBe("?range=30d&tz=Europe%2FBerlin&team=R%26D%2C+web&team=42&by=true");
    expect(parseSearch(text)).toEqual(search);
    expect(stringifySearch({})).toBe("");
  });
});

describe("ranges", () => {
  it.each([
    ["today", "2026-11-22", "2026-11-22"],
    ["yesterday", "2026-11-21", "2026-11-21"],
    ["30d", "2026-10-24", "2026-11-22"],
    ["month", "2026-11-01", "2026-11-22"],
    ["last-month", "2026-10-01", "2026-10-31"],
  ] as const)("%s is from %s to %s", (range, start, end) => {
    expect(rangeOf({ range, tz: "UTC" }, "2026-11-22")).toEqual({ start, end });
  });

  it("are limited in length", () => {
    expect(isRange("2025-11-22", "2026-11-22")).toBe(true);
    expect(isRange("2025-11-20", "2026-11-22")).toBe(false);
  });

  it("are compared with as many days before, or a year before", () => {
    const range = { start: "2026-03-01", end: "2026-03-31" };
    expect(comparedWith({ range: "30d", tz: "UTC" }, range)).toEqual({
      start: "2026-01-29",
      end: "2026-02-28",
    });
    expect(comparedWith({ range: "30d", tz: "UTC", compare: "year" }, range)).toEqual({
      start: "2025-03-01",
      end: "2025-03-31",
    });
    const leap = { start: "2028-02-29", end: "2028-02-29" };
    expect(comparedWith({ range: "30d", tz: "UTC", compare: "year" }, leap).start).toBe("2027-02-28");
  });

  it("replace each other whole", () => {
    const custom = withRange({ range: "7d", tz: "UTC" }, { start: "2026-11-01", end: "2026-11-02" });
    expect(custom).toEqual({ range: "custom", from: "2026-11-01", to: "2026-11-02", tz: "UTC" });
    expect(withRange(custom, "7d")).toEqual({ range: "7d", tz: "UTC" });
  });
});

it("a filter without values is none", () => {
  const view = withFilter({ range: "7d", tz: "UTC" }, "team", ["web"]);
  expect(view.team).toEqual(["web"]);
  expect("team" in withFilter(view, "team", [])).toBe(false);
});
