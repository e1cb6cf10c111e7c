/** "What does a request cost, and how long does it take?": every model, side by side. */

import { useMemo } from "react";
import { formatCount, formatShare, formatTokens } from "../../format/counts";
import { modelName } from "../../format/models";
import { exactMoney, formatMoney } from "../../format/money";
import { latencyText } from "../../format/rates";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { PartName } from "../../parts/PartName";
import { dollars } from "../../parts/sheet";
import { Why } from "../../parts/Why";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { type ModelMix, type ModelUse, useModels } from "./useModels";

export function ModelsTablePanel() {
  const figures = useModels();
  const period = usePeriod();
  const { data } = figures;
  const columns = useMemo(modelColumns, []);
  return (
    <Panel
      question="What does a request cost, and how long does it take?"
      answer={data && <Words data={data} />}
      height={240}
      sheet={() => sheetOf(columns, data?.models ?? [])}
      state={panelState(figures, (all) => all.models.length === 0, `No model was used ${period.words}.`)}
    >
      {() =>
        data && (
          <DataTable
            caption="Models"
            columns={columns}
            rows={data.models}
            rowKey={(row) => row.model}
            maxHeight={480}
          />
        )
      }
    </Panel>
  );
}

/** The dearest and the quickest, of those with enough requests to judge. */
function Words({ data }: { readonly data: ModelMix }) {
  const ENOUGH = 20;
  const judged = data.models.filter((row) => row.requests >= ENOUGH);
  const dearest = largest(judged, (row) => row.cost_per_request);
  const quickest = largest(judged, (row) => (row.duration_ms.p50 === null ? null : -row.duration_ms.p50));
  if (!dearest) {
    return null;
  }
  return (
    <>
      Dearest <b>{modelName(dearest.model).label}</b> at {formatMoney(dearest.cost_per_request ?? 0)}
      {quickest && (
        <>
          , quickest <b>{modelName(quickest.model).label}</b> with {latencyText(quickest.duration_ms.p50)} at
          the middle
        </>
      )}
    </>
  );
}

function largest(rows: readonly ModelUse[], by: (row: ModelUse) => number | null): ModelUse | undefined {
  return rows
    .filter((row) => by(row) !== null)
    .sort((a, b) => (by(b) ?? 0) - (by(a) ?? 0))
    .at(0);
}

function modelColumns(): Column<ModelUse>[] {
  const latency = (
    id: string,
    title: string,
    pick: (row: ModelUse) => number | null,
    priority: 1 | 2 | 3,
  ): Column<ModelUse> => ({
    id,
    title,
    numeric: true,
    priority,
    sortBy: (row) => pick(row) ?? -1,
    exported: { title: `${title} (ms)`, value: pick },
    cell: (row) => latencyText(pick(row)),
  });
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
      id: "requests",
      title: "Requests",
      numeric: true,
      sortBy: (row) => row.requests,
      cell: (row) => (
        <Why figure="requests" where={{ model: [row.model] }}>
          {formatCount(row.requests)}
        </Why>
      ),
    },
    {
      id: "cost",
      title: "Cost",
      numeric: true,
      priority: 2,
      sortBy: (row) => row.cost_micros.settled,
      exported: { title: "Cost (USD)", value: (row) => dollars(row.cost_micros.settled) },
      cell: (row) =>
        !row.priced && row.cost_micros.settled === 0 ? (
          <span className="muted">no price</span>
        ) : (
          <Why figure="cost" where={{ model: [row.model] }} exact={exactMoney(row.cost_micros.settled)}>
            {formatMoney(row.cost_micros.settled)}
          </Why>
        ),
    },
    {
      id: "each",
      title: "Each",
      numeric: true,
      sortBy: (row) => row.cost_per_request ?? -1,
      exported: {
        title: "Cost of a request (USD)",
        value: (row) => (row.cost_per_request === null ? null : dollars(row.cost_per_request)),
      },
      cell: (row) =>
        row.cost_per_request === null ? (
          "–"
        ) : (
          <span title={exactMoney(row.cost_per_request)}>{formatMoney(row.cost_per_request)}</span>
        ),
    },
    {
      id: "output",
      title: "Output",
      numeric: true,
      priority: 3,
      sortBy: (row) => row.output_per_request ?? -1,
      exported: { title: "Output tokens of a request", value: (row) => row.output_per_request },
      cell: (row) => (row.output_per_request === null ? "–" : formatTokens(row.output_per_request)),
    },
    {
      id: "cache",
      title: "From cache",
      numeric: true,
      priority: 3,
      sortBy: (row) => row.cache_hit_rate ?? -1,
      cell: (row) => (row.cache_hit_rate === null ? "–" : formatShare(row.cache_hit_rate)),
    },
    latency("p50", "Half within", (row) => row.duration_ms.p50, 1),
    latency("p95", "19 of 20 within", (row) => row.duration_ms.p95, 2),
    latency("first", "First token", (row) => row.first_token_ms.p50, 3),
    {
      id: "errors",
      title: "Failed",
      numeric: true,
      priority: 2,
      sortBy: (row) => row.errors,
      cell: (row) =>
        row.errors === 0 ? (
          "0"
        ) : (
          <Why figure="api_errors" where={{ model: [row.model] }} exact={errorWords(row)}>
            {formatCount(row.errors)} <span className="muted">{formatShare(row.error_rate ?? 0)}</span>
          </Why>
        ),
    },
  ];
}

function errorWords(row: ModelUse): string {
  return `${formatCount(row.errors)} requests failed for good, ${formatCount(row.gave_up)} after the client had tried again until it gave up`;
}
