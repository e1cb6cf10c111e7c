/** The page's question; every panel may ask it, the server is asked once. */

import type { Answer } from "../../api/questions";
import { type Figures, useQuestion } from "../../view/useQuestion";

export type ModelMix = Answer<"/api/v1/models">;
export type ModelUse = ModelMix["all"];

export function useModels(): Figures<ModelMix> {
  return useQuestion("/api/v1/models");
}
