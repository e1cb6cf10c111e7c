/** "Which branches?" */

import { formatCount, formatUnit } from "../../format/counts";
import { formatAgo } from "../../format/dates";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money } from "../../parts/Figure";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { panelState } from "../../view/useQuestion";
import type { Parts, PartsProps } from "./parts";

type Branch = Parts["branches"][number];

export function BranchesPanel({ figures }: PartsProps) {
  const branches = figures.data?.branches ?? [];
  const named = branches.filter(({ branch }) => branch !== null).length;
  return (
    <Panel
      span={6}
      question="Which branches?"
      answer={
        <>
          <b>{formatUnit(named, "branch", "branches")}</b>, the newest work first
        </>
      }
      height={160}
      state={panelState(
        figures,
        (parts) => parts.branches.every(({ branch }) => branch === null),
        "No source told a branch. Transcripts do; telemetry does not.",
      )}
      sheet={() => sheetOf(COLUMNS, branches)}
    >
      {() => (
        <DataTable
          caption="Branches"
          columns={COLUMNS}
          rows={branches}
          rowKey={(row) => row.branch ?? ""}
          maxHeight={400}
        />
      )}
    </Panel>
  );
}

const COLUMNS: readonly Column<Branch>[] = [
  {
    id: "branch",
    title: "Branch",
    isHeader: true,
    sortBy: (row) => row.branch ?? "\uffff",
    exported: { value: (row) => row.branch },
    cell: (row) => row.branch ?? <span className="muted">not told</span>,
  },
  {
    id: "last",
    title: "Last seen",
    sortBy: (row) => row.last_seen,
    cell: (row) => <time dateTime={row.last_seen}>{formatAgo(row.last_seen, new Date())}</time>,
  },
  count("people", "People", 3, (row) => row.people),
  count("sessions", "Sessions", 2, (row) => row.sessions),
  count("requests", "Requests", 3, (row) => row.requests),
  {
    id: "lines",
    title: "Lines",
    numeric: true,
    priority: 2,
    sortBy: (row) => row.lines.added,
    exported: { title: "Lines added", value: (row) => row.lines.added },
    cell: ({ lines }) => (
      <>
        +{formatCount(lines.added)} <span className="muted">−{formatCount(lines.removed)}</span>
      </>
    ),
  },
  count("commits", "Commits", 3, (row) => row.commits),
  {
    id: "cost",
    title: "Cost",
    numeric: true,
    sortBy: (row) => row.cost_micros.settled,
    exported: { title: "Cost (USD)", value: (row) => dollars(row.cost_micros.settled) },
    cell: (row) => <Money micros={row.cost_micros.settled} />,
  },
];

function count(id: string, title: string, priority: 2 | 3, pick: (row: Branch) => number): Column<Branch> {
  return { id, title, numeric: true, priority, sortBy: pick, cell: (row) => formatCount(pick(row)) };
}
