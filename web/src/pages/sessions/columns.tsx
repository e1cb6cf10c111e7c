/** What a table of sessions shows of each. */

import type { Answer } from "../../api/questions";
import { PageLink } from "../../app/PageLink";
import { formatCount, formatUnit } from "../../format/counts";
import { formatClock } from "../../format/dates";
import { modelName } from "../../format/models";
import { personName } from "../../format/people";
import { projectName } from "../../format/projects";
import { allTokens } from "../../format/tokens";
import type { Column } from "../../parts/DataTable";
import { Duration, Money, TokenCount } from "../../parts/Figure";
import { dollars } from "../../parts/sheet";
import type { Period } from "../../view/period";
import classes from "./SessionsPanel.module.css";

export type ListedSession = Answer<"/api/v1/sessions">["sessions"][number];

export const SESSION_LIMIT = 50;

export interface ColumnChoice {
  readonly period: Pick<Period, "zone" | "today">;
  /** Leaves out who worked, on a page that is about one person. */
  readonly without?: "person" | "project";
}

export function sessionColumns({ period, without }: ColumnChoice): readonly Column<ListedSession>[] {
  return [
    {
      id: "newest",
      title: "Last active",
      isHeader: true,
      descends: true,
      width: "10%",
      exported: { title: "Session", value: (row) => row.session_id },
      cell: (row) => (
        <>
          <PageLink to="/sessions/$session" params={{ session: row.session_id }} className={classes.name}>
            <time dateTime={row.ended_at}>{formatClock(row.ended_at, period.zone, period.today)}</time>
            <span className="visually-hidden">, session of {personName(row.actor)}</span>
          </PageLink>
          <span className={classes.narrow}>
            {row.project === null
              ? personName(row.actor)
              : `${projectName(row.project)}, ${personName(row.actor)}`}
          </span>
        </>
      ),
    },
    ...(without === "project" ? [] : [PROJECT]),
    ...(without === "person" ? [] : [PERSON]),
    {
      id: "model",
      title: "Models",
      priority: 3,
      exported: { value: (row) => row.models.join(" ") },
      cell: (row) => <Models models={row.models} />,
    },
    figure("prompts", "Prompts", 3, (row) => row.prompts),
    figure("requests", "Requests", 2, (row) => row.requests),
    {
      id: "tokens",
      title: "Tokens",
      numeric: true,
      priority: 2,
      exported: { value: (row) => allTokens(row.tokens) },
      cell: (row) => <TokenCount tokens={allTokens(row.tokens)} />,
    },
    {
      id: "lines",
      title: "Lines",
      numeric: true,
      priority: 3,
      exported: { title: "Lines added", value: (row) => row.lines.added },
      cell: ({ lines }) =>
        lines.added + lines.removed === 0 ? (
          <span className="muted">–</span>
        ) : (
          <>
            +{formatCount(lines.added)} <span className="muted">−{formatCount(lines.removed)}</span>
          </>
        ),
    },
    {
      id: "failures",
      title: "Failed calls",
      numeric: true,
      priority: 3,
      exported: { value: (row) => row.tool_failures },
      cell: (row) => (
        <span
          title={`${formatCount(row.tool_failures)} of ${formatUnit(row.tool_calls, "tool call")} failed`}
        >
          {row.tool_failures === 0 ? <span className="muted">0</span> : formatCount(row.tool_failures)}
        </span>
      ),
    },
    {
      id: "errors",
      title: "Errors",
      numeric: true,
      priority: 3,
      exported: { value: (row) => row.api_errors },
      cell: (row) => (row.api_errors === 0 ? <span className="muted">0</span> : formatCount(row.api_errors)),
    },
    {
      id: "duration",
      title: "Span",
      numeric: true,
      priority: 2,
      exported: { title: "Span (ms)", value: (row) => row.duration_ms },
      cell: (row) => <Duration milliseconds={row.duration_ms} />,
    },
    {
      id: "cost",
      title: "Cost",
      numeric: true,
      exported: { title: "Cost (USD)", value: (row) => dollars(row.cost_micros.settled) },
      cell: (row) => <Money micros={row.cost_micros.settled} />,
    },
  ];
}

const PROJECT: Column<ListedSession> = {
  id: "project",
  title: "Project",
  width: "13%",
  priority: 2,
  exported: { value: (row) => row.project },
  cell: (row) => (
    <span title={row.project ?? undefined}>
      {row.project === null ? <span className="muted">not known</span> : projectName(row.project)}
      {row.branch !== null && <span className={classes.branch}>{row.branch}</span>}
    </span>
  ),
};

const PERSON: Column<ListedSession> = {
  id: "person",
  title: "Who",
  width: "18%",
  priority: 2,
  exported: { value: (row) => row.actor },
  cell: (row) => (
    <span className={classes.person} title={row.actor}>
      <PageLink to="/people/$person" params={{ person: row.actor }} className={classes.quiet}>
        {personName(row.actor)}
      </PageLink>
    </span>
  ),
};

function figure(
  id: string,
  title: string,
  priority: 2 | 3,
  pick: (row: ListedSession) => number,
): Column<ListedSession> {
  return {
    id,
    title,
    numeric: true,
    priority,
    exported: { value: pick },
    cell: (row) => formatCount(pick(row)),
  };
}

/** The first model's name, and how many more there were. */
function Models({ models }: { readonly models: readonly string[] }) {
  const [first, ...more] = models;
  if (first === undefined) {
    return <span className="muted">–</span>;
  }
  return (
    <span className="nowrap" title={models.join("\n")}>
      {modelName(first).label}
      {more.length > 0 && <span className="muted"> +{more.length}</span>}
    </span>
  );
}
