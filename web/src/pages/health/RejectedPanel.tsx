/** "What was refused?": records and lines that could not be read, ever. */

import { useQuery } from "@tanstack/react-query";
import { formatCount, formatUnit } from "../../format/counts";
import { formatAgo } from "../../format/dates";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { panelState } from "../../view/useQuestion";
import { type Rejected, rejectedQuery } from "./queries";
import classes from "./RejectedPanel.module.css";

type Reason = Rejected["reasons"][number];

export function RejectedPanel() {
  const query = useQuery(rejectedQuery());
  const reasons = query.data?.reasons ?? [];
  const figures = {
    data: query.data,
    error: query.error,
    stale: false,
    retry: () => void query.refetch(),
  };
  return (
    <Panel
      span={6}
      question="What was refused?"
      answer={
        <>
          <b>{formatUnit(reasons.length, "reason")}</b>, the most frequent first, since the beginning
        </>
      }
      height={80}
      state={panelState(
        figures,
        (all) => all.reasons.length === 0,
        "Nothing. Every record and every line so far could be read.",
      )}
      sheet={() => sheetOf(COLUMNS, reasons)}
    >
      {() => (
        <DataTable
          caption="Reasons for refusal"
          columns={COLUMNS}
          rows={reasons}
          rowKey={(row) => `${row.source} ${row.reason}`}
          maxHeight={320}
        />
      )}
    </Panel>
  );
}

const COLUMNS: readonly Column<Reason>[] = [
  {
    id: "reason",
    title: "Why",
    isHeader: true,
    exported: { value: (row) => row.reason },
    cell: (row) => (
      <>
        {row.reason}
        <span className={classes.sample}>
          {row.source}, such as {row.sample}
        </span>
      </>
    ),
  },
  {
    id: "count",
    title: "How many",
    numeric: true,
    sortBy: (row) => row.count,
    cell: (row) => formatCount(row.count),
  },
  {
    id: "last",
    title: "Newest",
    numeric: true,
    sortBy: (row) => row.last_at,
    cell: (row) => <time dateTime={row.last_at}>{formatAgo(row.last_at, new Date())}</time>,
  },
];
