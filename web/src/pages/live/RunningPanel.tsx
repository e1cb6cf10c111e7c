/** "Which sessions run?" */

import { useMemo } from "react";
import { PageLink } from "../../app/PageLink";
import { formatCount, formatUnit } from "../../format/counts";
import { formatAgo } from "../../format/dates";
import { formatMoney } from "../../format/money";
import { projectName } from "../../format/projects";
import { allTokens } from "../../format/tokens";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money, TokenCount } from "../../parts/Figure";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { type Figures, panelState } from "../../view/useQuestion";
import type { LiveNow, RunningSession } from "./queries";
import classes from "./RunningPanel.module.css";

export function RunningPanel({ figures }: { readonly figures: Figures<LiveNow> }) {
  const { data } = figures;
  const columns = useMemo(() => runningColumns(data?.now), [data?.now]);
  return (
    <Panel
      question="Which sessions run?"
      answer={
        data && (
          <>
            <b>{formatUnit(data.running, "session")}</b> active in the last 15 minutes
            {data.sessions.length < data.running &&
              `, the newest ${formatCount(data.sessions.length)} of them`}
          </>
        )
      }
      height={120}
      state={panelState(
        figures,
        (live) => live.sessions.length === 0,
        <>
          No session runs at the moment. <PageLink to="/sessions">Look through those before</PageLink>.
        </>,
      )}
      {...(data ? { sheet: () => sheetOf(columns, data.sessions) } : {})}
    >
      {() =>
        data && (
          <DataTable
            caption="Running sessions"
            columns={columns}
            rows={data.sessions}
            rowKey={(row) => row.session_id}
            maxHeight={400}
          />
        )
      }
    </Panel>
  );
}

function runningColumns(now: string | undefined): readonly Column<RunningSession>[] {
  const ago = (instant: string) => formatAgo(instant, new Date(now ?? instant));
  return [
    {
      id: "who",
      title: "Who",
      isHeader: true,
      width: "22%",
      sortBy: (row) => row.actor,
      cell: (row) => (
        <PageLink to="/sessions/$session" params={{ session: row.session_id }} className={classes.name}>
          {row.actor}
        </PageLink>
      ),
    },
    {
      id: "project",
      title: "Project",
      priority: 2,
      sortBy: (row) => row.project ?? "",
      cell: (row) =>
        row.project === null ? (
          <span className="muted">not known</span>
        ) : (
          <span title={row.project}>{projectName(row.project)}</span>
        ),
    },
    {
      id: "last",
      title: "Last active",
      sortBy: (row) => row.last_at,
      cell: (row) => <time dateTime={row.last_at}>{ago(row.last_at)}</time>,
    },
    {
      id: "began",
      title: "Began",
      priority: 3,
      sortBy: (row) => row.started_at,
      cell: (row) => <time dateTime={row.started_at}>{ago(row.started_at)}</time>,
    },
    {
      id: "requests",
      title: "Requests",
      numeric: true,
      priority: 3,
      sortBy: (row) => row.requests,
      cell: (row) => formatCount(row.requests),
    },
    {
      id: "tokens",
      title: "Tokens",
      numeric: true,
      priority: 2,
      sortBy: (row) => allTokens(row.tokens),
      cell: (row) => <TokenCount tokens={allTokens(row.tokens)} />,
    },
    {
      id: "errors",
      title: "Errors",
      numeric: true,
      priority: 3,
      sortBy: (row) => row.api_errors,
      cell: (row) => (row.api_errors === 0 ? <span className="muted">0</span> : formatCount(row.api_errors)),
    },
    {
      id: "burn",
      title: "An hour",
      numeric: true,
      priority: 2,
      sortBy: (row) => row.burn_micros_per_hour,
      exported: { title: "Burn rate (USD/h)", value: (row) => dollars(row.burn_micros_per_hour) },
      cell: (row) => formatMoney(row.burn_micros_per_hour),
    },
    {
      id: "cost",
      title: "So far",
      numeric: true,
      sortBy: (row) => row.cost_micros.settled,
      exported: { title: "Cost (USD)", value: (row) => dollars(row.cost_micros.settled) },
      cell: (row) => <Money micros={row.cost_micros.settled} />,
    },
  ];
}
