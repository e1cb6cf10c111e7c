import { describe, expect, it } from "vitest";
import { scaleOf, stretchesOf, ticksOf } from "./scale";

const MINUTE = 60_000;

describe("stretches", () => {
  it("break where nothing happens for more than ten minutes", () => {
    const spans = [
      { from: 30 * MINUTE, until: 31 * MINUTE },
      { from: 0, until: 5 * MINUTE },
      { from: 15 * MINUTE, until: 18 * MINUTE },
      { from: 2 * MINUTE, until: 3 * MINUTE },
    ];
    expect(stretchesOf(spans)).toEqual([
      { from: 0, until: 18 * MINUTE },
      { from: 30 * MINUTE, until: 31 * MINUTE },
    ]);
  });

  it("of nothing are none", () => {
    expect(stretchesOf([])).toEqual([]);
    expect(scaleOf([], 100).x(5)).toBe(0);
  });
});

describe("the scale", () => {
  const scale = scaleOf(
    [
      { from: 0, until: 3 * MINUTE },
      { from: 60 * MINUTE, until: 61 * MINUTE },
    ],
    200,
  );

  it("uses the whole width, one scale throughout, with a break between", () => {
    const [first, second] = scale.stretches;
    // 200 less a break of 20 and 16 for each stretch leaves 148 for four minutes.
    expect([first?.left, first?.right]).toEqual([0, 16 + 111]);
    expect([second?.left, second?.right]).toEqual([147, 200]);
  });

  it("finds places and instants, and keeps what lies in a break at its edge", () => {
    expect(scale.x(0)).toBe(0);
    expect(scale.x(1.5 * MINUTE)).toBe(63.5);
    expect(scale.x(30 * MINUTE)).toBe(127);
    expect(scale.x(61 * MINUTE)).toBe(200);
    expect(scale.at(63.5)).toBe(1.5 * MINUTE);
    expect(scale.at(140)).toBe(3 * MINUTE);
  });

  it("gives an instant a place of its own", () => {
    expect(scaleOf([{ from: 7, until: 7 }], 100).x(7)).toBe(50);
  });

  it("labels round instants with room between them", () => {
    // 127 pixels for three minutes: one fits every minute. The second stretch begins 20 pixels behind the last, too
    // near the end for a label that begins there, and for one that ends there too near the label before.
    expect(ticksOf(scale, 40)).toEqual([0, MINUTE, 2 * MINUTE, 3 * MINUTE]);
    // Nobody is told nothing.
    expect(ticksOf(scaleOf([{ from: 7, until: 7 }], 50), 40)).toHaveLength(1);
  });
});
