/** "Where did it go?": the projects that cost most. */

import { useMemo } from "react";
import type { ProjectRow } from "../../api/types";
import { formatCount } from "../../format/counts";
import { formatMoney } from "../../format/money";
import { projectNames } from "../../format/projects";
import { allTokens } from "../../format/tokens";
import { BarCell } from "../../parts/BarCell";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money, TokenCount } from "../../parts/Figure";
import { Panel } from "../../parts/Panel";
import { PartName, partName } from "../../parts/PartName";
import { dollars } from "../../parts/sheet";
import { Why } from "../../parts/Why";
import { NOT_TOLD } from "../../view/names";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { useOverview } from "./useOverview";

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
      sheet={() => sheetOf(projectColumns(projects), projects)}
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
      exported: { value: (row) => row.project },
      cell: (row) => <PartName by="project" value={row.project} label={name(row)} />,
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
      exported: { title: "Cost (USD)", value: (row) => dollars(row.cost_micros.settled) },
      cell: (row) => (
        <Why figure="cost" where={{ project: [row.project] }}>
          <Money micros={row.cost_micros.settled} />
        </Why>
      ),
    },
    {
      id: "bar",
      title: "",
      width: "22%",
      priority: 2,
      cell: (row) => (
        <BarCell whole={highest} parts={[{ value: row.cost_micros.settled, color: "var(--muted)" }]} />
      ),
    },
  ];
}

function shortNames(projects: readonly ProjectRow[]): (row: ProjectRow) => string {
  const names = projectNames(projects.map((row) => row.project));
  return (row) =>
    row.project === NOT_TOLD ? partName("project", row.project) : (names.get(row.project) ?? row.project);
}
