/** The Overview's figures, one question to the server for all panels of the page. */

import type { Overview } from "../../api/types";
import { type Figures, useQuestion } from "../../view/useQuestion";

export type OverviewFigures = Figures<Overview>;

/** Figures of what the address shows; every panel may call it, the server is asked once. */
export function useOverview(): OverviewFigures {
  return useQuestion("/api/v1/overview");
}
