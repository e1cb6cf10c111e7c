/** "What failed?": calls that failed, by tool and kind of error. */

import { useMemo } from "react";
import { formatCount, formatUnit } from "../../format/counts";
import { BarCell } from "../../parts/BarCell";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { Why } from "../../parts/Why";
import { NOT_TOLD } from "../../view/names";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { type ToolReport, useTools } from "./useTools";

type Row = ToolReport["errors"][number];

export function ToolErrorsPanel() {
  const figures = useTools();
  const period = usePeriod();
  const { data } = figures;
  const columns = useMemo(() => errorColumns(data?.errors ?? []), [data]);
  return (
    <Panel
      question="What failed?"
      answer={data && <b>{formatUnit(data.results.failed, "call")}</b>}
      height={240}
      sheet={() => sheetOf(columns, data?.errors ?? [])}
      state={panelState(figures, (all) => all.errors.length === 0, `No call failed ${period.words}.`)}
    >
      {() =>
        data && (
          <DataTable
            caption="Calls that failed"
            columns={columns}
            rows={data.errors}
            rowKey={(row) => `${row.tool} ${row.error}`}
            maxHeight={360}
          />
        )
      }
    </Panel>
  );
}

function errorColumns(rows: readonly Row[]): Column<Row>[] {
  const most = Math.max(...rows.map((row) => row.count), 0);
  return [
    { id: "tool", title: "Tool", isHeader: true, sortBy: (row) => row.tool, cell: (row) => row.tool },
    {
      id: "error",
      title: "Error",
      sortBy: (row) => row.error ?? "",
      cell: (row) => row.error ?? <span className="muted">not told</span>,
    },
    {
      id: "bar",
      title: "",
      width: "24%",
      priority: 2,
      cell: (row) => <BarCell whole={most} parts={[{ value: row.count, color: "var(--muted)" }]} />,
    },
    {
      id: "count",
      title: "Times",
      numeric: true,
      sortBy: (row) => row.count,
      cell: (row) => (
        <Why figure="failed" where={{ tool: [row.tool], outcome: [row.error ?? NOT_TOLD] }}>
          {formatCount(row.count)}
        </Why>
      ),
    },
  ];
}
