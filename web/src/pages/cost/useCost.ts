/** The page's questions; every panel may ask them, the server is asked once. */

import type { Answer } from "../../api/questions";
import { type Figures, useQuestion } from "../../view/useQuestion";

export type CostReport = Answer<"/api/v1/cost">;
export type Forecast = Answer<"/api/v1/forecast">;

/** What cost consists of. */
export function useCost(): Figures<CostReport> {
  return useQuestion("/api/v1/cost");
}

/** Where the month is heading. */
export function useForecast(): Figures<Forecast> {
  return useQuestion("/api/v1/forecast");
}
