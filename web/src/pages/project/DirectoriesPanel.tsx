/** "Where does it lie?": the project's directories, worktrees among them. */

import { formatCount, formatUnit } from "../../format/counts";
import { formatAgo } from "../../format/dates";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money } from "../../parts/Figure";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { panelState } from "../../view/useQuestion";
import type { Parts, PartsProps } from "./parts";

type Directory = Parts["directories"][number];

export function DirectoriesPanel({ figures }: PartsProps) {
  const directories = figures.data?.directories ?? [];
  const worktrees = directories.filter((row) => row.is_worktree).length;
  return (
    <Panel
      question="Where was it worked on?"
      answer={
        worktrees === 0 ? (
          <>In one place</>
        ) : (
          <>
            In <b>{formatUnit(directories.length, "directory", "directories")}</b>: worktrees, and clones of
            the same repository, are folded into the project
          </>
        )
      }
      height={80}
      state={panelState(figures, (parts) => parts.directories.length === 0, "No source told a directory.")}
      sheet={() => sheetOf(COLUMNS, directories)}
    >
      {() => (
        <DataTable
          caption="Directories"
          columns={COLUMNS}
          rows={directories}
          rowKey={(row) => row.directory}
          maxHeight={320}
        />
      )}
    </Panel>
  );
}

const COLUMNS: readonly Column<Directory>[] = [
  {
    id: "directory",
    title: "Directory or repository",
    isHeader: true,
    sortBy: (row) => row.directory,
    cell: (row) => (
      <>
        <code>{row.directory}</code> {row.is_worktree && <span className="muted">folded in</span>}
      </>
    ),
  },
  {
    id: "last",
    title: "Last seen",
    priority: 2,
    sortBy: (row) => row.last_seen,
    cell: (row) => <time dateTime={row.last_seen}>{formatAgo(row.last_seen, new Date())}</time>,
  },
  {
    id: "sessions",
    title: "Sessions",
    numeric: true,
    priority: 2,
    sortBy: (row) => row.sessions,
    cell: (row) => formatCount(row.sessions),
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
    id: "cost",
    title: "Cost",
    numeric: true,
    sortBy: (row) => row.cost_micros.settled,
    exported: { title: "Cost (USD)", value: (row) => dollars(row.cost_micros.settled) },
    cell: (row) => <Money micros={row.cost_micros.settled} />,
  },
];
