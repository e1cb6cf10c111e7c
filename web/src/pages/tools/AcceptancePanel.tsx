/** "Are edits accepted?": decisions on edits by day. */

import { useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { decisionColor } from "../../charts/palette";
import { rateChange } from "../../format/change";
import { formatCount, formatShare, formatTokens } from "../../format/counts";
import { DaysEvidence, type EvidenceSeries, sheetOfDays } from "../../parts/DaysEvidence";
import { Panel } from "../../parts/Panel";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { type ToolReport, useTools } from "./useTools";

const HEIGHT = 240;
const TEXT = { short: formatCount, exact: formatCount, axis: formatTokens };

export function AcceptancePanel() {
  const figures = useTools();
  const period = usePeriod();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { data } = figures;
  const series = useMemo((): EvidenceSeries[] => {
    const days = data?.days ?? [];
    const of = (decision: "accepted" | "rejected", label: string): EvidenceSeries => ({
      id: decision,
      label,
      color: decisionColor(decision, scheme),
      broken: decision === "rejected",
      total: data?.edits[decision] ?? 0,
      values: days.map((day) => day.edits[decision]),
    });
    return [of("accepted", "Accepted"), of("rejected", "Rejected")];
  }, [data, scheme]);
  return (
    <Panel
      question="Are edits accepted?"
      answer={data && <Words data={data} before={period.before} />}
      height={HEIGHT + 24}
      hasChart
      sheet={() => sheetOfDays(data?.days ?? [], series, "edits")}
      state={panelState(
        figures,
        ({ edits }) => edits.acceptance_rate === null,
        `No edits were decided on ${period.words}.`,
      )}
    >
      {() =>
        data && (
          <DaysEvidence
            days={data.days}
            series={series}
            text={TEXT}
            caption="Decisions on edits by day"
            labels="Decisions in the chart, from the top of the bars"
            height={HEIGHT}
          />
        )
      }
    </Panel>
  );
}

function Words({ data, before }: { readonly data: ToolReport; readonly before: string }) {
  const { acceptance_rate: rate } = data.edits;
  if (rate === null) {
    return null;
  }
  const change = rateChange(rate, data.previous_edits.acceptance_rate, before);
  return (
    <>
      <b>{formatShare(rate)}</b> of edits accepted: {change.amount} {change.base}
    </>
  );
}
