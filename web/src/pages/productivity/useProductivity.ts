/** The page's question; every panel may ask it, the server is asked once. */

import type { Answer } from "../../api/questions";
import { type Figures, useQuestion } from "../../view/useQuestion";

export type Productivity = Answer<"/api/v1/productivity">;
export type Output = Productivity["total"];
export type OutputOf = Productivity["teams"][number];

export function useProductivity(): Figures<Productivity> {
  return useQuestion("/api/v1/productivity");
}
