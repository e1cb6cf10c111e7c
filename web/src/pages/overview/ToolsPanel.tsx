/** "Are tool calls accepted?": decisions by tool, and how the calls ended. */

import { useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import type { Overview, ToolRow } from "../../api/types";
import { decisionColor, type Scheme } from "../../charts/palette";
import { rateChange } from "../../format/change";
import { formatCount, formatShare } from "../../format/counts";
import { BarCell } from "../../parts/BarCell";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { type Period, usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import classes from "./ToolsPanel.module.css";
import { useOverview } from "./useOverview";

export function ToolsPanel() {
  const figures = useOverview();
  const period = usePeriod();
  const { data } = figures;
  return (
    <Panel
      span={6}
      question="Are tool calls accepted?"
      answer={data && <Answer data={data} period={period} />}
      height={200}
      sheet={() => sheetOf(toolColumns("light"), data?.tools ?? [])}
      state={panelState(
        figures,
        (all) => all.tools.length === 0,
        `No tool calls ${period.words}. They are known from events and from transcripts.`,
      )}
    >
      {() => data && <Tools tools={data.tools} />}
    </Panel>
  );
}

function Answer({ data, period }: { data: Overview; period: Period }) {
  const rate = data.totals.decisions.acceptance_rate;
  if (rate === null) {
    return <>No edit to decide on {period.words}</>;
  }
  const change = rateChange(rate, data.previous.decisions.acceptance_rate, period.before);
  return (
    <>
      <b>{formatShare(rate)}</b> of edits accepted: {change.amount} {change.base}
    </>
  );
}

function Tools({ tools }: { tools: readonly ToolRow[] }) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const columns = useMemo(() => toolColumns(scheme), [scheme]);
  return (
    <>
      <DataTable caption="Tools" columns={columns} rows={tools} rowKey={(row) => row.tool} maxHeight={400} />
      <p className={classes.legend} aria-hidden="true">
        <span className={classes.swatch} style={{ background: decisionColor("accepted", scheme) }} /> accepted
        <span
          className={classes.swatch}
          data-hatched="true"
          style={{ backgroundColor: decisionColor("rejected", scheme) }}
        />{" "}
        rejected
      </p>
    </>
  );
}

function toolColumns(scheme: Scheme): Column<ToolRow>[] {
  return [
    { id: "tool", title: "Tool", isHeader: true, sortBy: (row) => row.tool, cell: (row) => row.tool },
    {
      id: "bar",
      title: "Decisions",
      width: "26%",
      priority: 2,
      cell: (row) => (
        <BarCell
          whole={row.accepted + row.rejected}
          parts={[
            { value: row.accepted, color: decisionColor("accepted", scheme) },
            { value: row.rejected, color: decisionColor("rejected", scheme), hatched: true },
          ]}
        />
      ),
    },
    decisionColumn("accepted", "Accepted", (row) => row.accepted),
    decisionColumn("rejected", "Rejected", (row) => row.rejected),
    {
      id: "rate",
      title: "Rate",
      numeric: true,
      sortBy: (row) => row.acceptance_rate ?? -1,
      cell: (row) => (row.acceptance_rate === null ? "–" : formatShare(row.acceptance_rate)),
    },
    {
      id: "results",
      title: "Failed",
      numeric: true,
      priority: 2,
      sortBy: (row) => row.failed,
      cell: (row) => (
        <span title={`${formatCount(row.succeeded)} calls succeeded, ${formatCount(row.failed)} failed`}>
          {formatCount(row.failed)}{" "}
          <span className="muted">of {formatCount(row.succeeded + row.failed)}</span>
        </span>
      ),
    },
  ];
}

function decisionColumn(id: string, title: string, pick: (row: ToolRow) => number): Column<ToolRow> {
  return { id, title, numeric: true, sortBy: pick, cell: (row) => formatCount(pick(row)) };
}
