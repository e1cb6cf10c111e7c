/** The chart's figures as a table: a row per day, the newest first, a column per series. */

import { useMemo } from "react";
import type { Day } from "../../api/types";
import type { Series } from "../../charts/series";
import { formatDayLong } from "../../format/dates";
import { type Column, DataTable } from "../../parts/DataTable";

export interface DaysTableProps {
  readonly days: readonly Day[];
  readonly series: readonly Series[];
  readonly short: (value: number) => string;
  readonly exact: (value: number) => string;
  /** Pixels. */
  readonly height: number;
}

interface DayRow {
  readonly day: Day;
  readonly index: number;
}

export function DaysTable({ days, series, short, exact, height }: DaysTableProps) {
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
          sortBy: (row) => each.values[row.index] ?? 0,
          cell: (row) => (
            <span title={exact(each.values[row.index] ?? 0)}>{short(each.values[row.index] ?? 0)}</span>
          ),
        }),
      ),
    ],
    [series, short, exact],
  );
  return (
    <DataTable caption="By day and model" columns={columns} rows={rows} rowKey={rowKey} maxHeight={height} />
  );
}

function rowKey(row: DayRow): string {
  return row.day.date;
}
