/** "What did it cost?": a bar per day, by model; the same for tokens, and the same as a table. */

import { SegmentedControl, useComputedColorScheme } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useMemo } from "react";
import type { Overview } from "../../api/types";
import { without } from "../../app/search";
import { modelColor, OTHERS_COLOR } from "../../charts/palette";
import { type Measure, OTHERS, type Series, seriesByModel } from "../../charts/series";
import { amountChange } from "../../format/change";
import { exactTokens, formatTokens } from "../../format/counts";
import { formatDay } from "../../format/dates";
import { axisMoney, exactMoney, formatMoney } from "../../format/money";
import { allTokens } from "../../format/tokens";
import { Panel } from "../../parts/Panel";
import classes from "./CostPanel.module.css";
import { DaysTable } from "./DaysTable";
import { type Period, usePeriod } from "./period";
import { panelState, useOverview } from "./useOverview";
import { useOverviewSearch } from "./useOverviewSearch";

const StackedDays = lazy(() => import("../../charts/StackedDays"));
const CHART_HEIGHT = 280;

/** How a measure is spoken of and written. */
const MEASURES = {
  cost: { question: "What did it cost?", short: formatMoney, exact: exactMoney, axis: axisMoney },
  tokens: { question: "How many tokens?", short: formatTokens, exact: exactTokens, axis: formatTokens },
} as const;

export function CostPanel() {
  const figures = useOverview();
  const period = usePeriod();
  const [search, change] = useOverviewSearch();
  const measure: Measure = search.by ?? "cost";
  const { data } = figures;
  const asTable = search.view === "table";

  return (
    <Panel
      span={8}
      question={MEASURES[measure].question}
      answer={data && <Answer data={data} measure={measure} period={period} />}
      height={CHART_HEIGHT + 24}
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
            onChange={(by) => change(by === "tokens" ? { ...search, by } : without(search, "by"))}
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
            onChange={(view) => change(view === "table" ? { ...search, view } : without(search, "view"))}
          />
        </>
      }
    >
      {() => data && <Evidence data={data} measure={measure} asTable={asTable} />}
    </Panel>
  );
}

function Answer({ data, measure, period }: { data: Overview; measure: Measure; period: Period }) {
  const pick = measure === "cost" ? (totals: Overview["totals"]) => totals.cost_micros.settled : tokensOf;
  const { short, exact } = MEASURES[measure];
  const now = pick(data.totals);
  const change = amountChange(now, pick(data.previous), period.before);
  return (
    <>
      <b title={exact(now)}>{short(now)}</b> {measure === "tokens" && "tokens "}
      {period.words}: {change.amount} {change.base}
    </>
  );
}

function tokensOf(totals: Overview["totals"]): number {
  return allTokens(totals.tokens);
}

function Evidence({ data, measure, asTable }: { data: Overview; measure: Measure; asTable: boolean }) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const series = useMemo(() => seriesByModel(data.days, data.models, measure), [data, measure]);
  const { short, exact, axis } = MEASURES[measure];
  const table = (
    <DaysTable days={data.days} series={series} short={short} exact={exact} height={CHART_HEIGHT} />
  );
  if (asTable) {
    return table;
  }
  return (
    <div className={classes.evidence}>
      <div className={classes.chart}>
        {/* The picture is for the eye; the table that follows says the same to everyone else. */}
        <div aria-hidden="true">
          <Suspense fallback={<div style={{ height: CHART_HEIGHT }} />}>
            <StackedDays
              days={data.days}
              series={series}
              scheme={scheme}
              height={CHART_HEIGHT}
              axisText={axis}
              valueText={short}
            />
          </Suspense>
        </div>
        <RunningNote data={data} />
        <div className="visually-hidden">{table}</div>
      </div>
      <ul className={classes.labels} aria-label="Models in the chart, from the top of the bars">
        {[...series].reverse().map((each) => (
          <SeriesLabel
            key={each.id}
            series={each}
            color={each.id === OTHERS ? OTHERS_COLOR[scheme] : modelColor(each.id, scheme)}
          >
            <span title={exact(each.total)}>{short(each.total)}</span>
          </SeriesLabel>
        ))}
      </ul>
    </div>
  );
}

function SeriesLabel({ series, color, children }: { series: Series; color: string; children: ReactNode }) {
  return (
    <li>
      <span className={classes.swatch} style={{ background: color }} />
      {series.id === OTHERS ? (
        <a href="#models">{series.label}</a>
      ) : (
        <span className={classes.name} title={series.id}>
          {series.label}
        </span>
      )}
      <span className={classes.total}>{children}</span>
    </li>
  );
}

function RunningNote({ data }: { data: Overview }) {
  const running = data.days.filter((day) => !day.complete).at(0);
  if (!running) {
    return null;
  }
  return (
    <p className={classes.note}>
      <span className={classes.hatched} aria-hidden="true" /> {formatDay(running.date)} is still running: so
      far
    </p>
  );
}
