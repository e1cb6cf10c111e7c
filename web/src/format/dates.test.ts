import { describe, expect, it } from "vitest";
import {
  addDays,
  daysIn,
  formatAgo,
  formatClock,
  formatDayLong,
  formatRange,
  isDate,
  todayIn,
} from "./dates";
import { isZone } from "./zones";

describe("dates in a zone", () => {
  it("follows the zone's own midnight", () => {
    const instant = new Date("2026-11-22T23:30:00Z");
    expect(todayIn("UTC", instant)).toBe("2026-11-22");
    expect(todayIn("Europe/Berlin", instant)).toBe("2026-11-23");
    expect(todayIn("America/Los_Angeles", instant)).toBe("2026-11-22");
    expect(todayIn("Pacific/Kiritimati", new Date("2026-12-31T10:00:00Z"))).toBe("2027-01-01");
  });

  it("adds days over clock changes, months and leap days", () => {
    expect(addDays("2026-10-24", 2)).toBe("2026-10-26");
    expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
    expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
    expect(daysIn({ start: "2026-10-24", end: "2026-11-22" })).toBe(30);
    expect(daysIn({ start: "2026-11-22", end: "2026-11-22" })).toBe(1);
  });

  it("takes only dates that exist", () => {
    expect(isDate("2026-02-28")).toBe(true);
    expect(isDate("2026-02-30")).toBe(false);
    expect(isDate("2026-2-3")).toBe(false);
    expect(isDate("yesterday")).toBe(false);
  });

  it("names zones that exist", () => {
    expect(isZone("Europe/Berlin")).toBe(true);
    expect(isZone("Mars/Olympus")).toBe(false);
  });
});

describe("texts", () => {
  it("writes the year once when it is shared", () => {
    expect(formatRange({ start: "2026-10-24", end: "2026-11-22" })).toBe("24 Oct to 22 Nov 2026");
    expect(formatRange({ start: "2025-12-30", end: "2026-01-02" })).toBe("30 Dec 2025 to 2 Jan 2026");
    expect(formatRange({ start: "2026-11-22", end: "2026-11-22" })).toBe("22 Nov 2026");
    expect(formatDayLong("2026-11-22")).toBe("Sun 22 Nov 2026");
  });

  it("shows the wall clock, with the day when it is another one", () => {
    expect(formatClock("2026-11-22T12:03:22Z", "Europe/Berlin", "2026-11-22")).toBe("13:03:22");
    expect(formatClock("2026-11-22T23:30:00Z", "Europe/Berlin", "2026-11-22")).toBe("23 Nov 00:30");
  });

  it("says how long ago", () => {
    const now = new Date("2026-11-22T12:00:00Z");
    expect(formatAgo("2026-11-22T11:59:30Z", now)).toBe("just now");
    expect(formatAgo("2026-11-22T11:57:00Z", now)).toBe("3 min ago");
    expect(formatAgo("2026-11-21T12:00:00Z", now)).toBe("24 h ago");
    expect(formatAgo("2026-11-17T12:00:00Z", now)).toBe("5 days ago");
  });
});
