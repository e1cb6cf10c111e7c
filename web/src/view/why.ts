/** The figure that is being explained, as it stands in the address. */

import { useOptions } from "./useView";
import { parseSearch, type RawSearch } from "./view";

/** Names of conditions that the API takes several times. */
const CONDITIONS = [
  "person",
  "team",
  "project",
  "model",
  "terminal",
  "kind",
  "session",
  "branch",
  "query_source",
  "agent",
  "skill",
  "mcp_server",
  "tool",
  "outcome",
  "decided_by",
  "language",
] as const;
export type Condition = (typeof CONDITIONS)[number];

/** Further conditions besides what the page shows, and other days. */
export type Where = { readonly [name in Condition]?: readonly string[] } & {
  readonly start?: string;
  readonly end?: string;
};

/** A figure's name, as the API has it. */
export const FIGURES = [
  "cost",
  "tokens",
  "input",
  "output",
  "cache_read",
  "cache_creation",
  "requests",
  "sessions",
  "people",
  "prompts",
  "lines_added",
  "lines_removed",
  "commits",
  "pull_requests",
  "accepted",
  "rejected",
  "succeeded",
  "failed",
  "api_errors",
  "active_user",
  "active_cli",
] as const;
export type FigureName = (typeof FIGURES)[number];

export interface Explained {
  readonly figure: FigureName;
  readonly where: Where;
}

interface WhyOption {
  readonly why: string | undefined;
}

/** What is being explained, and a function that explains something else, or nothing. */
export function useWhy(): readonly [Explained | null, (next: Explained | null) => void] {
  const [{ why }, change] = useOptions(optionOf);
  return [
    why === undefined ? null : readWhy(why),
    (next) => change({ why: next ? writeWhy(next) : undefined }),
  ];
}

function optionOf(raw: RawSearch): WhyOption {
  return { why: typeof raw.why === "string" ? raw.why : undefined };
}

/** `cost&agent=Explore`: the figure, then its conditions. */
export function writeWhy({ figure, where }: Explained): string {
  const parameters = new URLSearchParams();
  for (const [name, values] of Object.entries(where)) {
    for (const value of typeof values === "string" ? [values] : (values ?? [])) {
      parameters.append(name, value);
    }
  }
  const text = parameters.toString();
  return text === "" ? figure : `${figure}&${text}`;
}

/** Reads what `writeWhy` wrote; nothing when it makes no sense. */
export function readWhy(text: string): Explained | null {
  const [name, ...rest] = text.split("&");
  const figure = FIGURES.find((known) => known === name);
  if (!figure) {
    return null;
  }
  const raw = new URLSearchParams(rest.join("&"));
  const days = parseSearch(rest.join("&"));
  const where: Record<string, readonly string[]> = {};
  for (const condition of CONDITIONS) {
    const values = raw.getAll(condition);
    if (values.length > 0) {
      where[condition] = values;
    }
  }
  const day = (end: "start" | "end") => (typeof days[end] === "string" ? { [end]: days[end] } : {});
  return { figure, where: { ...where, ...day("start"), ...day("end") } };
}
