/** "What comes out of a person's day?": averages for each day on which somebody was active. */

import { useMemo } from "react";
import { formatCount } from "../../format/counts";
import { formatDuration } from "../../format/durations";
import { formatMoney } from "../../format/money";
import { formatMilli } from "../../format/rates";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { type Output, type Productivity, useProductivity } from "./useProductivity";

type Averages = Output["per_person_day"];

interface Row {
  readonly name: string;
  readonly now: string;
  readonly before: string;
}

export function PerPersonDayPanel() {
  const figures = useProductivity();
  const period = usePeriod();
  const { data } = figures;
  const rows = useMemo(() => (data ? rowsOf(data) : []), [data]);
  const columns = useMemo(() => averageColumns(period.before), [period.before]);
  return (
    <Panel
      span={4}
      question="What comes out of a person’s day?"
      answer={
        data && (
          <>
            On average over <b>{formatCount(data.total.person_days)}</b> days on which somebody was active
          </>
        )
      }
      height={240}
      sheet={() => sheetOf(columns, rows)}
      state={panelState(
        figures,
        ({ total }) => total.person_days === 0,
        `Nobody was active ${period.words}.`,
      )}
    >
      {() => <DataTable caption="A person’s day" columns={columns} rows={rows} rowKey={(row) => row.name} />}
    </Panel>
  );
}

function rowsOf({ total, previous }: Productivity): Row[] {
  const row = (
    name: string,
    pick: (averages: Averages) => number | null,
    text: (value: number) => string,
  ): Row => {
    const [now, before] = [pick(total.per_person_day), pick(previous.per_person_day)];
    const shown = (value: number | null) => (value === null ? "–" : text(value));
    return { name, now: shown(now), before: shown(before) };
  };
  return [
    row("Lines added", (day) => day.lines_added, formatCount),
    row("Commits", (day) => day.milli_commits, formatMilli),
    row("Pull requests", (day) => day.milli_pull_requests, formatMilli),
    row("Sessions", (day) => day.milli_sessions, formatMilli),
    row("Active time", (day) => day.active_user_ms, formatDuration),
    row("Cost", (day) => day.cost_micros, formatMoney),
  ];
}

function averageColumns(before: string): Column<Row>[] {
  return [
    {
      id: "name",
      title: "A day",
      isHeader: true,
      exported: { value: (row) => row.name },
      cell: (row) => row.name,
    },
    { id: "now", title: "Now", numeric: true, exported: { value: (row) => row.now }, cell: (row) => row.now },
    {
      id: "before",
      title: "Before",
      numeric: true,
      exported: { title: `In ${before}`, value: (row) => row.before },
      cell: (row) => (
        <span className="muted" title={`In ${before}`}>
          {row.before}
        </span>
      ),
    },
  ];
}
