/** Columns that tables of decisions share. */

import { decisionColor, type Scheme } from "../../charts/palette";
import { formatCount, formatShare } from "../../format/counts";
import { BarCell } from "../../parts/BarCell";
import type { Column } from "../../parts/DataTable";
import { Why } from "../../parts/Why";
import type { Where } from "../../view/why";
import type { Decisions } from "./useTools";

/** Bar, accepted, rejected and rate of each row; the counts lead to their postings. */
export function decisionColumns<Row extends { readonly decisions: Decisions }>(
  scheme: Scheme,
  where: (row: Row) => Where,
): Column<Row>[] {
  const count = (id: "accepted" | "rejected", title: string): Column<Row> => ({
    id,
    title,
    numeric: true,
    sortBy: (row) => row.decisions[id],
    cell: (row) => (
      <Why figure={id} where={{ kind: ["decision"], ...where(row) }}>
        {formatCount(row.decisions[id])}
      </Why>
    ),
  });
  return [
    {
      id: "bar",
      title: "Decisions",
      width: "20%",
      priority: 3,
      cell: ({ decisions }) => (
        <BarCell
          whole={decisions.accepted + decisions.rejected}
          parts={[
            { value: decisions.accepted, color: decisionColor("accepted", scheme) },
            { value: decisions.rejected, color: decisionColor("rejected", scheme), hatched: true },
          ]}
        />
      ),
    },
    count("accepted", "Accepted"),
    count("rejected", "Rejected"),
    {
      id: "rate",
      title: "Rate",
      numeric: true,
      sortBy: ({ decisions }) => decisions.acceptance_rate ?? -1,
      cell: ({ decisions }) =>
        decisions.acceptance_rate === null ? "–" : formatShare(decisions.acceptance_rate),
    },
  ];
}
