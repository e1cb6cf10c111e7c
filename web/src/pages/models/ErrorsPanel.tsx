/** "What went wrong?": requests that failed, by what was said of them. */

import { useMemo } from "react";
import { formatCount, formatShare, formatUnit } from "../../format/counts";
import { modelName } from "../../format/models";
import { BarCell } from "../../parts/BarCell";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { ModelLabel } from "../../parts/ModelLabel";
import { Panel } from "../../parts/Panel";
import { Why } from "../../parts/Why";
import { NOT_TOLD } from "../../view/names";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { type ModelMix, useModels } from "./useModels";

type Row = ModelMix["errors"][number];

export function ErrorsPanel() {
  const figures = useModels();
  const period = usePeriod();
  const { data } = figures;
  const columns = useMemo(() => errorColumns(data?.errors ?? []), [data]);
  return (
    <Panel
      span={6}
      question="What went wrong?"
      answer={data && <Words data={data} />}
      height={248}
      sheet={() => sheetOf(columns, data?.errors ?? [])}
      state={panelState(figures, (all) => all.errors.length === 0, `No request failed ${period.words}.`)}
    >
      {() =>
        data && (
          <DataTable
            caption="Failed requests"
            columns={columns}
            rows={data.errors}
            rowKey={(row) => `${row.model} ${row.status} ${row.error}`}
            maxHeight={320}
          />
        )
      }
    </Panel>
  );
}

function Words({ data: { all } }: { readonly data: ModelMix }) {
  return (
    <>
      <b>{formatUnit(all.errors, "request")}</b> failed
      {all.error_rate !== null && `, ${formatShare(all.error_rate)} of all`}
      {all.gave_up > 0 && `; the client gave up on ${formatCount(all.gave_up)} after trying again`}
    </>
  );
}

function errorColumns(rows: readonly Row[]): Column<Row>[] {
  const most = Math.max(...rows.map((row) => row.count), 0);
  return [
    {
      id: "error",
      title: "Error",
      isHeader: true,
      sortBy: (row) => row.error ?? "",
      cell: (row) => row.error ?? <span className="muted">not told</span>,
    },
    {
      id: "status",
      title: "Status",
      sortBy: (row) => row.status ?? "",
      cell: (row) => row.status ?? <span className="muted">–</span>,
    },
    {
      id: "model",
      title: "Model",
      sortBy: (row) => modelName(row.model).label,
      exported: { value: (row) => row.model },
      cell: (row) => <ModelLabel id={row.model} />,
    },
    {
      id: "bar",
      title: "",
      width: "16%",
      priority: 3,
      cell: (row) => <BarCell whole={most} parts={[{ value: row.count, color: "var(--muted)" }]} />,
    },
    {
      id: "count",
      title: "Times",
      numeric: true,
      sortBy: (row) => row.count,
      cell: (row) => (
        <Why
          figure="api_errors"
          where={{ model: [row.model], tool: [row.status ?? NOT_TOLD], outcome: [row.error ?? NOT_TOLD] }}
        >
          {formatCount(row.count)}
        </Why>
      ),
    },
  ];
}
