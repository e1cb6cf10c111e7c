/** "What did it cost?": a bar per day, by model; the same for tokens, and the same as a table. */

import { SegmentedControl, useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import type { Overview } from "../../api/types";
import type { Scheme } from "../../charts/palette";
import { OTHERS, seriesByModel, seriesColor } from "../../charts/series";
import { amountChange } from "../../format/change";
import { exactTokens, formatTokens } from "../../format/counts";
import { axisMoney, exactMoney, formatMoney } from "../../format/money";
import { allTokens } from "../../format/tokens";
import { CHART_HEIGHT, DaysEvidence, type EvidenceSeries, sheetOfDays } from "../../parts/DaysEvidence";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { Why } from "../../parts/Why";
import { type Period, usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { useOverviewOptions } from "./options";
import { useOverview } from "./useOverview";

/** How a measure is spoken of and written. */
const MEASURES = {
  cost: { question: "What did it cost?", short: formatMoney, exact: exactMoney, axis: axisMoney },
  tokens: { question: "How many tokens?", short: formatTokens, exact: exactTokens, axis: formatTokens },
} as const;

export function CostPanel() {
  const figures = useOverview();
  const period = usePeriod();
  const [options, change] = useOverviewOptions();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const measure: keyof typeof MEASURES = options.by ?? "cost";
  const { data } = figures;
  const asTable = options.view === "table";
  const series = useMemo(() => (data ? seriesOf(data, measure, scheme) : []), [data, measure, scheme]);

  return (
    <Panel
      span={8}
      question={MEASURES[measure].question}
      answer={data && <Answer data={data} measure={measure} period={period} />}
      height={CHART_HEIGHT + 24}
      hasChart={!asTable}
      sheet={() =>
        measure === "cost"
          ? sheetOfDays(data?.days ?? [], series, "USD", dollars)
          : sheetOfDays(data?.days ?? [], series, "tokens")
      }
      state={panelState(
        figures,
        (all) => all.totals.requests === 0 && allTokens(all.totals.tokens) === 0,
        <>No requests {period.words}. Choose a longer range, or another time zone.</>,
      )}
      actions={
        <>
          <SegmentedControl
            aria-label="Measure"
            size="xs"
            transitionDuration={0}
            value={measure}
            data={[
              { value: "cost", label: "Cost" },
              { value: "tokens", label: "Tokens" },
            ]}
            onChange={(by) => change({ by: by === "tokens" ? by : undefined })}
          />
          <SegmentedControl
            aria-label="Shown as"
            size="xs"
            transitionDuration={0}
            value={asTable ? "table" : "chart"}
            data={[
              { value: "chart", label: "Chart" },
              { value: "table", label: "Table" },
            ]}
            onChange={(view) => change({ view: view === "table" ? view : undefined })}
          />
        </>
      }
    >
      {() =>
        data && (
          <DaysEvidence
            days={data.days}
            series={series}
            text={MEASURES[measure]}
            caption="By day and model"
            labels="Models in the chart, from the top of the bars"
            asTable={asTable}
          />
        )
      }
    </Panel>
  );
}

function seriesOf(data: Overview, measure: keyof typeof MEASURES, scheme: Scheme): EvidenceSeries[] {
  return seriesByModel(data.days, data.models, measure).map((each) => ({
    ...each,
    color: seriesColor(each.id, scheme),
    ...(each.id === OTHERS ? { name: <a href="#models">{each.label}</a> } : {}),
  }));
}

function Answer({
  data,
  measure,
  period,
}: {
  data: Overview;
  measure: keyof typeof MEASURES;
  period: Period;
}) {
  const pick = measure === "cost" ? (totals: Overview["totals"]) => totals.cost_micros.settled : tokensOf;
  const { short, exact } = MEASURES[measure];
  const now = pick(data.totals);
  const change = amountChange(now, pick(data.previous), period.before);
  return (
    <>
      <b>
        <Why figure={measure} exact={exact(now)}>
          {short(now)}
        </Why>
      </b>{" "}
      {measure === "tokens" && "tokens "}
      {period.words}: {change.amount} {change.base}
    </>
  );
}

function tokensOf(totals: Overview["totals"]): number {
  return allTokens(totals.tokens);
}
