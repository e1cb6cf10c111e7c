/** "Which teams are there?": those that the configuration puts people in, and those that senders tell. */

import { PageLink } from "../../app/PageLink";
import { formatCount, formatUnit } from "../../format/counts";
import { formatAgo } from "../../format/dates";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { type Figures, panelState } from "../../view/useQuestion";
import { withFilter } from "../../view/view";
import classes from "../people/PeoplePanel.module.css";
import type { Shown } from "./queries";

interface Team {
  readonly name: string;
  /** By the configuration; none where only senders tell it. */
  readonly members: readonly string[];
  readonly people: number;
  /** Null while nobody in it has done anything. */
  readonly lastAt: string | null;
}

export function TeamsPanel({ figures }: { readonly figures: Figures<Shown> }) {
  const { data } = figures;
  const teams = data ? teamsOf(data) : [];
  const attributes = data?.team_attributes ?? [];
  const configured = data?.team_members.length ?? 0;
  return (
    <Panel
      span={4}
      question="Which teams are there?"
      answer={
        <>
          <b>{formatUnit(teams.length, "team")}</b>,{" "}
          {configured > 0 && <>{formatCount(configured)} of them by the configuration; else </>}
          by the resource attribute {attributes.join(", else ")}
        </>
      }
      height={120}
      state={panelState(
        figures,
        (shown) => teamsOf(shown).length === 0,
        <>
          None. Name the members of each in <code>pitwall.toml</code>, under <code>[team.members]</code>:{" "}
          <code>platform = ["mira@example.org"]</code>. Or let senders name theirs in{" "}
          <code>OTEL_RESOURCE_ATTRIBUTES</code>: <code>{attributes[0] ?? "team"}=platform</code>.
        </>,
      )}
      sheet={() => sheetOf(COLUMNS, teams)}
    >
      {() => (
        <DataTable
          caption="Teams"
          columns={COLUMNS}
          rows={teams}
          rowKey={(row) => row.name}
          maxHeight={400}
        />
      )}
    </Panel>
  );
}

/** Every team by name, whoever tells it. */
function teamsOf(shown: Shown): readonly Team[] {
  const members = new Map(shown.team_members.map(({ team, members }) => [team, members]));
  const seen = new Map(shown.contents.teams.map((team) => [team.team, team]));
  return [...new Set([...members.keys(), ...seen.keys()])].sort().map((name) => ({
    name,
    members: members.get(name) ?? [],
    people: seen.get(name)?.people ?? 0,
    lastAt: seen.get(name)?.last_at ?? null,
  }));
}

const COLUMNS: readonly Column<Team>[] = [
  {
    id: "team",
    title: "Team",
    isHeader: true,
    sortBy: (row) => row.name,
    cell: (row) => (
      <>
        <PageLink to="/people" view={(view) => withFilter(view, "team", [row.name])} className={classes.name}>
          {row.name}
        </PageLink>
        {row.members.length > 0 && <span className={classes.under}>{row.members.join(", ")}</span>}
      </>
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
    sortBy: (row) => row.lastAt ?? "",
    cell: (row) =>
      row.lastAt === null ? (
        <span className="muted">never</span>
      ) : (
        <time dateTime={row.lastAt}>{formatAgo(row.lastAt, new Date())}</time>
      ),
  },
];
