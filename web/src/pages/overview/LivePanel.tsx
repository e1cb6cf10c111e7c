/** "What is happening now?": the newest requests, as they come in. */

import { useMemo } from "react";
import type { LiveEntry } from "../../api/live";
import { LIVE_REQUESTS } from "../../api/liveSources";
import type { RecentRequest } from "../../api/types";
import { exactTokens } from "../../format/counts";
import { formatClock } from "../../format/dates";
import { formatLatency } from "../../format/durations";
import { projectName } from "../../format/projects";
import { allTokens, TOKEN_KINDS } from "../../format/tokens";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money, TokenCount } from "../../parts/Figure";
import { ModelLabel } from "../../parts/ModelLabel";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { LiveControls, liveState } from "../../view/LiveControls";
import { type Period, usePeriod } from "../../view/period";
import { useLiveList } from "../../view/useLiveList";
import classes from "./LivePanel.module.css";

export function LivePanel() {
  const live = useLiveList(LIVE_REQUESTS);
  const period = usePeriod();
  const columns = useMemo(() => requestColumns(period.zone, period.today), [period.zone, period.today]);
  return (
    <Panel
      question="What is happening now?"
      answer={<>The newest requests, as they come in, whatever the range above</>}
      height={240}
      sheet={() => sheetOf(columns, live.entries ?? [])}
      state={liveState(live, "No request yet. The first one will appear here as soon as it is made.")}
      actions={<LiveControls live={live} />}
    >
      {() => (
        <DataTable
          caption="Newest requests"
          columns={columns}
          rows={live.entries ?? []}
          rowKey={(entry) => entry.key}
          rowProps={(entry) => ({ "data-new": live.isNew(entry) })}
          maxHeight={440}
        />
      )}
    </Panel>
  );
}

function requestColumns(zone: string, today: Period["today"]): Column<LiveEntry<RecentRequest>>[] {
  return [
    {
      id: "at",
      title: "Time",
      exported: { value: ({ item: request }) => request.at },
      cell: ({ item: request }) => (
        <time dateTime={request.at} className={classes.time}>
          {formatClock(request.at, zone, today)}
        </time>
      ),
    },
    {
      id: "model",
      title: "Model",
      isHeader: true,
      width: "20%",
      exported: { value: ({ item: request }) => request.model },
      cell: ({ item: request }) => <ModelLabel id={request.model} />,
    },
    {
      id: "project",
      title: "Project",
      exported: { value: ({ item: request }) => request.project },
      width: "22%",
      priority: 2,
      cell: ({ item: request }) =>
        request.project === null ? (
          <span className="muted">–</span>
        ) : (
          <span title={request.project}>{projectName(request.project)}</span>
        ),
    },
    {
      id: "actor",
      title: "Who",
      priority: 3,
      exported: { value: ({ item: request }) => request.actor },
      cell: ({ item: request }) => request.actor,
    },
    {
      id: "for",
      title: "For",
      priority: 3,
      cell: ({ item: request }) => request.agent ?? request.query_source ?? <span className="muted">–</span>,
    },
    {
      id: "tokens",
      title: "Tokens",
      numeric: true,
      exported: { value: ({ item: request }) => allTokens(request.tokens) },
      cell: ({ item: request }) => (
        <span title={tokenDetail(request)}>
          <TokenCount tokens={allTokens(request.tokens)} />
        </span>
      ),
    },
    {
      id: "took",
      title: "Took",
      exported: { title: "Took (ms)", value: ({ item: request }) => request.duration_ms },
      numeric: true,
      priority: 3,
      cell: ({ item: request }) =>
        request.duration_ms === null ? <span className="muted">–</span> : formatLatency(request.duration_ms),
    },
    {
      id: "cost",
      title: "Cost",
      numeric: true,
      exported: { title: "Cost (USD)", value: ({ item: request }) => dollars(request.cost_micros.settled) },
      cell: ({ item: request }) => <Money micros={request.cost_micros.settled} />,
    },
  ];
}

function tokenDetail(request: RecentRequest): string {
  return TOKEN_KINDS.map(({ kind, label }) => `${label}: ${exactTokens(request.tokens[kind])}`).join("\n");
}
