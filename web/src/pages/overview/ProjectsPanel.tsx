/** "Where did it go?": the projects that cost most. */

import { useMemo } from "react";
import type { ProjectRow } from "../../api/types";
import { formatCount } from "../../format/counts";
import { formatMoney } from "../../format/money";
import { projectNames } from "../../format/projects";
import { allTokens } from "../../format/tokens";
import { Bar } from "../../parts/Bar";
import { type Column, DataTable } from "../../parts/DataTable";
import { Money, TokenCount } from "../../parts/Figure";
import { Panel } from "../../parts/Panel";
import classes from "./ProjectsPanel.module.css";
import { usePeriod } from "./period";
import { panelState, useOverview } from "./useOverview";

/** The server names this many at most. */
const TOP = 10;

export function ProjectsPanel() {
  const figures = useOverview();
  const period = usePeriod();
  const projects = figures.data?.projects ?? [];
  return (
    <Panel
      span={6}
      question="Where did it go?"
      answer={<Answer projects={projects} />}
      height={200}
      state={panelState(
        figures,
        (data) => data.projects.length === 0,
        `No project was worked on ${period.words}.`,
      )}
    >
      {() => <Projects projects={projects} />}
    </Panel>
  );
}

function Answer({ projects }: { projects: readonly ProjectRow[] }) {
  const [first] = projects;
  return (
    first && (
      <>
        <b>{shortNames(projects)(first)}</b> comes first with {formatMoney(first.cost_micros.settled)}
        {projects.length >= TOP && `; the ${TOP} with the highest cost`}
      </>
    )
  );
}

function Projects({ projects }: { projects: readonly ProjectRow[] }) {
  const columns = useMemo(() => projectColumns(projects), [projects]);
  return <DataTable caption="Projects" columns={columns} rows={projects} rowKey={(row) => row.project} />;
}

function projectColumns(projects: readonly ProjectRow[]): Column<ProjectRow>[] {
  const name = shortNames(projects);
  const highest = Math.max(...projects.map((row) => row.cost_micros.settled), 0);
  return [
    {
      id: "project",
      title: "Project",
      isHeader: true,
      sortBy: name,
      cell: (row) => <span title={row.project}>{name(row)}</span>,
    },
    {
      id: "sessions",
      title: "Sessions",
      numeric: true,
      priority: 3,
      sortBy: (row) => row.sessions,
      cell: (row) => formatCount(row.sessions),
    },
    {
      id: "lines",
      title: "Lines",
      numeric: true,
      priority: 2,
      sortBy: (row) => row.lines.added,
      cell: ({ lines }) => (
        <>
          +{formatCount(lines.added)} <span className="muted">−{formatCount(lines.removed)}</span>
        </>
      ),
    },
    {
      id: "tokens",
      title: "Tokens",
      numeric: true,
      sortBy: (row) => allTokens(row.tokens),
      cell: (row) => <TokenCount tokens={allTokens(row.tokens)} />,
    },
    {
      id: "cost",
      title: "Cost",
      numeric: true,
      sortBy: (row) => row.cost_micros.settled,
      cell: (row) => <Money micros={row.cost_micros.settled} />,
    },
    {
      id: "bar",
      title: "",
      width: "22%",
      priority: 2,
      cell: (row) => (
        <span className={classes.bar}>
          <Bar whole={highest} parts={[{ value: row.cost_micros.settled, color: "var(--muted)" }]} />
        </span>
      ),
    },
  ];
}

/** Telemetry does not tell the directory; what came from it alone has no name. */
const NO_PROJECT = "No project known";

function shortNames(projects: readonly ProjectRow[]): (row: ProjectRow) => string {
  const names = projectNames(projects.map((row) => row.project));
  return (row) => (row.project === "" ? NO_PROJECT : (names.get(row.project) ?? row.project));
}
