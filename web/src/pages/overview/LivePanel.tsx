/** "What is happening now?": the newest requests, as they come in. */

import { Button } from "@mantine/core";
import { useMemo } from "react";
import type { LiveRequest, LiveState } from "../../api/live";
import type { RecentRequest } from "../../api/types";
import { exactTokens } from "../../format/counts";
import { formatClock } from "../../format/dates";
import { formatLatency } from "../../format/durations";
import { projectName } from "../../format/projects";
import { allTokens, TOKEN_KINDS } from "../../format/tokens";
import { type Column, DataTable } from "../../parts/DataTable";
import { Money, TokenCount } from "../../parts/Figure";
import { ModelLabel } from "../../parts/ModelLabel";
import { Panel, type PanelState } from "../../parts/Panel";
import classes from "./LivePanel.module.css";
import { type Period, usePeriod } from "./period";
import { type LiveList, useLiveRequests } from "./useLiveRequests";

export function LivePanel() {
  const live = useLiveRequests();
  const period = usePeriod();
  const columns = useMemo(() => requestColumns(period.zone, period.today), [period.zone, period.today]);
  return (
    <Panel
      question="What is happening now?"
      answer={<>The newest requests, as they come in, whatever the range above</>}
      height={240}
      state={liveState(live)}
      actions={
        <>
          <LiveMark state={live.state} held={live.held} />
          <Button variant="default" size="compact-sm" onClick={live.toggle}>
            {live.held ? "Resume" : "Pause"}
          </Button>
        </>
      }
    >
      {() => (
        <DataTable
          caption="Newest requests"
          columns={columns}
          rows={live.requests ?? []}
          rowKey={(entry) => entry.key}
          rowProps={(entry) => ({ "data-new": live.isNew(entry) })}
          maxHeight={440}
        />
      )}
    </Panel>
  );
}

function liveState(live: LiveList): PanelState {
  if (live.requests === null) {
    return live.error === null
      ? { kind: "loading" }
      : { kind: "error", message: `${live.error} Trying again by itself.`, retry: live.toggle };
  }
  if (live.requests.length === 0) {
    return {
      kind: "empty",
      message: "No request yet. The first one will appear here as soon as it is made.",
    };
  }
  return { kind: "ready", stale: false };
}

const STATES: Record<LiveState, string> = {
  connecting: "Connecting",
  live: "Live",
  paused: "Paused",
  retrying: "Connection lost, trying again",
};

function LiveMark({ state, held }: { state: LiveState; held: boolean }) {
  return (
    <span className={classes.state} data-state={held ? "paused" : state} role="status" aria-label="Live list">
      {held ? STATES.paused : STATES[state]}
    </span>
  );
}

function requestColumns(zone: string, today: Period["today"]): Column<LiveRequest>[] {
  return [
    {
      id: "at",
      title: "Time",
      cell: ({ request }) => (
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
      cell: ({ request }) => <ModelLabel id={request.model} />,
    },
    {
      id: "project",
      title: "Project",
      width: "22%",
      priority: 2,
      cell: ({ request }) =>
        request.project === null ? (
          <span className="muted">–</span>
        ) : (
          <span title={request.project}>{projectName(request.project)}</span>
        ),
    },
    { id: "actor", title: "Who", priority: 3, cell: ({ request }) => request.actor },
    {
      id: "for",
      title: "For",
      priority: 3,
      cell: ({ request }) => request.agent ?? request.query_source ?? <span className="muted">–</span>,
    },
    {
      id: "tokens",
      title: "Tokens",
      numeric: true,
      cell: ({ request }) => (
        <span title={tokenDetail(request)}>
          <TokenCount tokens={allTokens(request.tokens)} />
        </span>
      ),
    },
    {
      id: "took",
      title: "Took",
      numeric: true,
      priority: 3,
      cell: ({ request }) =>
        request.duration_ms === null ? <span className="muted">–</span> : formatLatency(request.duration_ms),
    },
    {
      id: "cost",
      title: "Cost",
      numeric: true,
      cell: ({ request }) => <Money micros={request.cost_micros.settled} />,
    },
  ];
}

function tokenDetail(request: RecentRequest): string {
  return TOKEN_KINDS.map(({ kind, label }) => `${label}: ${exactTokens(request.tokens[kind])}`).join("\n");
}
