/** "How long did requests take?": the middle and the slow end, by day. */

import { useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { SURFACES } from "../../charts/palette";
import { formatCount } from "../../format/counts";
import { formatLatency } from "../../format/durations";
import { axisLatency, latencyText } from "../../format/rates";
import { DaysEvidence, type EvidenceSeries, sheetOfDays } from "../../parts/DaysEvidence";
import { Panel } from "../../parts/Panel";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { useModels } from "./useModels";

const HEIGHT = 200;
const TEXT = {
  short: formatLatency,
  exact: (value: number) => `${formatCount(value)} ms`,
  axis: axisLatency,
};

export function LatencyPanel() {
  const figures = useModels();
  const period = usePeriod();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { data } = figures;
  const series = useMemo((): EvidenceSeries[] => {
    const days = data?.days ?? [];
    const surface = SURFACES[scheme];
    return [
      {
        id: "p50",
        label: "Half within",
        color: surface.accent,
        line: true,
        values: days.map((day) => day.duration_ms.p50),
      },
      {
        id: "p95",
        label: "19 of 20 within",
        color: surface.muted,
        line: true,
        broken: true,
        values: days.map((day) => day.duration_ms.p95),
      },
    ];
  }, [data, scheme]);
  return (
    <Panel
      span={6}
      question="How long did requests take?"
      answer={
        data && (
          <>
            Half took at most <b>{latencyText(data.all.duration_ms.p50)}</b>, 19 of 20 at most{" "}
            {latencyText(data.all.duration_ms.p95)}
          </>
        )
      }
      height={HEIGHT + 48}
      hasChart
      sheet={() => sheetOfDays(data?.days ?? [], series, "ms")}
      state={panelState(
        figures,
        (all) => all.all.duration_ms.p50 === null,
        `No source told how long requests took ${period.words}. Events do.`,
      )}
    >
      {() =>
        data && (
          <DaysEvidence
            days={data.days}
            series={series}
            text={TEXT}
            caption="Time of requests by day"
            labels="Lines in the chart"
            height={HEIGHT}
          />
        )
      }
    </Panel>
  );
}
