/** "What changed, and why?": where cost rose and fell against the days compared with. */

import { SegmentedControl } from "@mantine/core";
import { useMemo } from "react";
import type { Answer } from "../../api/questions";
import { amountChange } from "../../format/change";
import { exactMoney, formatMoney, signedMoney } from "../../format/money";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Note } from "../../parts/Note";
import { Panel } from "../../parts/Panel";
import { PartName, partName } from "../../parts/PartName";
import { dollars } from "../../parts/sheet";
import { Why } from "../../parts/Why";
import { usePeriod } from "../../view/period";
import { panelState, useQuestion } from "../../view/useQuestion";
import { useOptions } from "../../view/useView";
import type { RawSearch } from "../../view/view";
import classes from "./MoversPanel.module.css";

type Movers = Answer<"/api/v1/movers">;
type Part = Movers["parts"][number];
type Mover = Part["movers"][number];

const PARTS = [
  { value: "project", label: "Projects" },
  { value: "team", label: "Teams" },
  { value: "model", label: "Models" },
  { value: "agent", label: "Subagents" },
] as const;
type MovedPart = (typeof PARTS)[number]["value"];

interface Options {
  readonly moved: MovedPart | undefined;
}

function optionsOf(raw: RawSearch): Options {
  const { value } = PARTS.find((part) => part.value === raw.moved) ?? {};
  return { moved: value === "project" ? undefined : value };
}

export function MoversPanel() {
  const figures = useQuestion("/api/v1/movers");
  const [options, change] = useOptions(optionsOf);
  const period = usePeriod();
  const by = options.moved ?? "project";
  const { data } = figures;
  const part = data?.parts.find((each) => each.by === by);
  const columns = useMemo(() => (part ? moverColumns(part) : []), [part]);
  return (
    <Panel
      span={8}
      question="What changed, and why?"
      answer={data && <Words data={data} part={part} before={period.before} />}
      height={240}
      sheet={() => sheetOf(columns, part?.movers ?? [])}
      state={panelState(
        figures,
        (all) => all.parts.every((each) => each.movers.length === 0),
        `Nothing changed against ${period.before}.`,
      )}
      actions={
        <SegmentedControl
          aria-label="Changes by"
          size="xs"
          transitionDuration={0}
          value={by}
          data={PARTS.map((each) => ({ ...each }))}
          onChange={(chosen) => change({ moved: chosen === "project" ? undefined : (chosen as MovedPart) })}
        />
      }
    >
      {() =>
        part && (
          <>
            <DataTable
              caption="Largest changes of cost"
              columns={columns}
              rows={part.movers}
              rowKey={(row) => row.value}
            />
            {part.others !== 0 && <Note>All others together: {signedMoney(part.others)}</Note>}
          </>
        )
      }
    </Panel>
  );
}

interface WordsProps {
  readonly data: Movers;
  readonly part: Part | undefined;
  readonly before: string;
}

function Words({ data, part, before }: WordsProps) {
  const { amount } = amountChange(data.now, data.before, before);
  const [first] = part?.movers ?? [];
  return (
    <>
      <b title={exactMoney(data.change)}>{signedMoney(data.change)}</b> against {before}
      {data.before > 0 && ` (${amount})`}
      {part && first && (
        <>
          ; most of all {partName(part.by, first.value)} with {signedMoney(first.change)}
        </>
      )}
    </>
  );
}

function moverColumns(part: Part): Column<Mover>[] {
  const largest = Math.max(...part.movers.map((row) => Math.abs(row.change)), 0);
  return [
    {
      id: "name",
      title: PARTS.find((each) => each.value === part.by)?.label.replace(/s$/, "") ?? part.by,
      isHeader: true,
      width: "30%",
      exported: { value: (row) => row.value },
      cell: (row) => <PartName by={part.by} value={row.value} />,
    },
    {
      id: "bar",
      title: "Less · more",
      width: "30%",
      priority: 2,
      cell: (row) => <Swing value={row.change} largest={largest} />,
    },
    {
      id: "change",
      title: "Change",
      numeric: true,
      exported: { title: "Change (USD)", value: (row) => dollars(row.change) },
      cell: (row) => <span title={exactMoney(row.change)}>{signedMoney(row.change)}</span>,
    },
    {
      id: "before",
      title: "Before",
      numeric: true,
      priority: 2,
      exported: { title: "Before (USD)", value: (row) => dollars(row.before) },
      cell: (row) => <span title={exactMoney(row.before)}>{formatMoney(row.before)}</span>,
    },
    {
      id: "now",
      title: "Now",
      numeric: true,
      exported: { title: "Now (USD)", value: (row) => dollars(row.now) },
      cell: (row) => (
        <Why figure="cost" where={{ [part.by]: [row.value] }} exact={exactMoney(row.now)}>
          {formatMoney(row.now)}
        </Why>
      ),
    },
  ];
}

/** A bar from the middle: to the left for less, to the right for more. Neither is good or bad by itself. */
function Swing({ value, largest }: { readonly value: number; readonly largest: number }) {
  const width = largest === 0 ? 0 : (Math.abs(value) / largest) * 50;
  return (
    <span className={classes.swing} aria-hidden="true">
      <span
        className={classes.bar}
        data-less={value < 0}
        style={value < 0 ? { right: "50%", width: `${width}%` } : { left: "50%", width: `${width}%` }}
      />
    </span>
  );
}
