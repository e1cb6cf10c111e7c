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

/** The way from a family's first shade to its last; the first is that of its newest versions. */
interface Shades {
  readonly hue: readonly [number, number];
  readonly chroma: number;
  readonly lightness: readonly [number, number];
}

/**
 * Searched by machine for the largest distance between any two models that the price book knows, for every kind of
 * colour vision; the test says how far apart they are. Families keep their hue within a few degrees.
 */
const FAMILIES: Record<ModelFamily, Record<Scheme, Shades>> = {
  opus: {
    light: { hue: [297.5, 308.5], chroma: 0.161, lightness: [0.372, 0.666] },
    dark: { hue: [302, 286], chroma: 0.159, lightness: [0.589, 0.887] },
  },
  sonnet: {
    light: { hue: [246, 254], chroma: 0.086, lightness: [0.424, 0.663] },
    dark: { hue: [233, 219], chroma: 0.086, lightness: [0.63, 0.9] },
  },
  haiku: {
    light: { hue: [94, 78], chroma: 0.112, lightness: [0.605, 0.34] },
    dark: { hue: [80, 88], chroma: 0.11, lightness: [0.83, 0.53] },
  },
  fable: {
    light: { hue: [368.5, 353.5], chroma: 0.126, lightness: [0.495, 0.68] },
    dark: { hue: [357.5, 366.5], chroma: 0.104, lightness: [0.641, 0.817] },
  },
  mythos: {
    light: { hue: [46.5, 55.5], chroma: 0.099, lightness: [0.369, 0.651] },
    dark: { hue: [47.5, 56.5], chroma: 0.075, lightness: [0.53, 0.748] },
  },
  other: {
    light: { hue: [246.5, 231.5], chroma: 0.012, lightness: [0.643, 0.424] },
    dark: { hue: [260, 258], chroma: 0.012, lightness: [0.53, 0.617] },
  },
};

/** Where on the way from the first shade to the last a step lies: steps that follow each other lie far apart. */
const SHADES = [0.4, 0, 0.6, 1, 0.2, 0.8] as const;
/** The step of the newest versions, which is the family's own colour. */
const NEWEST = 1;

/** The family's own colour. */
export function familyColor(family: ModelFamily, scheme: Scheme): string {
  return shade(family, NEWEST, scheme);
}

/** The model's colour: a shade of its family's hue. Versions in use at the same time get different shades. */
export function modelColor(id: string, scheme: Scheme): string {
  const { family, version } = modelName(id);
  // Four steps a major version and one a minor keep all of 4.5 to 4.8, 5 and 5.5 apart in six shades.
  return shade(family, version === null ? hash(id) : version[0] * 4 + version[1], scheme);
}

function shade(family: ModelFamily, step: number, scheme: Scheme): string {
  const { hue, chroma, lightness } = FAMILIES[family][scheme];
  const way = SHADES[step % SHADES.length] ?? 0;
  const between = ([first, last]: readonly [number, number]) => first + (last - first) * way;
  return oklch(between(lightness), chroma, between(hue));
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

const PART_SHADES: Record<Scheme, readonly [number, number]> = { light: [0.36, 0.66], dark: [0.84, 0.52] };
/** Where between strong and weak each part lies: neighbours in a stack lie far apart. */
const PART_STEPS = [0, 0.6, 0.2, 0.8, 0.4, 1] as const;

/**
 * Projects, people, teams and the like have no colour of their own: the first, second and so on of a chart are
 * shades of one quiet hue, told apart by their order and labels.
 */
export function partColor(index: number, scheme: Scheme): string {
  const [strong, weak] = PART_SHADES[scheme];
  return oklch(strong + (weak - strong) * (PART_STEPS[index % PART_STEPS.length] ?? 0), 0.045, 215);
}

function hash(text: string): number {
  let value = 0;
  for (const letter of text) {
    value = (value * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
  }
  return value;
}
