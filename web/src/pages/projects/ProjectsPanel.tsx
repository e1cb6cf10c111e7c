/** "Which projects?": each with what it took and gave. */

import { useMemo, useState } from "react";
import type { Answer as AnswerTo } from "../../api/questions";
import { PageLink } from "../../app/PageLink";
import { formatCount, formatUnit } from "../../format/counts";
import { formatMoney } from "../../format/money";
import { projectNames } from "../../format/projects";
import { allTokens } from "../../format/tokens";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money, TokenCount } from "../../parts/Figure";
import { Panel } from "../../parts/Panel";
import { SearchBox } from "../../parts/SearchBox";
import { Sparkbars } from "../../parts/Sparkbars";
import { dollars } from "../../parts/sheet";
import { NOT_TOLD } from "../../view/names";
import { usePeriod } from "../../view/period";
import { panelState, useQuestion } from "../../view/useQuestion";
import classes from "./ProjectsPanel.module.css";

type Project = AnswerTo<"/api/v1/projects">["projects"][number];

export function ProjectsPanel() {
  const figures = useQuestion("/api/v1/projects");
  const period = usePeriod();
  const [text, setText] = useState("");
  const projects = figures.data?.projects ?? [];
  const columns = useMemo(() => projectColumns(projects), [projects]);
  const rows = projects.filter((project) => contains(project, text.trim().toLowerCase()));
  return (
    <Panel
      question="Which projects were worked on?"
      answer={<Answer projects={projects} found={figures.data?.found ?? 0} words={period.words} />}
      height={280}
      state={panelState(
        figures,
        (all) => all.projects.length === 0,
        `No project was worked on ${period.words}.`,
      )}
      actions={
        <SearchBox label="Search projects" placeholder="Name or repository" value={text} onSearch={setText} />
      }
      sheet={() => sheetOf(columns, rows)}
    >
      {() =>
        rows.length === 0 ? (
          <p className="muted">No project contains “{text.trim()}”.</p>
        ) : (
          <DataTable caption="Projects" columns={columns} rows={rows} rowKey={(row) => row.project} />
        )
      }
    </Panel>
  );
}

interface AnswerProps {
  readonly projects: readonly Project[];
  readonly found: number;
  readonly words: string;
}

function Answer({ projects, found, words }: AnswerProps) {
  const [first] = projects;
  return (
    <>
      <b>{formatUnit(found, "project")}</b> {words}
      {first && `; ${nameOf(projects)(first)} comes first with ${formatMoney(first.cost_micros.settled)}`}
      {projects.length < found && `; the ${formatCount(projects.length)} with the highest cost are listed`}
    </>
  );
}

function contains({ project, repositories, worktrees }: Project, text: string): boolean {
  return [project, ...repositories, ...worktrees].some((known) => known.toLowerCase().includes(text));
}

function nameOf(projects: readonly Project[]): (row: Project) => string {
  const names = projectNames(projects.map((row) => row.project));
  return (row) => (row.project === NOT_TOLD ? "No project known" : (names.get(row.project) ?? row.project));
}

function projectColumns(projects: readonly Project[]): readonly Column<Project>[] {
  const name = nameOf(projects);
  return [
    {
      id: "project",
      title: "Project",
      isHeader: true,
      width: "22%",
      sortBy: name,
      exported: { value: (row) => row.project },
      cell: (row) => (
        <>
          <PageLink
            to="/projects/$project"
            params={{ project: row.project }}
            className={classes.name}
            title={row.project}
          >
            {name(row)}
          </PageLink>
          <span className={classes.under}>{underOf(row)}</span>
        </>
      ),
    },
    {
      id: "trend",
      title: "Cost by day",
      width: "12%",
      priority: 2,
      cell: (row) => <Sparkbars values={row.daily_cost_micros} color="var(--muted)" />,
    },
    count("people", "People", 2, (row) => row.people),
    count("sessions", "Sessions", 2, (row) => row.sessions),
    count("branches", "Branches", 3, (row) => row.branches),
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
      title: "Lines",
      numeric: true,
      priority: 3,
      sortBy: (row) => row.lines.added,
      exported: { title: "Lines added", value: (row) => row.lines.added },
      cell: ({ lines }) => (
        <>
          +{formatCount(lines.added)} <span className="muted">−{formatCount(lines.removed)}</span>
        </>
      ),
    },
    count("commits", "Commits", 3, (row) => row.commits),
    count("pull_requests", "Pull requests", 3, (row) => row.pull_requests),
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

/** The repository, and how many worktrees are folded in. */
function underOf({ project, repositories, worktrees }: Project): string {
  const others = repositories.filter((repository) => repository !== project);
  return [
    ...others,
    ...(worktrees.length === 0 ? [] : [`with ${formatUnit(worktrees.length, "worktree")}`]),
  ].join(", ");
}

function count(id: string, title: string, priority: 2 | 3, pick: (row: Project) => number): Column<Project> {
  return { id, title, numeric: true, priority, sortBy: pick, cell: (row) => formatCount(pick(row)) };
}
