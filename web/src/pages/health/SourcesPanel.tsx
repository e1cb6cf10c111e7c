/** "Which sources told?" */

import { formatCount, formatUnit } from "../../format/counts";
import { formatAgo } from "../../format/dates";
import { SOURCE_NAMES } from "../../format/sources";
import { Bar } from "../../parts/Bar";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { usePeriod } from "../../view/period";
import { type Figures, panelState } from "../../view/useQuestion";
import type { Health } from "./queries";
import classes from "./SourcesPanel.module.css";

type Source = Health["coverage"]["sources"][number];

export function SourcesPanel({ figures }: { readonly figures: Figures<Health> }) {
  const period = usePeriod();
  const coverage = figures.data?.coverage;
  const columns = sourceColumns(coverage?.sessions ?? 0);
  return (
    <Panel
      span={6}
      question="Which sources told?"
      answer={
        coverage && (
          <>
            <b>{formatUnit(coverage.sessions, "session")}</b> {period.words}
          </>
        )
      }
      height={160}
      state={panelState(
        figures,
        (health) => health.coverage.sources.every(({ records }) => records === 0),
        `No source told of anything ${period.words}.`,
      )}
      {...(coverage ? { sheet: () => sheetOf(columns, coverage.sources) } : {})}
    >
      {() =>
        coverage && (
          <DataTable
            caption="Sources"
            columns={columns}
            rows={coverage.sources}
            rowKey={(row) => row.source}
          />
        )
      }
    </Panel>
  );
}

function sourceColumns(sessions: number): readonly Column<Source>[] {
  return [
    {
      id: "source",
      title: "Source",
      isHeader: true,
      exported: { value: (row) => row.source },
      cell: (row) => SOURCE_NAMES[row.source],
    },
    {
      id: "sessions",
      title: "Sessions",
      numeric: true,
      exported: { value: (row) => row.sessions },
      cell: (row) => formatCount(row.sessions),
    },
    {
      id: "bar",
      title: `of ${formatCount(sessions)}`,
      width: "24%",
      priority: 2,
      cell: (row) => (
        <span className={classes.bar}>
          <Bar whole={sessions} parts={[{ value: row.sessions, color: "var(--muted)" }]} />
        </span>
      ),
    },
    {
      id: "records",
      title: "Records",
      numeric: true,
      exported: { value: (row) => row.records },
      cell: (row) => formatCount(row.records),
    },
    {
      id: "newest",
      title: "Newest",
      numeric: true,
      exported: { value: (row) => row.newest_at },
      cell: (row) =>
        row.newest_at === null ? (
          <span className="muted">never</span>
        ) : (
          <time dateTime={row.newest_at}>{formatAgo(row.newest_at, new Date())}</time>
        ),
    },
  ];
}
