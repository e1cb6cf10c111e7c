/** The page's question; every panel may ask it, the server is asked once. */

import type { Answer } from "../../api/questions";
import { type Figures, useQuestion } from "../../view/useQuestion";

export type ToolReport = Answer<"/api/v1/tools">;
export type ToolUse = ToolReport["tools"][number];
export type Decisions = ToolReport["edits"];

export function useTools(): Figures<ToolReport> {
  return useQuestion("/api/v1/tools");
}
