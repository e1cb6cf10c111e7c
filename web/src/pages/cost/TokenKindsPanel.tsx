/** "Which tokens cost it?": cost by kind of token, beside how many there were. */

import { useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { type Scheme, tokenColor } from "../../charts/palette";
import { formatShare } from "../../format/counts";
import { formatMoney } from "../../format/money";
import { allTokens, TOKEN_KINDS } from "../../format/tokens";
import { BarCell } from "../../parts/BarCell";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money, TokenCount } from "../../parts/Figure";
import { Note } from "../../parts/Note";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { Why } from "../../parts/Why";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import type { FigureName } from "../../view/why";
import { type CostReport, useCost } from "./useCost";

interface KindRow {
  readonly id: string;
  readonly label: string;
  readonly cost: number;
  readonly tokens: number | null;
  readonly color: string;
  readonly figure: FigureName | null;
}

export function TokenKindsPanel() {
  const figures = useCost();
  const period = usePeriod();
  const { data } = figures;
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const rows = useMemo(() => (data ? rowsOf(data, scheme) : []), [data, scheme]);
  const columns = useMemo(() => kindColumns(rows), [rows]);
  const [first] = [...rows].sort((a, b) => b.cost - a.cost);
  return (
    <Panel
      span={4}
      question="Which tokens cost it?"
      answer={
        first && (
          <>
            <b>{first.label}</b> most: {formatMoney(first.cost)}
          </>
        )
      }
      height={260}
      sheet={() => sheetOf(columns, rows)}
      state={panelState(
        figures,
        (all) => all.total.settled === 0 && allTokens(all.tokens) === 0,
        `Nothing was spent ${period.words}.`,
      )}
    >
      {() => (
        <>
          <DataTable caption="Cost by kind of token" columns={columns} rows={rows} rowKey={(row) => row.id} />
          {data?.cache.hit_rate !== null && data && (
            <Note>{formatShare(data.cache.hit_rate)} of what was sent came from the cache.</Note>
          )}
        </>
      )}
    </Panel>
  );
}

function rowsOf({ kinds, tokens }: CostReport, scheme: Scheme): KindRow[] {
  const rows: KindRow[] = TOKEN_KINDS.map(({ kind, label }) => ({
    id: kind,
    label,
    cost: kinds[kind],
    tokens: tokens[kind],
    color: tokenColor(kind, scheme),
    figure: kind,
  }));
  const others = [
    { id: "web_search", label: "Web searches", cost: kinds.web_search },
    { id: "unsplit", label: "Models without a price", cost: kinds.unsplit },
  ].filter((row) => row.cost !== 0);
  return [...rows, ...others.map((row) => ({ ...row, tokens: null, color: "var(--muted)", figure: null }))];
}

function kindColumns(rows: readonly KindRow[]): Column<KindRow>[] {
  const highest = Math.max(...rows.map((row) => row.cost), 0);
  return [
    {
      id: "kind",
      title: "Kind",
      isHeader: true,
      exported: { value: (row) => row.label },
      cell: (row) => row.label,
    },
    {
      id: "tokens",
      title: "Tokens",
      numeric: true,
      sortBy: (row) => row.tokens ?? 0,
      exported: { value: (row) => row.tokens },
      cell: (row) =>
        row.tokens === null ? (
          <span className="muted">–</span>
        ) : row.figure ? (
          <Why figure={row.figure}>
            <TokenCount tokens={row.tokens} />
          </Why>
        ) : (
          <TokenCount tokens={row.tokens} />
        ),
    },
    {
      id: "bar",
      title: "",
      width: "24%",
      cell: (row) => <BarCell whole={highest} parts={[{ value: row.cost, color: row.color }]} />,
    },
    {
      id: "cost",
      title: "Cost",
      numeric: true,
      sortBy: (row) => row.cost,
      exported: { title: "Cost (USD)", value: (row) => dollars(row.cost) },
      cell: (row) => <Money micros={row.cost} />,
    },
  ];
}
