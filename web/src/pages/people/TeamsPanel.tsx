/** "Which teams?": as senders name them. */

import { useMemo } from "react";
import type { Answer } from "../../api/questions";
import { PageLink } from "../../app/PageLink";
import { formatCount, formatUnit } from "../../format/counts";
import { allTokens } from "../../format/tokens";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money, TokenCount } from "../../parts/Figure";
import { Panel } from "../../parts/Panel";
import { Sparkbars } from "../../parts/Sparkbars";
import { dollars } from "../../parts/sheet";
import { NOT_TOLD } from "../../view/names";
import { usePeriod } from "../../view/period";
import { panelState, useQuestion } from "../../view/useQuestion";
import { withFilter } from "../../view/view";
import classes from "./PeoplePanel.module.css";

type Team = Answer<"/api/v1/teams">["teams"][number];

export function TeamsPanel() {
  const figures = useQuestion("/api/v1/teams");
  const period = usePeriod();
  const teams = figures.data?.teams ?? [];
  const named = teams.filter(({ team }) => team !== null).length;
  const columns = useMemo(teamColumns, []);
  return (
    <Panel
      question="Which teams?"
      answer={
        <>
          <b>{formatUnit(named, "team")}</b> {period.words}
          {named < teams.length && ", and work of which no team is told"}
        </>
      }
      height={160}
      state={panelState(
        figures,
        (all) => all.teams.every(({ team }) => team === null),
        <>
          No sender names a team. Set the resource attribute <code>team.id</code> where Claude Code runs:{" "}
          <code>OTEL_RESOURCE_ATTRIBUTES=team.id=platform</code>.
        </>,
      )}
      sheet={() => sheetOf(columns, teams)}
    >
      {() => (
        <DataTable
          caption="Teams"
          columns={columns}
          rows={teams}
          rowKey={(row) => row.team ?? ""}
          maxHeight={480}
        />
      )}
    </Panel>
  );
}

function teamColumns(): readonly Column<Team>[] {
  return [
    {
      id: "team",
      title: "Team",
      isHeader: true,
      width: "20%",
      sortBy: (row) => row.team ?? "\uffff",
      exported: { value: (row) => row.team },
      cell: (row) => (
        <PageLink
          to="/"
          view={(view) => withFilter(view, "team", [row.team ?? NOT_TOLD])}
          className={classes.name}
        >
          {row.team ?? <span className="muted">No team told</span>}
        </PageLink>
      ),
    },
    {
      id: "trend",
      title: "Cost by day",
      width: "12%",
      priority: 2,
      cell: (row) => <Sparkbars values={row.daily_cost_micros} color="var(--muted)" />,
    },
    count("people", "Active people", undefined, (row) => row.active_people),
    count("sessions", "Sessions", 2, (row) => row.sessions),
    {
      id: "tokens",
      title: "Tokens",
      numeric: true,
      priority: 2,
      sortBy: (row) => allTokens(row.tokens),
      cell: (row) => <TokenCount tokens={allTokens(row.tokens)} />,
    },
    {
      id: "lines",
      title: "Lines added",
      numeric: true,
      priority: 3,
      sortBy: (row) => row.lines.added,
      cell: (row) => `+${formatCount(row.lines.added)}`,
    },
    count("commits", "Commits", 3, (row) => row.commits),
    count("pull_requests", "Pull requests", 3, (row) => row.pull_requests),
    {
      id: "each",
      title: "Cost per person",
      numeric: true,
      priority: 2,
      sortBy: (row) => row.cost_per_person_micros ?? -1,
      exported: {
        title: "Cost per person (USD)",
        value: (row) => (row.cost_per_person_micros === null ? null : dollars(row.cost_per_person_micros)),
      },
      cell: (row) =>
        row.cost_per_person_micros === null ? (
          <span className="muted">–</span>
        ) : (
          <Money micros={row.cost_per_person_micros} />
        ),
    },
    {
      id: "cost",
      title: "Cost",
      numeric: true,
      sortBy: (row) => row.cost_micros.settled,
      exported: { title: "Cost (USD)", value: (row) => dollars(row.cost_micros.settled) },
      cell: (row) => <Money micros={row.cost_micros.settled} />,
    },
  ];
}

function count(
  id: string,
  title: string,
  priority: 2 | 3 | undefined,
  pick: (row: Team) => number,
): Column<Team> {
  return {
    id,
    title,
    numeric: true,
    ...(priority ? { priority } : {}),
    sortBy: pick,
    cell: (row) => formatCount(pick(row)),
  };
}
