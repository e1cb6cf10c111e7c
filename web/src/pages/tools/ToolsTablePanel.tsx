/** "How do calls end?": every tool with its decisions, results and times. */

import { useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { formatCount, formatUnit } from "../../format/counts";
import { latencyText } from "../../format/rates";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { Why } from "../../parts/Why";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { decisionColumns } from "./decisionColumns";
import { type ToolUse, useTools } from "./useTools";

export function ToolsTablePanel() {
  const figures = useTools();
  const period = usePeriod();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { data } = figures;
  const columns = useMemo(
    (): Column<ToolUse>[] => [
      { id: "tool", title: "Tool", isHeader: true, sortBy: (row) => row.tool, cell: (row) => row.tool },
      {
        id: "calls",
        title: "Calls",
        numeric: true,
        sortBy: (row) => row.calls,
        cell: (row) => formatCount(row.calls),
      },
      ...decisionColumns<ToolUse>(scheme, (row) => ({ tool: [row.tool] })).map((column) => ({
        ...column,
        ...(column.id === "rejected" || column.id === "rate" ? {} : { priority: 3 as const }),
      })),
      {
        id: "failed",
        title: "Failed",
        numeric: true,
        sortBy: (row) => row.results.failed,
        cell: (row) => (
          <Why figure="failed" where={{ tool: [row.tool] }} exact={endWords(row)}>
            {formatCount(row.results.failed)}
          </Why>
        ),
      },
      latency("p50", "Half within", (row) => row.results.duration_ms.p50),
      latency("p95", "19 of 20 within", (row) => row.results.duration_ms.p95),
    ],
    [scheme],
  );
  const [first] = data?.tools ?? [];
  return (
    <Panel
      question="How do calls end?"
      answer={
        first && (
          <>
            <b>{first.tool}</b> most: {formatUnit(first.calls, "call")}, of{" "}
            {formatUnit(data?.tools.length ?? 0, "tool")}
          </>
        )
      }
      height={320}
      sheet={() => sheetOf(columns, data?.tools ?? [])}
      state={panelState(figures, (all) => all.tools.length === 0, `No tool calls ${period.words}.`)}
    >
      {() =>
        data && (
          <DataTable
            caption="Tools"
            columns={columns}
            rows={data.tools}
            rowKey={(row) => row.tool}
            maxHeight={520}
          />
        )
      }
    </Panel>
  );
}

function latency(id: string, title: string, pick: (row: ToolUse) => number | null): Column<ToolUse> {
  return {
    id,
    title,
    numeric: true,
    priority: 2,
    sortBy: (row) => pick(row) ?? -1,
    exported: { title: `${title} (ms)`, value: pick },
    cell: (row) => latencyText(pick(row)),
  };
}

function endWords({ results }: ToolUse): string {
  return `${formatCount(results.succeeded)} calls succeeded, ${formatCount(results.failed)} failed`;
}
