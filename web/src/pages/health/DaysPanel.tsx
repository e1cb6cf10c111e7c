/** "On which days is something missing?": the newest first. */

import { formatCount, formatShare, formatUnit } from "../../format/counts";
import { formatDayLong } from "../../format/dates";
import { exactMoney } from "../../format/money";
import { Bar } from "../../parts/Bar";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { usePeriod } from "../../view/period";
import { type Figures, panelState } from "../../view/useQuestion";
import type { Health } from "./queries";
import classes from "./SourcesPanel.module.css";

type Day = Health["days"][number];

/** Above this share a day is worth a remark. */
const WORTH_SAYING = 0.02;

export function DaysPanel({ figures }: { readonly figures: Figures<Health> }) {
  const period = usePeriod();
  const days = [...(figures.data?.days ?? [])].reverse();
  const lacking = days.filter(isLacking).length;
  return (
    <Panel
      span={6}
      question="On which days is something missing?"
      answer={
        lacking === 0 ? (
          <>On none worth a remark</>
        ) : (
          <>
            On <b>{formatUnit(lacking, "day")}</b> more than 2&nbsp;% of the cost is known only from totals,
            or tokens have no price
          </>
        )
      }
      height={160}
      state={panelState(
        figures,
        (health) => health.days.every(({ sessions }) => sessions === 0),
        `Nothing was done ${period.words}.`,
      )}
      sheet={() => sheetOf(COLUMNS, days)}
    >
      {() => (
        <DataTable caption="Days" columns={COLUMNS} rows={days} rowKey={(day) => day.date} maxHeight={320} />
      )}
    </Panel>
  );
}

function isLacking(day: Day): boolean {
  return (day.unattributed_share ?? 0) > WORTH_SAYING || day.unpriced_tokens > 0;
}

const COLUMNS: readonly Column<Day>[] = [
  {
    id: "day",
    title: "Day",
    isHeader: true,
    exported: { value: (day) => day.date },
    cell: (day) => `${formatDayLong(day.date)}${day.complete ? "" : ", so far"}`,
  },
  {
    id: "people",
    title: "People",
    numeric: true,
    priority: 2,
    exported: { value: (day) => day.people },
    cell: (day) => formatCount(day.people),
  },
  {
    id: "sessions",
    title: "Sessions",
    numeric: true,
    priority: 2,
    exported: { value: (day) => day.sessions },
    cell: (day) => formatCount(day.sessions),
  },
  {
    id: "share",
    title: "Only from totals",
    numeric: true,
    exported: { title: "Only from totals (USD)", value: (day) => dollars(day.unattributed_cost_micros) },
    cell: (day) => (
      <span title={exactMoney(day.unattributed_cost_micros)}>
        {day.unattributed_share === null ? (
          <span className="muted">–</span>
        ) : (
          formatShare(day.unattributed_share)
        )}
      </span>
    ),
  },
  {
    id: "bar",
    title: "",
    width: "16%",
    priority: 2,
    cell: (day) => (
      <span className={classes.bar}>
        <Bar
          whole={1}
          parts={[{ value: day.unattributed_share ?? 0, color: "var(--muted)", hatched: true }]}
        />
      </span>
    ),
  },
  {
    id: "unpriced",
    title: "Unpriced tokens",
    numeric: true,
    priority: 3,
    exported: { value: (day) => day.unpriced_tokens },
    cell: (day) =>
      day.unpriced_tokens === 0 ? <span className="muted">0</span> : formatCount(day.unpriced_tokens),
  },
];
