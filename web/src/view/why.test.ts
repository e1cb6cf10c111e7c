import { expect, it } from "vitest";
import { readWhy, writeWhy } from "./why";

it("is read as it is written", () => {
  const explained = {
    figure: "cost",
    where: { agent: ["Explore", "R&D=1"], team: ["web"], start: "2026-11-20", end: "2026-11-20" },
  } as const;
  expect(readWhy(writeWhy(explained))).toEqual(explained);
  expect(writeWhy({ figure: "commits", where: {} })).toBe("commits");
});

it("is nothing when it makes no sense", () => {
  expect(readWhy("happiness&agent=x")).toBeNull();
  expect(readWhy("cost&colour=red")).toEqual({ figure: "cost", where: {} });
});
