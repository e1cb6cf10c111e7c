/** "Which teams are told?" */

import { PageLink } from "../../app/PageLink";
import { formatCount, formatUnit } from "../../format/counts";
import { formatAgo } from "../../format/dates";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { type Figures, panelState } from "../../view/useQuestion";
import { withFilter } from "../../view/view";
import classes from "../people/PeoplePanel.module.css";
import type { Shown } from "./queries";

type Team = Shown["contents"]["teams"][number];

export function TeamsPanel({ figures }: { readonly figures: Figures<Shown> }) {
  const teams = figures.data?.contents.teams ?? [];
  const attributes = figures.data?.team_attributes ?? [];
  return (
    <Panel
      span={4}
      question="Which teams are told?"
      answer={
        <>
          <b>{formatUnit(teams.length, "team")}</b>, by the resource attribute {attributes.join(", else ")}
        </>
      }
      height={120}
      state={panelState(
        figures,
        (shown) => shown.contents.teams.length === 0,
        <>
          None. Senders name their team in <code>OTEL_RESOURCE_ATTRIBUTES</code>, such as{" "}
          <code>{attributes[0] ?? "team"}=platform</code>.
        </>,
      )}
      sheet={() => sheetOf(COLUMNS, teams)}
    >
      {() => (
        <DataTable
          caption="Teams"
          columns={COLUMNS}
          rows={teams}
          rowKey={(row) => row.team}
          maxHeight={400}
        />
      )}
    </Panel>
  );
}

const COLUMNS: readonly Column<Team>[] = [
  {
    id: "team",
    title: "Team",
    isHeader: true,
    sortBy: (row) => row.team,
    cell: (row) => (
      <PageLink to="/people" view={(view) => withFilter(view, "team", [row.team])} className={classes.name}>
        {row.team}
      </PageLink>
    ),
  },
  {
    id: "people",
    title: "People",
    numeric: true,
    sortBy: (row) => row.people,
    cell: (row) => formatCount(row.people),
  },
  {
    id: "last",
    title: "Last seen",
    numeric: true,
    sortBy: (row) => row.last_at,
    cell: (row) => <time dateTime={row.last_at}>{formatAgo(row.last_at, new Date())}</time>,
  },
];
