/**
 * One colour, one meaning, on every page. A model family keeps its hue, a version is a shade of it; the shade
 * follows from the version alone, so a model looks the same whatever else is on the page.
 */

import { type ModelFamily, modelName } from "../format/models";
import { oklch } from "./color";

export type Scheme = "light" | "dark";

/** Colours of the frame around figures; `src/app/tokens.css` takes them from here. */
export interface Surface {
  /** Behind panels. */
  readonly page: string;
  /** Behind figures and charts. */
  readonly panel: string;
  /** Rules between rows, grid lines. */
  readonly rule: string;
  /** Skeletons, tracks of bars, code blocks. */
  readonly well: string;
  readonly text: string;
  readonly muted: string;
  /** The one accent: where the eye should go, what can be pressed. */
  readonly accent: string;
  readonly good: string;
  readonly bad: string;
}

export const SURFACES: Record<Scheme, Surface> = {
  light: {
    page: "#f4f5f7",
    panel: "#ffffff",
    rule: "#e2e5e9",
    well: "#eceff2",
    text: "#161b21",
    muted: "#57616d",
    accent: "#00678a",
    good: "#0b7350",
    bad: "#b3401a",
  },
  dark: {
    page: "#0d1014",
    panel: "#14181e",
    rule: "#272d35",
    well: "#1e242c",
    text: "#e8ebef",
    muted: "#9ba5b1",
    accent: "#58c4e6",
    good: "#43c294",
    bad: "#f08a5d",
  },
};

interface Hue {
  readonly hue: number;
  readonly chroma: number;
  /** Lightness of the four shades; the first is the family's own. */
  readonly shades: Record<Scheme, readonly [number, number, number, number]>;
}

const FAMILIES: Record<ModelFamily, Hue> = {
  opus: { hue: 292, chroma: 0.15, shades: { light: [0.48, 0.62, 0.4, 0.55], dark: [0.66, 0.8, 0.58, 0.73] } },
  sonnet: {
    hue: 238,
    chroma: 0.12,
    shades: { light: [0.6, 0.48, 0.66, 0.54], dark: [0.74, 0.6, 0.82, 0.67] },
  },
  haiku: {
    hue: 74,
    chroma: 0.13,
    shades: { light: [0.66, 0.52, 0.59, 0.46], dark: [0.82, 0.68, 0.88, 0.75] },
  },
  fable: {
    hue: 350,
    chroma: 0.16,
    shades: { light: [0.56, 0.42, 0.63, 0.49], dark: [0.68, 0.82, 0.61, 0.75] },
  },
  mythos: {
    hue: 40,
    chroma: 0.1,
    shades: { light: [0.42, 0.56, 0.35, 0.49], dark: [0.58, 0.72, 0.64, 0.79] },
  },
  other: {
    hue: 250,
    chroma: 0.012,
    shades: { light: [0.67, 0.55, 0.61, 0.49], dark: [0.5, 0.62, 0.56, 0.68] },
  },
};

/** The family's own colour. */
export function familyColor(family: ModelFamily, scheme: Scheme): string {
  const { hue, chroma, shades } = FAMILIES[family];
  return oklch(shades[scheme][0], chroma, hue);
}

/** The model's colour: a shade of its family's hue. Versions that follow each other get different shades. */
export function modelColor(id: string, scheme: Scheme): string {
  const name = modelName(id);
  const { hue, chroma, shades } = FAMILIES[name.family];
  // Three steps a major version and one a minor: no two versions that followed each other share a shade.
  const step = name.version === null ? hash(id) : name.version[0] * 3 + name.version[1];
  const shade = shades[scheme][step % 4] ?? shades[scheme][0];
  return oklch(shade, chroma, hue);
}

/** The rest of a chart that shows the largest few. */
export const OTHERS_COLOR: Record<Scheme, string> = {
  light: familyColor("other", "light"),
  dark: familyColor("other", "dark"),
};

export type TokenKind = "input" | "output" | "cache_read" | "cache_creation";

const TOKEN_SHADES: Record<Scheme, Record<TokenKind, number>> = {
  light: { output: 0.4, input: 0.5, cache_creation: 0.59, cache_read: 0.65 },
  dark: { output: 0.86, input: 0.76, cache_creation: 0.66, cache_read: 0.56 },
};

/** Token kinds share one quiet hue that no model has: the dearer the kind, the stronger the shade. */
export function tokenColor(kind: TokenKind, scheme: Scheme): string {
  return oklch(TOKEN_SHADES[scheme][kind], 0.07, 180);
}

/** Accepted is filled, rejected is hatched as well, so that they differ without colour. */
export function decisionColor(decision: "accepted" | "rejected", scheme: Scheme): string {
  const light = decision === "accepted" ? oklch(0.58, 0.11, 155) : oklch(0.6, 0.15, 45);
  const dark = decision === "accepted" ? oklch(0.72, 0.12, 155) : oklch(0.72, 0.13, 45);
  return scheme === "light" ? light : dark;
}

function hash(text: string): number {
  let value = 0;
  for (const letter of text) {
    value = (value * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
  }
  return value;
}
