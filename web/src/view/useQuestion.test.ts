import { describe, expect, it } from "vitest";
import { rescoped } from "./useQuestion";

describe("a question of another scope", () => {
  const days = { start: "2026-11-01", end: "2026-11-30", timezone: "UTC" };

  it("has the other's days and filters", () => {
    const asked = { ...days, team: ["web"] };
    const next = { ...days, start: "2026-10-01", model: ["opus"] };
    expect(rescoped(asked, { ...days, team: ["web"] }, next)).toEqual(next);
  });

  it("keeps what it takes besides, and filters that the page brings along", () => {
    const asked = { ...days, project: ["shop"], by: "person", limit: 50 };
    const next = { ...days, team: ["data"], project: ["bank"] };
    expect(rescoped(asked, { ...days, project: ["bank"] }, next)).toEqual({
      ...days,
      team: ["data"],
      project: ["shop"],
      by: "person",
      limit: 50,
    });
  });
});
