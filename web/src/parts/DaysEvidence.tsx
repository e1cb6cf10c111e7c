/** Values by day as a chart with its labels beside it, and the same as a table for whoever does not see it. */

import { useComputedColorScheme } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useMemo } from "react";
import type { ChartSeries } from "../charts/DaysChart";
import { loadDaysChart } from "../charts/load";
import { formatDay, formatDayLong } from "../format/dates";
import { type Column, DataTable } from "./DataTable";
import classes from "./DaysEvidence.module.css";
import type { Sheet } from "./sheet";

const DaysChart = lazy(loadDaysChart);

/** Pixels, without the labels. */
export const CHART_HEIGHT = 280;

/** How values are written. */
export interface ValueText {
  readonly short: (value: number) => string;
  readonly exact: (value: number) => string;
  readonly axis: (value: number) => string;
}

interface EvidenceDay {
  readonly date: string;
  readonly complete: boolean;
}

/** One series of the chart, and what its label says. */
export interface EvidenceSeries extends ChartSeries {
  /** Of the whole range; without it the label is the name alone. */
  readonly total?: number;
  /** The label's name, where it is more than text. */
  readonly name?: ReactNode;
}

export interface DaysEvidenceProps {
  readonly days: readonly EvidenceDay[];
  /** Bottom of the stack first. */
  readonly series: readonly EvidenceSeries[];
  readonly text: ValueText;
  /** The table's name: `By day and model`. */
  readonly caption: string;
  /** What the labels are: `Models in the chart, from the top of the bars`. */
  readonly labels: string;
  readonly asTable?: boolean;
  readonly height?: number;
}

export function DaysEvidence(props: DaysEvidenceProps) {
  const { days, series, text, labels, asTable = false, height = CHART_HEIGHT } = props;
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  if (asTable) {
    return <DaysTable {...props} height={height} />;
  }
  return (
    <div className={classes.evidence}>
      <div className={classes.chart}>
        {/* The picture is for the eye; the table that follows says the same to everyone else. */}
        <div aria-hidden="true">
          <Suspense fallback={<div style={{ height }} />}>
            <DaysChart
              days={days}
              series={series}
              scheme={scheme}
              height={height}
              axisText={text.axis}
              valueText={text.short}
            />
          </Suspense>
        </div>
        <RunningNote days={days} isDrawn={series.some((each) => !each.line)} />
        <DaysTable {...props} height={height} unseen />
      </div>
      <ul className={classes.labels} aria-label={labels}>
        {[...series].reverse().map((each) => (
          <li key={each.id}>
            <span
              className={classes.swatch}
              data-line={each.line === true}
              data-broken={each.broken === true}
              style={each.line ? { borderColor: each.color } : { backgroundColor: each.color }}
            />
            {each.name ?? (
              <span className={classes.name} title={each.label}>
                {each.label}
              </span>
            )}
            {each.total !== undefined && (
              <span className={classes.total} title={text.exact(each.total)}>
                {text.short(each.total)}
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function RunningNote({
  days,
  isDrawn,
}: {
  readonly days: readonly EvidenceDay[];
  readonly isDrawn: boolean;
}) {
  const running = days.find((day) => !day.complete);
  if (!running || !isDrawn) {
    return null;
  }
  return (
    <p className={classes.note}>
      <span className={classes.hatched} aria-hidden="true" /> {formatDay(running.date)} is still running: so
      far
    </p>
  );
}

interface DayRow {
  readonly day: EvidenceDay;
  readonly index: number;
}

interface DaysTableProps extends DaysEvidenceProps {
  readonly height: number;
  readonly unseen?: boolean;
}

function DaysTable({ days, series, text, caption, height, unseen = false }: DaysTableProps) {
  const rows = useMemo(() => days.map((day, index): DayRow => ({ day, index })).reverse(), [days]);
  const columns = useMemo(
    (): Column<DayRow>[] => [
      {
        id: "day",
        title: "Day",
        isHeader: true,
        sortBy: (row) => row.day.date,
        cell: ({ day }) => (
          <span className="nowrap">
            {day.complete ? formatDayLong(day.date) : `${formatDayLong(day.date)}, so far`}
          </span>
        ),
      },
      ...series.map(
        (each): Column<DayRow> => ({
          id: each.id,
          title: each.label,
          numeric: true,
          sortBy: (row) => each.values[row.index] ?? -1,
          cell: (row) => <DayValue value={each.values[row.index] ?? null} text={text} />,
        }),
      ),
    ],
    [series, text],
  );
  return (
    <DataTable
      caption={caption}
      columns={columns}
      rows={rows}
      rowKey={rowKey}
      maxHeight={height}
      unseen={unseen}
    />
  );
}

function DayValue({ value, text }: { readonly value: number | null; readonly text: ValueText }) {
  return value === null ? (
    <span className="muted">–</span>
  ) : (
    <span title={text.exact(value)}>{text.short(value)}</span>
  );
}

function rowKey(row: DayRow): string {
  return row.day.date;
}

/** The chart's figures for other programs: a row a day; `unit` stands behind each name, `scale` makes values of it. */
export function sheetOfDays(
  days: readonly EvidenceDay[],
  series: readonly EvidenceSeries[],
  unit: string,
  scale: (value: number) => number = (value) => value,
): Sheet {
  return {
    columns: ["Day", ...series.map((each) => `${each.label} (${unit})`)],
    rows: days.map((day, index) => [
      day.date,
      ...series.map((each) => {
        const value = each.values[index] ?? null;
        return value === null ? null : scale(value);
      }),
    ]),
  };
}
