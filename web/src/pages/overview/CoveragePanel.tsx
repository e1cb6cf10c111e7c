/** "How complete are these figures?": which sources told of the sessions, and what is known only from totals. */

import { useMemo } from "react";
import type { Coverage, SourceCoverage } from "../../api/types";
import { formatCount, formatShare, formatUnit } from "../../format/counts";
import { formatAgo, formatClock } from "../../format/dates";
import { allTokens } from "../../format/tokens";
import { BarCell } from "../../parts/BarCell";
import { type Column, DataTable } from "../../parts/DataTable";
import { Money, TokenCount } from "../../parts/Figure";
import { Panel } from "../../parts/Panel";
import { type Period, usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import classes from "./CoveragePanel.module.css";
import { useOverview } from "./useOverview";

/** What each source is called, and what it alone can tell. */
const SOURCES: Record<SourceCoverage["source"], { name: string; tells: string }> = {
  events: { name: "Events", tells: "each request, tool call and decision" },
  metrics: { name: "Metrics", tells: "running totals" },
  traces: { name: "Traces", tells: "kept as evidence" },
  transcripts: { name: "Transcripts", tells: "the client’s own files" },
};

export function CoveragePanel() {
  const figures = useOverview();
  const period = usePeriod();
  const coverage = figures.data?.coverage;
  return (
    <Panel
      id="coverage"
      span={6}
      question="How complete are these figures?"
      answer={coverage && <Answer coverage={coverage} />}
      height={200}
      sheet={() => ({
        columns: ["Source", "Sessions", "Records", "Newest"],
        rows: (coverage?.sources ?? []).map((row) => [row.source, row.sessions, row.records, row.newest_at]),
      })}
      state={panelState(
        figures,
        (data) => data.coverage.sources.every((source) => source.records === 0),
        `No source told of anything ${period.words}.`,
      )}
    >
      {() => coverage && <Sources coverage={coverage} period={period} />}
    </Panel>
  );
}

function Answer({ coverage }: { coverage: Coverage }) {
  const { cost_share: share } = coverage.unattributed;
  if (share === null) {
    return <>{formatUnit(coverage.sessions, "session")}, no cost to explain</>;
  }
  if (share === 0) {
    return (
      <>
        <b>All</b> of the cost is known request by request
      </>
    );
  }
  return (
    <>
      <b>{formatShare(share)}</b> of the cost is known only from totals, not request by request
    </>
  );
}

function Sources({ coverage, period }: { coverage: Coverage; period: Period }) {
  const columns = useMemo(() => sourceColumns(coverage.sessions, period), [coverage.sessions, period]);
  const { tokens, cost_micros: cost } = coverage.unattributed;
  return (
    <>
      <DataTable caption="Sources" columns={columns} rows={coverage.sources} rowKey={(row) => row.source} />
      {allTokens(tokens) > 0 && (
        <p className={classes.note}>
          <TokenCount tokens={allTokens(tokens)} /> tokens and <Money micros={cost.settled} /> stand in the
          client’s totals and in no single request: compaction, titles, or requests whose events did not
          arrive.
        </p>
      )}
    </>
  );
}

function sourceColumns(sessions: number, period: Period): Column<SourceCoverage>[] {
  return [
    {
      id: "source",
      title: "Source",
      isHeader: true,
      cell: ({ source }) => (
        <>
          {SOURCES[source].name} <span className={classes.tells}>{SOURCES[source].tells}</span>
        </>
      ),
    },
    {
      id: "sessions",
      title: "Sessions",
      numeric: true,
      cell: (row) => (
        <span title={`${formatCount(row.sessions)} of ${formatUnit(sessions, "session")}`}>
          {formatCount(row.sessions)}
        </span>
      ),
    },
    {
      id: "bar",
      title: `of ${formatCount(sessions)}`,
      width: "18%",
      priority: 2,
      cell: (row) => <BarCell whole={sessions} parts={[{ value: row.sessions, color: "var(--muted)" }]} />,
    },
    { id: "records", title: "Records", numeric: true, cell: (row) => formatCount(row.records) },
    {
      id: "newest",
      title: "Newest",
      numeric: true,
      cell: (row) =>
        row.newest_at === null ? (
          <span className="muted">never</span>
        ) : (
          <time dateTime={row.newest_at} title={formatClock(row.newest_at, period.zone, period.today)}>
            {formatAgo(row.newest_at, new Date())}
          </time>
        ),
    },
  ];
}
