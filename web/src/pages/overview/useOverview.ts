/** The Overview's figures, one question to the server for all panels of the page. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { overviewQuery } from "../../api/queries";
import type { Overview } from "../../api/types";
import type { PanelState } from "../../parts/Panel";
import { usePeriod } from "./period";

export interface OverviewFigures {
  /** Undefined until the first answer. */
  readonly data: Overview | undefined;
  /** The figures are of another range: new ones are on the way. */
  readonly stale: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

/** Figures of the period in the address; every panel may call it, the server is asked once. */
export function useOverview(): OverviewFigures {
  const period = usePeriod();
  const query = useQuery(overviewQuery(period.range, period.zone));
  return {
    data: query.data,
    stale: query.isPlaceholderData,
    error: query.error,
    retry: () => void query.refetch(),
  };
}

/** How a panel stands, given what would make it empty and what it says then. */
export function panelState(
  figures: OverviewFigures,
  isEmpty: (data: Overview) => boolean,
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
