/** Acceptance, calls, how they ended and how long they took. */

import { amountChange, rateChange } from "../../format/change";
import { formatCount, formatShare, formatUnit } from "../../format/counts";
import { latencyText } from "../../format/rates";
import { FigureStrip, type StripFigure } from "../../parts/FigureStrip";
import { usePeriod } from "../../view/period";
import { type ToolReport, useTools } from "./useTools";

export function ToolsStrip() {
  const { before } = usePeriod();
  const specs: readonly StripFigure<ToolReport>[] = [
    {
      label: "Acceptance rate of edits",
      leads: true,
      value: ({ edits }) => (edits.acceptance_rate === null ? "–" : formatShare(edits.acceptance_rate)),
      exact: ({ edits }) =>
        `${formatUnit(edits.accepted, "edit")} accepted, ${formatCount(edits.rejected)} rejected`,
      change: (data) => rateChange(data.edits.acceptance_rate, data.previous_edits.acceptance_rate, before),
    },
    {
      label: "Rejected edits",
      value: ({ edits }) => formatCount(edits.rejected),
      exact: ({ edits }) => formatUnit(edits.rejected, "edit"),
      change: (data) => amountChange(data.edits.rejected, data.previous_edits.rejected, before),
    },
    {
      label: "Calls that succeeded",
      why: { figure: "succeeded" },
      value: ({ results }) => formatCount(results.succeeded),
      exact: ({ results }) => formatUnit(results.succeeded, "call"),
      change: (data) => amountChange(data.results.succeeded, data.previous_results.succeeded, before),
    },
    {
      label: "Calls that failed",
      why: { figure: "failed" },
      value: ({ results }) => formatCount(results.failed),
      exact: ({ results }) => formatUnit(results.failed, "call"),
      aside: ({ results }) =>
        results.success_rate === null ? "none ended" : `${formatShare(results.success_rate)} succeeded`,
    },
    {
      label: "Half took at most",
      value: ({ results }) => latencyText(results.duration_ms.p50),
      exact: ({ results }) => `${formatCount(results.duration_ms.p50 ?? 0)} ms, the median`,
      aside: ({ results }) => `19 of 20 at most ${latencyText(results.duration_ms.p95)}`,
    },
  ];
  return <FigureStrip name="Tools in figures" figures={useTools()} specs={specs} />;
}
