import { describe, expect, it } from "vitest";
import { type ModelFamily, modelName } from "../format/models";
import { contrast, distance, oklch, type Vision } from "./color";
import {
  decisionColor,
  familyColor,
  modelColor,
  OTHERS_COLOR,
  partColor,
  type Scheme,
  SURFACES,
  tokenColor,
} from "./palette";

const SCHEMES: Scheme[] = ["light", "dark"];
const VISIONS: Vision[] = ["normal", "protanopia", "deuteranopia", "tritanopia"];
const FAMILIES: ModelFamily[] = ["opus", "sonnet", "haiku", "fable", "mythos", "other"];
const MODELS = [
  "claude-fable-5-2",
  "claude-fable-5-1",
  "claude-fable-5",
  "claude-mythos-5-1",
  "claude-mythos-5",
  "claude-opus-5-5",
  "claude-opus-5",
  "claude-opus-4-8",
  "claude-opus-4-7",
  "claude-opus-4-6",
  "claude-opus-4-5",
  "claude-sonnet-5-5",
  "claude-sonnet-5",
  "claude-sonnet-4-6",
  "claude-sonnet-4-5",
  "claude-haiku-5-5",
  "claude-haiku-4-5",
  "claude-3-5-haiku",
  "never-seen-before",
];

describe("colour arithmetic", () => {
  it("agrees with published values", () => {
    expect(oklch(1, 0, 0)).toBe("#ffffff");
    expect(oklch(0.627955, 0.257683, 29.2339)).toBe("#ff0000");
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
    expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  });
});

describe.each(SCHEMES)("the %s palette", (scheme) => {
  const surface = SURFACES[scheme];

  it("keeps text readable on every surface", () => {
    for (const behind of [surface.page, surface.panel, surface.well]) {
      for (const text of [surface.text, surface.muted, surface.accent, surface.good, surface.bad]) {
        expect(contrast(text, behind), `${text} on ${behind}`).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  it("keeps marks visible on a panel", () => {
    const marks = [
      ...MODELS.map((model) => modelColor(model, scheme)),
      ...(["input", "output", "cache_read", "cache_creation"] as const).map((kind) =>
        tokenColor(kind, scheme),
      ),
      ...[0, 1, 2, 3, 4, 5].map((index) => partColor(index, scheme)),
      ...(["accepted", "rejected"] as const).map((decision) => decisionColor(decision, scheme)),
    ];
    for (const mark of marks) {
      expect(contrast(mark, surface.panel), mark).toBeGreaterThanOrEqual(3);
    }
  });

  it.each(VISIONS)("tells families apart with %s", (vision) => {
    for (const [index, one] of FAMILIES.entries()) {
      for (const other of FAMILIES.slice(index + 1)) {
        const apart = distance(familyColor(one, scheme), familyColor(other, scheme), vision);
        expect(apart, `${one} and ${other}`).toBeGreaterThanOrEqual(0.06);
      }
    }
  });

  it("tells neighbouring parts apart", () => {
    for (const index of [0, 1, 2, 3, 4]) {
      const apart = distance(partColor(index, scheme), partColor(index + 1, scheme));
      expect(apart, `parts ${index} and ${index + 1}`).toBeGreaterThanOrEqual(0.1);
    }
  });

  it.each(VISIONS)("tells any two models apart with %s", (vision) => {
    for (const [index, one] of MODELS.entries()) {
      for (const other of MODELS.slice(index + 1)) {
        const apart = distance(modelColor(one, scheme), modelColor(other, scheme), vision);
        const isFamily = modelName(one).family === modelName(other).family;
        // Twice what an eye needs side by side; with fewer kinds of cones there is less room between families.
        const least = isFamily ? 0.04 : vision === "normal" ? 0.07 : 0.03;
        expect(apart, `${one} and ${other}`).toBeGreaterThanOrEqual(least);
      }
    }
  });

  it("tells models from the rest of a chart", () => {
    for (const model of MODELS.filter((id) => modelName(id).family !== "other")) {
      const apart = distance(modelColor(model, scheme), OTHERS_COLOR[scheme]);
      expect(apart, model).toBeGreaterThanOrEqual(0.06);
    }
  });
});
