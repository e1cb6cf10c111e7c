/** "Which teams …?", "Which projects …?": what came out of each, beside what it cost. */

import { useMemo } from "react";
import { formatCount, formatUnit } from "../../format/counts";
import { formatDuration } from "../../format/durations";
import { exactMoney, formatMoney } from "../../format/money";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { PartName, partName } from "../../parts/PartName";
import { dollars } from "../../parts/sheet";
import { Why } from "../../parts/Why";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import type { FigureName } from "../../view/why";
import { type Output, type OutputOf, useProductivity } from "./useProductivity";

const WORDS = {
  team: { question: "What came out of each team?", one: "Team", many: "teams" },
  project: { question: "What came out of each project?", one: "Project", many: "projects" },
} as const;

export function OutputByPanel({ of }: { readonly of: keyof typeof WORDS }) {
  const figures = useProductivity();
  const period = usePeriod();
  const { data } = figures;
  const rows = (of === "team" ? data?.teams : data?.projects) ?? [];
  const columns = useMemo(() => outputColumns(of), [of]);
  const { question, one, many } = WORDS[of];
  return (
    <Panel
      question={question}
      answer={data && formatUnit(rows.length, one.toLowerCase(), many)}
      height={200}
      sheet={() => sheetOf(columns, rows)}
      state={panelState(
        figures,
        (all) => (of === "team" ? all.teams : all.projects).length === 0,
        `Nothing came out ${period.words}.`,
      )}
    >
      {() => (
        <DataTable
          caption={`Output by ${one.toLowerCase()}`}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.value}
          maxHeight={440}
        />
      )}
    </Panel>
  );
}

function outputColumns(of: "team" | "project"): Column<OutputOf>[] {
  const count = (
    id: string,
    title: string,
    figure: FigureName | null,
    pick: (output: Output) => number,
    priority: 1 | 2 | 3,
  ): Column<OutputOf> => ({
    id,
    title,
    numeric: true,
    priority,
    sortBy: (row) => pick(row.output),
    cell: (row) =>
      figure === null ? (
        formatCount(pick(row.output))
      ) : (
        <Why figure={figure} where={{ [of]: [row.value] }}>
          {formatCount(pick(row.output))}
        </Why>
      ),
  });
  const price = (id: string, title: string, pick: (output: Output) => number | null): Column<OutputOf> => ({
    id,
    title,
    numeric: true,
    priority: 3,
    sortBy: (row) => pick(row.output) ?? -1,
    exported: { title: `${title} (USD)`, value: (row) => inDollars(pick(row.output)) },
    cell: (row) => {
      const micros = pick(row.output);
      return micros === null ? "–" : <span title={exactMoney(micros)}>{formatMoney(micros)}</span>;
    },
  });
  return [
    {
      id: "name",
      title: WORDS[of].one,
      isHeader: true,
      sortBy: (row) => partName(of, row.value).toLowerCase(),
      exported: { value: (row) => row.value },
      cell: (row) => <PartName by={of} value={row.value} />,
    },
    count("people", "People", "people", (output) => output.people, 2),
    count("days", "Days of people", null, (output) => output.person_days, 3),
    count("lines", "Lines added", "lines_added", (output) => output.lines.added, 1),
    count("commits", "Commits", "commits", (output) => output.commits, 1),
    count("pulls", "Pull requests", "pull_requests", (output) => output.pull_requests, 2),
    {
      id: "time",
      title: "Active time",
      numeric: true,
      priority: 3,
      sortBy: (row) => row.output.active_time_ms.user,
      exported: { title: "Active time (ms)", value: (row) => row.output.active_time_ms.user },
      cell: (row) => formatDuration(row.output.active_time_ms.user),
    },
    {
      id: "cost",
      title: "Cost",
      numeric: true,
      sortBy: (row) => row.output.cost_micros,
      exported: { title: "Cost (USD)", value: (row) => dollars(row.output.cost_micros) },
      cell: (row) => (
        <Why figure="cost" where={{ [of]: [row.value] }} exact={exactMoney(row.output.cost_micros)}>
          {formatMoney(row.output.cost_micros)}
        </Why>
      ),
    },
    price("each", "for a commit", (output) => output.cost_per_commit),
    price("pull", "for a pull request", (output) => output.cost_per_pull_request),
  ];
}

function inDollars(micros: number | null): number | null {
  return micros === null ? null : dollars(micros);
}
