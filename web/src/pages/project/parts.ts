/** A project by its parts, as the panels of its page take it. */

import type { Answer } from "../../api/questions";
import type { Figures } from "../../view/useQuestion";

export type Parts = Answer<"/api/v1/project">;

export interface PartsProps {
  readonly figures: Figures<Parts>;
}
