/** "What does a million tokens cost?": the price book, for the models that were used. */

import { formatCount } from "../../format/counts";
import { exactMoney } from "../../format/money";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { ModelLabel } from "../../parts/ModelLabel";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { type Figures, panelState } from "../../view/useQuestion";
import type { Shown } from "./queries";

type Price = Shown["prices"][number];
type Kind = keyof NonNullable<Price["price"]>;

export function PricesPanel({ figures }: { readonly figures: Figures<Shown> }) {
  const { data } = figures;
  const prices = data?.prices ?? [];
  const unknown = prices.filter(({ price }) => price === null).length;
  return (
    <Panel
      span={8}
      question="What does a million tokens cost?"
      answer={
        data && (
          <>
            By the price book of <b>{data.price_book}</b>, today and at standard speed
            {unknown > 0 && `; ${formatCount(unknown)} without a price`}
          </>
        )
      }
      height={160}
      state={panelState(figures, (shown) => shown.prices.length === 0, "No model was used yet.")}
      sheet={() => sheetOf(COLUMNS, prices)}
    >
      {() => (
        <DataTable
          caption="Prices"
          columns={COLUMNS}
          rows={prices}
          rowKey={(row) => row.model}
          maxHeight={400}
        />
      )}
    </Panel>
  );
}

const COLUMNS: readonly Column<Price>[] = [
  {
    id: "model",
    title: "Model",
    isHeader: true,
    sortBy: (row) => row.model,
    cell: (row) => <ModelLabel id={row.model} />,
  },
  {
    id: "requests",
    title: "Requests",
    numeric: true,
    priority: 3,
    sortBy: (row) => row.requests,
    cell: (row) => formatCount(row.requests),
  },
  price("input", "Input", 1),
  price("output", "Output", 1),
  price("cache_read", "Cache read", 2),
  price("cache_write_5m", "Write, 5 min", 2),
  price("cache_write_1h", "Write, 1 h", 2),
];

function price(kind: Kind, title: string, priority: 1 | 2): Column<Price> {
  return {
    id: kind,
    title,
    numeric: true,
    priority,
    sortBy: (row) => row.price?.[kind] ?? -1,
    exported: { title: `${title} (USD)`, value: (row) => (row.price ? dollars(row.price[kind]) : null) },
    cell: (row) => (row.price ? exactMoney(row.price[kind]) : <span className="muted">no price</span>),
  };
}
