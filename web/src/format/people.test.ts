import { expect, it } from "vitest";
import { personName } from "./people";

it("people stand by their address or name, installations by the beginning of their id", () => {
  expect(personName("mira@example.org")).toBe("mira@example.org");
  expect(personName("deadbeef")).toBe("deadbeef");
  expect(personName("2a246545ccec19c515c086ff5ec59feb1c3b3c96c8a9dfa1960e24ee6a6f042c")).toBe(
    "installation 2a246545",
  );
});
