/** Days by model as series of a stacked chart: at most six, the rest together as "others". */

import type { Cost, Tokens } from "../api/types";
import { modelName } from "../format/models";
import { allTokens } from "../format/tokens";
import { modelColor, OTHERS_COLOR, type Scheme } from "./palette";

export type Measure = "cost" | "tokens" | "requests";

/** What series are made of. */
export interface ModelAmounts {
  readonly model: string;
  readonly requests: number;
  readonly cost_micros: Cost;
  readonly tokens: Tokens;
}

interface DayOfModels {
  readonly models: readonly ModelAmounts[];
}

export interface Series {
  /** The model's id; `OTHERS` for the rest. */
  readonly id: string;
  readonly label: string;
  /** Over the whole range: micro-dollars or tokens. */
  readonly total: number;
  /** One value per day, in the days' order. */
  readonly values: readonly number[];
}

/** No model is called this. */
export const OTHERS = "(others)";
const MOST_SERIES = 6;

/** The colour of a model's series, wherever it is drawn. */
export function seriesColor(id: string, scheme: Scheme): string {
  return id === OTHERS ? OTHERS_COLOR[scheme] : modelColor(id, scheme);
}

/** What a row amounts to in the measure. */
export function measured(row: Omit<ModelAmounts, "model">, measure: Measure): number {
  switch (measure) {
    case "cost":
      return row.cost_micros.settled;
    case "tokens":
      return allTokens(row.tokens);
    case "requests":
      return row.requests;
  }
}

/**
 * The largest models each with its own series, bottom of the stack first: families stay together, so that their
 * shades touch, and the family with the largest model lies at the bottom.
 */
export function seriesByModel(
  days: readonly DayOfModels[],
  models: readonly ModelAmounts[],
  measure: Measure,
): Series[] {
  const ranked = models
    .filter((row) => measured(row, measure) !== 0)
    .sort((a, b) => measured(b, measure) - measured(a, measure));
  const own = ranked.length <= MOST_SERIES ? ranked : ranked.slice(0, MOST_SERIES - 1);
  const rest = ranked.slice(own.length);
  const series = byFamily(own).map((row) => ({
    id: row.model,
    label: modelName(row.model).label,
    total: measured(row, measure),
    values: days.map((day) => daySum(day, measure, (model) => model === row.model)),
  }));
  if (rest.length > 0) {
    const ids = new Set(rest.map((row) => row.model));
    series.push({
      id: OTHERS,
      label: `${rest.length} others`,
      total: rest.reduce((sum, row) => sum + measured(row, measure), 0),
      values: days.map((day) => daySum(day, measure, (model) => ids.has(model))),
    });
  }
  return series;
}

function byFamily(ranked: readonly ModelAmounts[]): ModelAmounts[] {
  const families = new Map<string, ModelAmounts[]>();
  for (const row of ranked) {
    const { family } = modelName(row.model);
    families.set(family, [...(families.get(family) ?? []), row]);
  }
  return [...families.values()].flat();
}

function daySum(day: DayOfModels, measure: Measure, belongs: (model: string) => boolean): number {
  return day.models.reduce((sum, row) => (belongs(row.model) ? sum + measured(row, measure) : sum), 0);
}
