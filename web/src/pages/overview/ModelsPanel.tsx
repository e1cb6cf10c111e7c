/** "Which models did the work?": every model of the range, also those that have no price. */

import { useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import type { ModelRow, Overview } from "../../api/types";
import { modelColor, type Scheme } from "../../charts/palette";
import { formatCount, formatUnit } from "../../format/counts";
import { modelName } from "../../format/models";
import { formatMoney } from "../../format/money";
import { allTokens } from "../../format/tokens";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money, TokenCount } from "../../parts/Figure";
import { Panel } from "../../parts/Panel";
import { PartName } from "../../parts/PartName";
import { Sparkbars } from "../../parts/Sparkbars";
import { dollars } from "../../parts/sheet";
import { Why } from "../../parts/Why";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import classes from "./ModelsPanel.module.css";
import { useOverview } from "./useOverview";

export function ModelsPanel() {
  const figures = useOverview();
  const period = usePeriod();
  const { data } = figures;
  return (
    <Panel
      id="models"
      span={6}
      question="Which models did the work?"
      answer={data && <Answer data={data} />}
      height={200}
      sheet={() => (data ? sheetOf(modelColumns(data, "light"), data.models) : { columns: [], rows: [] })}
      state={panelState(figures, (all) => all.models.length === 0, `No model was used ${period.words}.`)}
    >
      {() => data && <Models data={data} />}
    </Panel>
  );
}

function Answer({ data }: { data: Overview }) {
  const [first] = data.models;
  return (
    first && (
      <>
        <b>{modelName(first.model).label}</b> comes first with {formatMoney(first.cost_micros.settled)}, of{" "}
        {formatUnit(data.models.length, "model")}
      </>
    )
  );
}

function Models({ data }: { data: Overview }) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const columns = useMemo(() => modelColumns(data, scheme), [data, scheme]);
  return (
    <>
      <DataTable
        caption="Models"
        columns={columns}
        rows={data.models}
        rowKey={(row) => row.model}
        maxHeight={400}
      />
      <Unpriced models={data.totals.unpriced_models} priceBook={data.price_book} />
    </>
  );
}

function modelColumns(data: Overview, scheme: Scheme): Column<ModelRow>[] {
  return [
    {
      id: "model",
      title: "Model",
      isHeader: true,
      sortBy: (row) => modelName(row.model).label,
      exported: { value: (row) => row.model },
      cell: (row) => <PartName by="model" value={row.model} />,
    },
    {
      id: "days",
      title: "Cost by day",
      priority: 2,
      cell: (row) => <Sparkbars values={costByDay(data, row.model)} color={modelColor(row.model, scheme)} />,
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
    {
      id: "cost",
      title: "Cost",
      numeric: true,
      sortBy: (row) => row.cost_micros.settled,
      exported: { title: "Cost (USD)", value: (row) => dollars(row.cost_micros.settled) },
      cell: (row) => <ModelCost row={row} />,
    },
  ];
}

function costByDay(data: Overview, model: string): number[] {
  return data.days.map((day) => day.models.find((row) => row.model === model)?.cost_micros.settled ?? 0);
}

/** A model without a price has a cost only if the client named one. */
function ModelCost({ row }: { row: ModelRow }) {
  if (!row.priced && row.cost_micros.settled === 0) {
    return <span className={classes.unpriced}>no price</span>;
  }
  return (
    <Why figure="cost" where={{ model: [row.model] }}>
      <Money micros={row.cost_micros.settled} />
    </Why>
  );
}

function Unpriced({ models, priceBook }: { models: readonly string[]; priceBook: string }) {
  if (models.length === 0) {
    return null;
  }
  return (
    <p className={classes.note}>
      Not in the price book of {priceBook}: <strong>{models.join(", ")}</strong>. Their tokens are counted;
      their cost is only what the client reported.
    </p>
  );
}
