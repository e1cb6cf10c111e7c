/**
 * "Who used it?": the people of the range, by name. They are not ranked unless somebody sorts the list, and a
 * note says who can see it.
 */

import { useMemo } from "react";
import type { Answer } from "../../api/questions";
import { amountChange } from "../../format/change";
import { formatCount, formatUnit } from "../../format/counts";
import { exactMoney, formatMoney } from "../../format/money";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Note } from "../../parts/Note";
import { Panel } from "../../parts/Panel";
import { PartName } from "../../parts/PartName";
import { dollars } from "../../parts/sheet";
import { Why } from "../../parts/Why";
import { usePeriod } from "../../view/period";
import { panelState, useQuestion } from "../../view/useQuestion";
import { useOverview } from "./useOverview";

type Row = Answer<"/api/v1/cost/breakdown">["rows"][number];

export function PeoplePanel() {
  const figures = useQuestion("/api/v1/cost/breakdown", { by: "person" });
  const { data: overview } = useOverview();
  const period = usePeriod();
  const { data } = figures;
  const people = useMemo(() => byName(data?.rows ?? []), [data]);
  const columns = useMemo(personColumns, []);
  return (
    <Panel
      span={4}
      question="Who used it?"
      answer={
        overview && (
          <Words
            now={overview.totals.active_people}
            before={overview.previous.active_people}
            base={period.before}
          />
        )
      }
      height={240}
      sheet={() => sheetOf(columns, people)}
      state={panelState(figures, (all) => all.rows.length === 0, `Nobody made a request ${period.words}.`)}
    >
      {() => (
        <>
          <DataTable
            caption="People"
            columns={columns}
            rows={people}
            rowKey={(row) => row.value}
            maxHeight={232}
          />
          <Note>
            By name; everybody who can open this page sees it.
            {data && data.others > 0 && ` ${formatCount(data.others)} more are on the page of people.`}
          </Note>
        </>
      )}
    </Panel>
  );
}

function Words({
  now,
  before,
  base,
}: {
  readonly now: number;
  readonly before: number;
  readonly base: string;
}) {
  const change = amountChange(now, before, base);
  return (
    <>
      <b>
        <Why figure="people">{formatUnit(now, "person", "people")}</Why>
      </b>
      : {change.amount} {change.base}
    </>
  );
}

function byName(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => a.value.localeCompare(b.value));
}

function personColumns(): Column<Row>[] {
  return [
    {
      id: "name",
      title: "Person",
      isHeader: true,
      sortBy: (row) => row.value.toLowerCase(),
      exported: { value: (row) => row.value },
      cell: (row) => <PartName by="person" value={row.value} />,
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
      id: "cost",
      title: "Cost",
      numeric: true,
      sortBy: (row) => row.cost_micros.settled,
      exported: { title: "Cost (USD)", value: (row) => dollars(row.cost_micros.settled) },
      cell: (row) => (
        <Why figure="cost" where={{ person: [row.value] }} exact={exactMoney(row.cost_micros.settled)}>
          {formatMoney(row.cost_micros.settled)}
        </Why>
      ),
    },
  ];
}
