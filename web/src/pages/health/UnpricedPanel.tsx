/** "Has everything a price?" */

import { formatCount, formatUnit } from "../../format/counts";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money, TokenCount } from "../../parts/Figure";
import { ModelLabel } from "../../parts/ModelLabel";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { usePeriod } from "../../view/period";
import { type Figures, panelState } from "../../view/useQuestion";
import type { Health } from "./queries";

type Unpriced = Health["unpriced"][number];

export function UnpricedPanel({ figures }: { readonly figures: Figures<Health> }) {
  const period = usePeriod();
  const models = figures.data?.unpriced ?? [];
  return (
    <Panel
      span={6}
      question="Has everything a price?"
      answer={
        <>
          <b>{formatUnit(models.length, "model")}</b> not in the price book of {figures.data?.price_book}:
          cost is what the client said, where it said anything
        </>
      }
      height={80}
      state={panelState(
        figures,
        (health) => health.unpriced.length === 0,
        `Yes: the price book of ${figures.data?.price_book ?? ""} knows every model used ${period.words}.`,
      )}
      sheet={() => sheetOf(COLUMNS, models)}
    >
      {() => (
        <DataTable
          caption="Models without a price"
          columns={COLUMNS}
          rows={models}
          rowKey={(row) => row.model}
          maxHeight={320}
        />
      )}
    </Panel>
  );
}

const COLUMNS: readonly Column<Unpriced>[] = [
  {
    id: "model",
    title: "Model",
    isHeader: true,
    exported: { value: (row) => row.model },
    cell: (row) => <ModelLabel id={row.model} />,
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
    title: "Unpriced tokens",
    numeric: true,
    sortBy: (row) => row.tokens,
    cell: (row) => <TokenCount tokens={row.tokens} />,
  },
  {
    id: "reported",
    title: "As reported",
    numeric: true,
    sortBy: (row) => row.reported_micros,
    exported: { title: "As reported (USD)", value: (row) => dollars(row.reported_micros) },
    cell: (row) => <Money micros={row.reported_micros} />,
  },
];
