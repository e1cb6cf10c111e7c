/** "What did it go to?": cost by model, project, team and more, as bars by day and as a table. */

import { Select, useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import type { Answer } from "../../api/questions";
import { partColor, type Scheme } from "../../charts/palette";
import { OTHERS, seriesColor } from "../../charts/series";
import { formatCount, formatShare } from "../../format/counts";
import { axisMoney, exactMoney, formatMoney } from "../../format/money";
import { allTokens } from "../../format/tokens";
import { BarCell } from "../../parts/BarCell";
import { ChangeText } from "../../parts/ChangeText";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { CHART_HEIGHT, DaysEvidence, type EvidenceSeries } from "../../parts/DaysEvidence";
import { TokenCount } from "../../parts/Figure";
import { Note } from "../../parts/Note";
import { Panel } from "../../parts/Panel";
import { PartName, partName } from "../../parts/PartName";
import { dollars } from "../../parts/sheet";
import { Why } from "../../parts/Why";
import { usePeriod } from "../../view/period";
import { panelState, useQuestion } from "../../view/useQuestion";
import { useOptions } from "../../view/useView";
import type { RawSearch } from "../../view/view";
import classes from "./BreakdownPanel.module.css";

type Breakdown = Answer<"/api/v1/cost/breakdown">;
type Part = Breakdown["by"];
type Row = Breakdown["rows"][number];

const TEXT = { short: formatMoney, exact: exactMoney, axis: axisMoney };

/** What cost can be told apart by, and what it is called. */
const PARTS: readonly { readonly value: Part; readonly label: string; readonly many: string }[] = [
  { value: "model", label: "Model", many: "models" },
  { value: "project", label: "Project", many: "projects" },
  { value: "team", label: "Team", many: "teams" },
  { value: "person", label: "Person", many: "people" },
  { value: "query_source", label: "Query source", many: "query sources" },
  { value: "agent", label: "Subagent", many: "subagents" },
  { value: "skill", label: "Skill", many: "skills" },
  { value: "mcp_server", label: "MCP server", many: "MCP servers" },
  { value: "terminal", label: "Terminal", many: "terminals" },
  { value: "effort", label: "Effort", many: "effort levels" },
];

interface Options {
  readonly by: Part | undefined;
}

function optionsOf(raw: RawSearch): Options {
  return { by: PARTS.find((part) => part.value === raw.by && raw.by !== "model")?.value };
}

export function BreakdownPanel() {
  const [options, change] = useOptions(optionsOf);
  const by = options.by ?? "model";
  const figures = useQuestion("/api/v1/cost/breakdown", { by });
  const period = usePeriod();
  const { data } = figures;
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const series = useMemo(() => (data ? seriesOf(data, scheme) : []), [data, scheme]);
  const columns = useMemo(() => (data ? breakdownColumns(data, period.before) : []), [data, period.before]);
  return (
    <Panel
      question="What did it go to?"
      answer={data && <Words data={data} />}
      height={CHART_HEIGHT + 240}
      hasChart
      sheet={() => sheetOf(columns, data?.rows ?? [])}
      state={panelState(figures, (all) => all.rows.length === 0, `Nothing was spent ${period.words}.`)}
      actions={
        <Select
          aria-label="Told apart by"
          size="xs"
          value={by}
          data={PARTS.map(({ value, label }) => ({ value, label: `By ${lower(label)}` }))}
          onChange={(chosen) =>
            change({ by: chosen === "model" ? undefined : ((chosen as Part) ?? undefined) })
          }
          allowDeselect={false}
          comboboxProps={{ transitionProps: { duration: 0 } }}
          maxDropdownHeight={400}
        />
      }
    >
      {() =>
        data && (
          <>
            <DaysEvidence
              days={data.days}
              series={series}
              text={TEXT}
              caption={`Cost by day and ${lower(labelOf(data.by))}`}
              labels={`${labelOf(data.by)} in the chart, from the top of the bars`}
            />
            <div className={classes.table}>
              <DataTable
                caption={`Cost by ${lower(labelOf(data.by))}`}
                columns={columns}
                rows={data.rows}
                rowKey={(row) => row.value}
                maxHeight={440}
              />
              {data.others > 0 && <Note>And {formatCount(data.others)} more.</Note>}
              {data.by === "person" && <Note>Everybody who can open this page sees this list.</Note>}
            </div>
          </>
        )
      }
    </Panel>
  );
}

function labelOf(by: Part): string {
  return PARTS.find((part) => part.value === by)?.label ?? by;
}

/** In the middle of a sentence; names keep their capitals. */
function lower(label: string): string {
  return label.startsWith("MCP") ? label : label.toLowerCase();
}

function Words({ data }: { readonly data: Breakdown }) {
  const [first] = data.rows;
  const many = PARTS.find((part) => part.value === data.by)?.many;
  if (!first) {
    return null;
  }
  return (
    <>
      <b>{partName(data.by, first.value)}</b> comes first with {formatMoney(first.cost_micros.settled)}
      {first.share !== null && `, ${formatShare(first.share)}`}, of{" "}
      {formatCount(data.rows.length + data.others)} {many}
    </>
  );
}

/** The first six as their own series, and the rest; the first at the bottom. */
function seriesOf(data: Breakdown, scheme: Scheme): EvidenceSeries[] {
  const named = data.days[0]?.values.length ?? 0;
  const series: EvidenceSeries[] = data.rows.slice(0, named).map((row, index) => ({
    id: row.value,
    label: partName(data.by, row.value),
    color: data.by === "model" ? seriesColor(row.value, scheme) : partColor(index, scheme),
    total: row.cost_micros.settled,
    values: data.days.map((day) => day.values[index] ?? 0),
  }));
  const rest = data.rows.length + data.others - named;
  if (rest > 0) {
    series.push({
      id: OTHERS,
      label: rest === 1 ? "1 other" : `${formatCount(rest)} others`,
      color: seriesColor(OTHERS, scheme),
      values: data.days.map((day) => day.others),
    });
  }
  return series;
}

function breakdownColumns(data: Breakdown, before: string): Column<Row>[] {
  const highest = data.rows[0]?.cost_micros.settled ?? 0;
  const filtered = (value: string) => ({ [data.by]: [value] });
  return [
    {
      id: "name",
      title: labelOf(data.by),
      isHeader: true,
      sortBy: (row) => partName(data.by, row.value).toLowerCase(),
      exported: { value: (row) => row.value },
      cell: (row) => <PartName by={data.by} value={row.value} />,
    },
    {
      id: "bar",
      title: "",
      width: "22%",
      priority: 3,
      cell: (row) => (
        <BarCell whole={highest} parts={[{ value: row.cost_micros.settled, color: "var(--muted)" }]} />
      ),
    },
    {
      id: "cost",
      title: "Cost",
      numeric: true,
      sortBy: (row) => row.cost_micros.settled,
      exported: { title: "Cost (USD)", value: (row) => dollars(row.cost_micros.settled) },
      cell: (row) => (
        <Why figure="cost" where={filtered(row.value)} exact={exactMoney(row.cost_micros.settled)}>
          {formatMoney(row.cost_micros.settled)}
        </Why>
      ),
    },
    {
      id: "share",
      title: "Share",
      numeric: true,
      priority: 2,
      sortBy: (row) => row.share ?? 0,
      cell: (row) => (row.share === null ? "–" : formatShare(row.share)),
    },
    {
      id: "change",
      title: "Change",
      numeric: true,
      priority: 2,
      sortBy: (row) => row.cost_micros.settled - row.previous_micros,
      exported: { title: "Cost before (USD)", value: (row) => dollars(row.previous_micros) },
      cell: (row) => (
        <ChangeText
          now={row.cost_micros.settled}
          before={row.previous_micros}
          base={before}
          exact={exactMoney}
        />
      ),
    },
    {
      id: "requests",
      title: "Requests",
      numeric: true,
      priority: 2,
      sortBy: (row) => row.requests,
      cell: (row) => formatCount(row.requests),
    },
    {
      id: "tokens",
      title: "Tokens",
      numeric: true,
      sortBy: (row) => allTokens(row.tokens),
      cell: (row) => <TokenCount tokens={allTokens(row.tokens)} />,
    },
  ];
}
