/** Figures of what the address shows. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type Answer, type Parameters, type QuestionPath, questionQuery, type Scope } from "../api/questions";
import type { IsoDate } from "../format/dates";
import type { PanelState } from "../parts/Panel";
import { type Fixed, useFixedFilters } from "./FixedFilters";
import { usePeriod } from "./period";
import { useView } from "./useView";
import { filtersOf, rangeOf, type View } from "./view";

/** An answer on its way, there, or not to be had. */
export interface Figures<Data> {
  /** Undefined until the first answer. */
  readonly data: Data | undefined;
  /** The figures are of another range or filter: new ones are on the way. */
  readonly stale: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

/** Days and filters of the address, as the API takes them. */
export function useScope(): Scope {
  const [view] = useView();
  const { today } = usePeriod();
  return scopeOf(view, today, useFixedFilters());
}

/** The same for an address that no page shows yet. */
export function scopeOf(view: View, today: IsoDate, fixed: Fixed = {}): Scope {
  const { start, end } = rangeOf(view, today);
  // Filters have the API's own names.
  const filters = { ...filtersOf({ ...view }), ...fixed } as Scope;
  const compare = view.compare === undefined ? {} : { compare: view.compare };
  return { start, end, timezone: view.tz, ...compare, ...filters };
}

/**
 * What is asked of one scope, asked of another. What it has that is not of the first scope stays: what it takes besides,
 * and filters that the page brings along.
 */
export function rescoped(asked: Readonly<Record<string, unknown>>, old: Scope, next: Scope): Scope {
  const known: Readonly<Record<string, unknown>> = { ...old };
  const own = Object.entries(asked).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(known[name]),
  );
  return { ...next, ...Object.fromEntries(own) };
}

/**
 * The answer to a question about what the address shows; `parameters` are what it takes besides days and
 * filters. Every panel of a page may call it with the same question: the server is asked once.
 */
export function useQuestion<Path extends QuestionPath>(
  path: Path,
  parameters: Parameters<Path> = {} as Parameters<Path>,
): Figures<Answer<Path>> {
  const query = useQuery(questionQuery(path, useScope(), parameters));
  return {
    data: query.data,
    stale: query.isPlaceholderData,
    error: query.error,
    retry: () => void query.refetch(),
  };
}

/** How a panel stands, given what would make it empty and what it says then. */
export function panelState<Data>(
  figures: Figures<Data>,
  isEmpty: (data: Data) => boolean,
  whenEmpty: ReactNode,
): PanelState {
  const { data, error } = figures;
  // Figures of another range must not stay under the new range's words once the new ones failed.
  if (error && (data === undefined || figures.stale)) {
    return { kind: "error", message: error.message, retry: figures.retry };
  }
  if (data === undefined) {
    return { kind: "loading" };
  }
  return isEmpty(data) ? { kind: "empty", message: whenEmpty } : { kind: "ready", stale: figures.stale };
}
