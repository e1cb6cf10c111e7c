import { describe, expect, it } from "vitest";
import { isRange, overviewSearch, searchRange } from "./search";

describe("the Overview's address", () => {
  it("keeps what makes sense", () => {
    const search = {
      range: "custom",
      from: "2026-11-01",
      to: "2026-11-05",
      tz: "Asia/Tokyo",
      by: "tokens",
      view: "table",
    } as const;
    expect(overviewSearch(search)).toEqual(search);
    expect(overviewSearch({ range: "7d", tz: "UTC" })).toEqual({ range: "7d", tz: "UTC" });
  });

  it.each([
    {},
    { range: "forever", tz: 7, by: "colour", view: "pie" },
    { range: "custom", from: "2026-11-05", to: "2026-11-01" },
    { range: "custom", from: "2026-02-30", to: "2026-03-01" },
  ])("falls back to 30 days in the local zone for %j", (raw) => {
    const search = overviewSearch({ ...raw });
    expect(search.range).toBe("30d");
    expect(Object.keys(search)).toEqual(["range", "tz"]);
  });

  it("ends presets today, both ends included", () => {
    expect(searchRange({ range: "today", tz: "UTC" }, "2026-11-22")).toEqual({
      start: "2026-11-22",
      end: "2026-11-22",
    });
    expect(searchRange({ range: "30d", tz: "UTC" }, "2026-11-22")).toEqual({
      start: "2026-10-24",
      end: "2026-11-22",
    });
  });

  it("limits how long a range can be", () => {
    expect(isRange("2025-11-22", "2026-11-22")).toBe(true);
    expect(isRange("2025-11-20", "2026-11-22")).toBe(false);
  });
});
