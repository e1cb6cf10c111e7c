/** "In which languages?": decisions on edits by programming language. */

import { useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { formatShare, formatUnit } from "../../format/counts";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { partName } from "../../parts/PartName";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { decisionColumns } from "./decisionColumns";
import { type ToolReport, useTools } from "./useTools";

type Row = ToolReport["languages"][number];

export function LanguagesPanel() {
  const figures = useTools();
  const period = usePeriod();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { data } = figures;
  const columns = useMemo(
    (): Column<Row>[] => [
      {
        id: "language",
        title: "Language",
        isHeader: true,
        sortBy: (row) => row.language,
        cell: (row) => partName("language", row.language),
      },
      ...decisionColumns<Row>(scheme, (row) => ({ language: [row.language] })),
    ],
    [scheme],
  );
  const [first] = data?.languages ?? [];
  return (
    <Panel
      span={6}
      question="In which languages?"
      answer={
        first && (
          <>
            <b>{partName("language", first.language)}</b> most, of{" "}
            {formatUnit(data?.languages.length ?? 0, "language")}
            {first.decisions.acceptance_rate !== null &&
              `; ${formatShare(first.decisions.acceptance_rate)} accepted`}
          </>
        )
      }
      height={240}
      sheet={() => sheetOf(columns, data?.languages ?? [])}
      state={panelState(
        figures,
        (all) => all.languages.length === 0,
        `No edits were decided on ${period.words}.`,
      )}
    >
      {() =>
        data && (
          <DataTable
            caption="Decisions by language"
            columns={columns}
            rows={data.languages}
            rowKey={(row) => row.language}
            maxHeight={360}
          />
        )
      }
    </Panel>
  );
}
