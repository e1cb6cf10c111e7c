/** "Who decides on edits?": people, rules, hooks. */

import { useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { NOT_TOLD } from "../../view/names";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { decisionColumns } from "./decisionColumns";
import { type ToolReport, useTools } from "./useTools";

type Row = ToolReport["deciders"][number];

/** What Claude Code's names of deciders mean; others are shown as they are. */
const NAMES: Record<string, string> = {
  config: "A rule allowed it",
  hook: "A hook",
  user_permanent: "A person, for good",
  user_temporary: "A person, for this session",
  user_abort: "A person stopped it",
  user_reject: "A person turned it down",
  [NOT_TOLD]: "Not told",
};

export function DecidersPanel() {
  const figures = useTools();
  const period = usePeriod();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { data } = figures;
  const columns = useMemo(
    (): Column<Row>[] => [
      {
        id: "decider",
        title: "Decided by",
        isHeader: true,
        sortBy: (row) => nameOf(row),
        exported: { value: (row) => row.decided_by },
        cell: (row) => <span title={row.decided_by}>{nameOf(row)}</span>,
      },
      ...decisionColumns<Row>(scheme, (row) => ({ decided_by: [row.decided_by] })).filter(
        (column) => column.id !== "rate" && column.id !== "bar",
      ),
    ],
    [scheme],
  );
  const [first] = data?.deciders ?? [];
  return (
    <Panel
      span={4}
      question="Who decides on edits?"
      answer={
        first && (
          <>
            Mostly: <b>{nameOf(first).toLowerCase()}</b>
          </>
        )
      }
      height={240}
      sheet={() => sheetOf(columns, data?.deciders ?? [])}
      state={panelState(
        figures,
        (all) => all.deciders.length === 0,
        `No edits were decided on ${period.words}.`,
      )}
    >
      {() =>
        data && (
          <DataTable
            caption="Decisions by who decided"
            columns={columns}
            rows={data.deciders}
            rowKey={(row) => row.decided_by}
          />
        )
      }
    </Panel>
  );
}

function nameOf(row: Row): string {
  return NAMES[row.decided_by] ?? row.decided_by;
}
