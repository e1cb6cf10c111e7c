/** "Which models did the work?": requests, cost or tokens by day and model. */

import { SegmentedControl, useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { type Measure, seriesByModel, seriesColor } from "../../charts/series";
import { exactTokens, formatCount, formatShare, formatTokens } from "../../format/counts";
import { modelName } from "../../format/models";
import { axisMoney, exactMoney, formatMoney } from "../../format/money";
import { CHART_HEIGHT, DaysEvidence, sheetOfDays } from "../../parts/DaysEvidence";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { useOptions } from "../../view/useView";
import type { RawSearch } from "../../view/view";
import { type ModelMix, useModels } from "./useModels";

const TEXTS = {
  cost: { short: formatMoney, exact: exactMoney, axis: axisMoney },
  requests: { short: formatCount, exact: formatCount, axis: formatTokens },
  tokens: { short: formatTokens, exact: exactTokens, axis: formatTokens },
} as const;

interface Options {
  readonly by: Measure | undefined;
}

function optionsOf(raw: RawSearch): Options {
  return { by: raw.by === "requests" || raw.by === "tokens" ? raw.by : undefined };
}

export function MixPanel() {
  const figures = useModels();
  const [options, change] = useOptions(optionsOf);
  const period = usePeriod();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { data } = figures;
  const by = options.by ?? "cost";
  const series = useMemo(
    () =>
      data
        ? seriesByModel(data.days, data.models, by).map((each) => ({
            ...each,
            color: seriesColor(each.id, scheme),
          }))
        : [],
    [data, by, scheme],
  );
  return (
    <Panel
      question="Which models did the work?"
      answer={data && <Words data={data} />}
      height={CHART_HEIGHT + 24}
      hasChart
      sheet={() =>
        by === "cost"
          ? sheetOfDays(data?.days ?? [], series, "USD", dollars)
          : sheetOfDays(data?.days ?? [], series, by)
      }
      state={panelState(figures, (all) => all.models.length === 0, `No model was used ${period.words}.`)}
      actions={
        <SegmentedControl
          aria-label="Measure"
          size="xs"
          transitionDuration={0}
          value={by}
          data={[
            { value: "cost", label: "Cost" },
            { value: "requests", label: "Requests" },
            { value: "tokens", label: "Tokens" },
          ]}
          onChange={(chosen) => change({ by: chosen === "cost" ? undefined : (chosen as Measure) })}
        />
      }
    >
      {() =>
        data && (
          <DaysEvidence
            days={data.days}
            series={series}
            text={TEXTS[by]}
            caption="By day and model"
            labels="Models in the chart, from the top of the bars"
          />
        )
      }
    </Panel>
  );
}

function Words({ data }: { readonly data: ModelMix }) {
  const [first] = data.models;
  return (
    first && (
      <>
        <b>{modelName(first.model).label}</b> comes first
        {first.cost_share !== null && ` with ${formatShare(first.cost_share)} of the cost`}
        {first.request_share !== null && ` and ${formatShare(first.request_share)} of the requests`}
      </>
    )
  );
}
