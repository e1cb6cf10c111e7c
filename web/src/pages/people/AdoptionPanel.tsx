/** "How many use it?": people active each day, and in the week and the month that end with it. */

import { useComputedColorScheme } from "@mantine/core";
import { lazy, Suspense, useMemo } from "react";
import type { Answer as AnswerTo } from "../../api/questions";
import type { DayLine } from "../../charts/DayLines";
import { amountChange } from "../../format/change";
import { formatCount, formatUnit } from "../../format/counts";
import { formatDay } from "../../format/dates";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { type Period, usePeriod } from "../../view/period";
import { panelState, useQuestion } from "../../view/useQuestion";
import classes from "./AdoptionPanel.module.css";

const DayLines = lazy(() => import("../../charts/DayLines"));
const HEIGHT = 240;

export type Adoption = AnswerTo<"/api/v1/adoption">;
type Day = Adoption["days"][number];

export function AdoptionPanel() {
  const figures = useQuestion("/api/v1/adoption");
  const period = usePeriod();
  const { data } = figures;
  return (
    <Panel
      span={8}
      question="How many use it?"
      answer={data && <Answer data={data} period={period} />}
      height={HEIGHT + 72}
      state={panelState(
        figures,
        (all) => all.active === 0 && all.active_before === 0,
        <>Nobody made a request {period.words}. Choose a longer range, or lift a filter.</>,
      )}
      hasChart
      {...(data ? { sheet: () => sheetOf(COLUMNS, data.days) } : {})}
    >
      {() => data && <Evidence data={data} />}
    </Panel>
  );
}

function Answer({ data, period }: { readonly data: Adoption; readonly period: Period }) {
  const change = amountChange(data.active, data.active_before, period.before);
  return (
    <>
      <b>{formatUnit(data.active, "person", "people")}</b> {period.words}: {change.amount} {change.base}
    </>
  );
}

function Evidence({ data }: { readonly data: Adoption }) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const lines = useMemo(() => linesOf(data.days), [data.days]);
  return (
    <>
      <dl className={classes.standings}>
        <Standing label="New" value={data.new} explanation="active for the first time" />
        <Standing label="Steady" value={data.steady} explanation="active before as well" />
        <Standing label="Returning" value={data.returning} explanation="back after a while" />
        <Standing label="Silent" value={data.silent} explanation="active before, not now" />
      </dl>
      <div aria-hidden="true">
        <Suspense fallback={<div style={{ height: HEIGHT }} />}>
          <DayLines days={data.days} lines={lines} scheme={scheme} height={HEIGHT} valueText={formatCount} />
        </Suspense>
      </div>
      <DataTable
        caption="Active people"
        columns={COLUMNS}
        rows={data.days}
        rowKey={(day) => day.date}
        unseen
      />
    </>
  );
}

interface StandingProps {
  readonly label: string;
  readonly value: number;
  readonly explanation: string;
}

function Standing({ label, value, explanation }: StandingProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className={classes.value}>{formatCount(value)}</dd>
      <dd className={classes.explanation}>{explanation}</dd>
    </div>
  );
}

function linesOf(days: readonly Day[]): readonly DayLine[] {
  return [
    { id: "monthly", label: "30 days", values: days.map((day) => day.monthly), look: "dotted" },
    { id: "weekly", label: "7 days", values: days.map((day) => day.weekly), look: "solid", leads: true },
    { id: "daily", label: "the day", values: days.map((day) => day.daily), look: "dashed" },
  ];
}

const COLUMNS: readonly Column<Day>[] = [
  {
    id: "day",
    title: "Day",
    isHeader: true,
    exported: { value: (day) => day.date },
    cell: (day) => `${formatDay(day.date)}${day.complete ? "" : ", so far"}`,
  },
  count("daily", "On the day", (day) => day.daily),
  count("weekly", "In 7 days", (day) => day.weekly),
  count("monthly", "In 30 days", (day) => day.monthly),
];

function count(id: string, title: string, pick: (day: Day) => number): Column<Day> {
  return { id, title, numeric: true, exported: { value: pick }, cell: (day) => formatCount(pick(day)) };
}
