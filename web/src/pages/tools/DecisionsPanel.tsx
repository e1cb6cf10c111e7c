/** "What is let through, and who decides?": decisions by who decided, tool or language, by day and as a table. */

import { Select, useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import type { Answer } from "../../api/questions";
import { OTHERS_COLOR, partColor, type Scheme } from "../../charts/palette";
import { OTHERS } from "../../charts/series";
import { formatCount, formatShare, formatTokens, formatUnit } from "../../format/counts";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { DaysEvidence, type EvidenceSeries } from "../../parts/DaysEvidence";
import { Note } from "../../parts/Note";
import { Panel } from "../../parts/Panel";
import { partName } from "../../parts/PartName";
import { NOT_TOLD } from "../../view/names";
import { usePeriod } from "../../view/period";
import { panelState, useQuestion } from "../../view/useQuestion";
import { useOptions } from "../../view/useView";
import type { RawSearch } from "../../view/view";
import type { Where } from "../../view/why";
import breakdown from "../cost/BreakdownPanel.module.css";
import { decisionColumns } from "./decisionColumns";

type Mix = Answer<"/api/v1/tools/decisions">;
type Part = Mix["by"];
type Row = Mix["rows"][number];
type Shown = "all" | "accepted" | "rejected";

const HEIGHT = 240;
const TEXT = { short: formatCount, exact: formatCount, axis: formatTokens };

const PARTS: readonly { readonly value: Part; readonly label: string; readonly choice: string }[] = [
  { value: "decided_by", label: "Decided by", choice: "By who decided" },
  { value: "tool", label: "Tool", choice: "By tool" },
  { value: "language", label: "Language", choice: "By language" },
];

const SHOWN: readonly { readonly value: Shown; readonly label: string }[] = [
  { value: "all", label: "All decisions" },
  { value: "accepted", label: "Accepted" },
  { value: "rejected", label: "Rejected" },
];

/** What Claude Code's names of deciders mean, short enough for a label; others are shown as they are. */
const DECIDERS: Record<string, string> = {
  config: "A rule",
  hook: "A hook",
  user_permanent: "Person, for good",
  user_temporary: "Person, for now",
  user_abort: "Person stopped it",
  user_reject: "Person said no",
  [NOT_TOLD]: "Not told",
};

interface Options {
  readonly decisions: Exclude<Part, "decided_by"> | undefined;
  readonly shown: Exclude<Shown, "all"> | undefined;
}

function optionsOf(raw: RawSearch): Options {
  const { decisions, shown } = raw;
  return {
    decisions: decisions === "tool" || decisions === "language" ? decisions : undefined,
    shown: shown === "accepted" || shown === "rejected" ? shown : undefined,
  };
}

export function DecisionsPanel() {
  const [options, change] = useOptions(optionsOf);
  const by = options.decisions ?? "decided_by";
  const shown = options.shown ?? "all";
  const figures = useQuestion("/api/v1/tools/decisions", { by });
  const period = usePeriod();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { data } = figures;
  const series = useMemo(() => (data ? seriesOf(data, shown, scheme) : []), [data, shown, scheme]);
  const columns = useMemo(() => (data ? columnsOf(data.by, scheme) : []), [data, scheme]);
  return (
    <Panel
      question="What is let through, and who decides?"
      answer={data && <Words data={data} />}
      height={HEIGHT + 160}
      hasChart
      sheet={() => sheetOf(columns, data?.rows ?? [])}
      state={panelState(figures, (all) => all.rows.length === 0, `Nothing was decided on ${period.words}.`)}
      actions={
        <>
          <Select
            {...CHOICE}
            aria-label="Decisions told apart by"
            value={by}
            data={PARTS.map(({ value, choice }) => ({ value, label: choice }))}
            onChange={(chosen) => change({ decisions: optionsOf({ decisions: chosen ?? "" }).decisions })}
          />
          <Select
            {...CHOICE}
            aria-label="Decisions shown in the chart"
            value={shown}
            data={[...SHOWN]}
            onChange={(chosen) => change({ shown: optionsOf({ shown: chosen ?? "" }).shown })}
          />
        </>
      }
    >
      {() =>
        data && (
          <>
            <DaysEvidence
              days={data.days}
              series={series}
              text={TEXT}
              caption={`Decisions by day and ${labelOf(data.by).toLowerCase()}`}
              labels={`${labelOf(data.by)}, from the top of the bars`}
              height={HEIGHT}
            />
            <div className={breakdown.table}>
              <DataTable
                caption={`Decisions: ${labelOf(data.by).toLowerCase()}`}
                columns={columns}
                rows={data.rows}
                rowKey={(row) => row.value}
                maxHeight={360}
              />
              {data.others > 0 && <Note>And {formatCount(data.others)} more.</Note>}
              {data.by === "language" && <Note>Only edits have a language.</Note>}
            </div>
          </>
        )
      }
    </Panel>
  );
}

const CHOICE = {
  size: "xs",
  allowDeselect: false,
  comboboxProps: { transitionProps: { duration: 0 } },
} as const;

function Words({ data }: { readonly data: Mix }) {
  const [first] = data.rows;
  const { all, acceptance_rate: rate } = data.total;
  if (!first || rate === null) {
    return null;
  }
  return (
    <>
      <b>{formatUnit(all, data.by === "language" ? "decision on edits" : "decision", many(data.by))}</b>,{" "}
      {formatShare(rate)} accepted; most: {nameOf(data.by, first.value)}
    </>
  );
}

function many(by: Part): string {
  return by === "language" ? "decisions on edits" : "decisions";
}

function labelOf(by: Part): string {
  return PARTS.find((part) => part.value === by)?.label ?? by;
}

function nameOf(by: Part, value: string): string {
  switch (by) {
    case "decided_by":
      return DECIDERS[value] ?? value;
    case "language":
      return partName("language", value);
    case "tool":
      return value === NOT_TOLD ? "Tool not told" : value;
  }
}

/** The first six as their own series, and the rest; the first at the bottom. */
function seriesOf(data: Mix, shown: Shown, scheme: Scheme): EvidenceSeries[] {
  const named = data.days[0]?.values.length ?? 0;
  const series: EvidenceSeries[] = data.rows.slice(0, named).map((row, index) => ({
    id: row.value,
    label: nameOf(data.by, row.value),
    color: partColor(index, scheme),
    total: row.decisions[shown],
    values: data.days.map((day) => day.values[index]?.[shown] ?? 0),
  }));
  const rest = data.rows.length + data.others - named;
  if (rest > 0) {
    series.push({
      id: OTHERS,
      label: rest === 1 ? "1 other" : `${formatCount(rest)} others`,
      color: OTHERS_COLOR[scheme],
      values: data.days.map((day) => day.others[shown]),
    });
  }
  return series;
}

function columnsOf(by: Part, scheme: Scheme): Column<Row>[] {
  return [
    {
      id: "name",
      title: labelOf(by),
      isHeader: true,
      sortBy: (row) => nameOf(by, row.value),
      exported: { value: (row) => row.value },
      cell: (row) => <span title={row.value}>{nameOf(by, row.value)}</span>,
    },
    ...decisionColumns<Row>(scheme, (row): Where => ({ [by]: [row.value] })),
  ];
}
