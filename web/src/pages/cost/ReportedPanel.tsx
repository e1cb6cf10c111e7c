/** "Do client and price book agree?": what the client reported against what the price book says of the same. */

import { useMemo } from "react";
import { formatShare } from "../../format/counts";
import { exactMoney, formatMoney } from "../../format/money";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money } from "../../parts/Figure";
import { ModelLabel } from "../../parts/ModelLabel";
import { Note } from "../../parts/Note";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { type CostReport, useCost } from "./useCost";

type Row = CostReport["reported"]["models"][number];

export function ReportedPanel() {
  const figures = useCost();
  const period = usePeriod();
  const { data } = figures;
  const columns = useMemo(reportedColumns, []);
  return (
    <Panel
      span={6}
      question="Do client and price book agree?"
      answer={data && <Words data={data} />}
      height={160}
      sheet={() => sheetOf(columns, data?.reported.models ?? [])}
      state={panelState(
        figures,
        (all) => all.reported.models.length === 0,
        `No client reported a cost ${period.words}; all of it is by the price book.`,
      )}
    >
      {() =>
        data && (
          <>
            <DataTable
              caption="Reported and priced"
              columns={columns}
              rows={data.reported.models}
              rowKey={(row) => row.model}
              maxHeight={320}
            />
            <Note>
              Price book of {data.price_book}. Both columns are of the same requests; the ledger counts what
              the client reported.
            </Note>
          </>
        )
      }
    </Panel>
  );
}

function Words({ data: { reported } }: { readonly data: CostReport }) {
  const { difference } = reported;
  if (difference === 0) {
    return (
      <>
        <b>To the micro-dollar</b>, on {formatMoney(reported.reported)}
      </>
    );
  }
  return (
    <>
      The client reported <b title={exactMoney(Math.abs(difference))}>{formatMoney(Math.abs(difference))}</b>{" "}
      {difference > 0 ? "more" : "less"} than the price book says of the same
    </>
  );
}

function reportedColumns(): Column<Row>[] {
  const money = (id: "reported" | "priced" | "difference", title: string): Column<Row> => ({
    id,
    title,
    numeric: true,
    sortBy: (row) => row[id],
    exported: { title: `${title} (USD)`, value: (row) => dollars(row[id]) },
    cell: (row) => <Money micros={row[id]} />,
  });
  return [
    {
      id: "model",
      title: "Model",
      isHeader: true,
      sortBy: (row) => row.model,
      cell: (row) => <ModelLabel id={row.model} />,
    },
    money("reported", "Reported"),
    money("priced", "Priced"),
    money("difference", "Difference"),
    {
      id: "share",
      title: "of priced",
      numeric: true,
      priority: 2,
      sortBy: (row) => row.share ?? 0,
      cell: (row) => (row.share === null ? <span className="muted">no price</span> : signed(row.share)),
    },
  ];
}

function signed(share: number): string {
  return share < 0 ? `\u2212${formatShare(-share)}` : formatShare(share);
}
