/** What ranges, filters and their values are called. */

import type { Answer } from "../api/questions";
import { modelName } from "../format/models";
import { projectName } from "../format/projects";
import type { FilterName, Preset } from "./view";

export type FilterValues = Answer<"/api/v1/filters">;

export const PRESET_NAMES: Record<Preset, string> = {
  today: "Today",
  yesterday: "Yesterday",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  "90d": "Last 90 days",
  "365d": "Last 365 days",
  month: "This month",
  "last-month": "Last month",
};

interface FilterWords<List extends keyof FilterValues> {
  readonly one: string;
  readonly many: string;
  /** Where the API lists the values. */
  readonly list: List;
}

export const FILTER_NAMES = {
  person: { one: "Person", many: "People", list: "people" },
  team: { one: "Team", many: "Teams", list: "teams" },
  project: { one: "Project", many: "Projects", list: "projects" },
  model: { one: "Model", many: "Models", list: "models" },
  terminal: { one: "Terminal", many: "Terminals", list: "terminals" },
  source: { one: "Source", many: "Sources", list: "sources" },
} as const satisfies { [name in FilterName]: FilterWords<keyof FilterValues> };

const SOURCES: Record<string, string> = {
  events: "Events",
  metrics: "Metrics",
  traces: "Traces",
  transcripts: "Transcripts",
};

/** What the server says where no source told. */
export const NOT_TOLD = "unknown";

/** A filter's value, for people. */
export function valueName(name: FilterName, value: string): string {
  if (value === NOT_TOLD) {
    return `${FILTER_NAMES[name].one} not known`;
  }
  switch (name) {
    case "model":
      return modelName(value).label;
    case "project":
      return projectName(value);
    case "source":
      return SOURCES[value] ?? value;
    default:
      return value;
  }
}

/** The values that the server lists for a filter. */
export function valuesOf(name: FilterName, values: FilterValues): readonly string[] {
  const list = values[FILTER_NAMES[name].list];
  return Array.isArray(list) ? list : list.values;
}
