import { expect, it } from "vitest";
import { byZone } from "./byZone";

it("makes what is asked for once for each zone", () => {
  const made: string[] = [];
  const lengthOf = byZone((zone) => {
    made.push(zone);
    return zone.length;
  });
  expect([lengthOf("UTC"), lengthOf("Europe/Berlin"), lengthOf("UTC")]).toEqual([3, 13, 3]);
  expect(made).toEqual(["UTC", "Europe/Berlin"]);
});

it("does not remember zones without end", () => {
  let made = 0;
  const count = byZone(() => ++made);
  const zones = Array.from({ length: 40 }, (_, number) => `zone ${number}`);
  zones.forEach(count);
  zones.slice(0, 20).forEach(count);
  expect(made).toBeGreaterThan(40);
});
