/** "Who works on it?": by name. */

import type { Answer } from "../../api/questions";
import { PageLink } from "../../app/PageLink";
import { formatCount, formatUnit } from "../../format/counts";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money } from "../../parts/Figure";
import { Panel } from "../../parts/Panel";
import { Sparkbars } from "../../parts/Sparkbars";
import { dollars } from "../../parts/sheet";
import { usePeriod } from "../../view/period";
import { panelState, useQuestion } from "../../view/useQuestion";
import classes from "../people/PeoplePanel.module.css";

type Person = Answer<"/api/v1/people">["people"][number];

/** As many as the server lists at once; a project rarely has more. */
const MOST = 200;

export function PeoplePanel() {
  const figures = useQuestion("/api/v1/people", { limit: MOST });
  const period = usePeriod();
  const people = figures.data?.people ?? [];
  const found = figures.data?.found ?? 0;
  return (
    <Panel
      span={6}
      question="Who works on it?"
      answer={
        <>
          <b>{formatUnit(found, "person", "people")}</b> {period.words}, by name
          {people.length < found && `, the first ${formatCount(people.length)}`}
        </>
      }
      height={160}
      state={panelState(figures, (all) => all.people.length === 0, `Nobody worked on it ${period.words}.`)}
      sheet={() => sheetOf(COLUMNS, people)}
    >
      {() => (
        <DataTable
          caption="People"
          columns={COLUMNS}
          rows={people}
          rowKey={(row) => row.actor}
          maxHeight={400}
        />
      )}
    </Panel>
  );
}

const COLUMNS: readonly Column<Person>[] = [
  {
    id: "who",
    title: "Who",
    isHeader: true,
    sortBy: (row) => row.actor,
    cell: (row) => (
      <PageLink to="/people/$person" params={{ person: row.actor }} className={classes.name}>
        {row.actor}
      </PageLink>
    ),
  },
  {
    id: "trend",
    title: "Cost by day",
    width: "18%",
    priority: 2,
    cell: (row) => <Sparkbars values={row.daily_cost_micros} color="var(--muted)" />,
  },
  {
    id: "sessions",
    title: "Sessions",
    numeric: true,
    sortBy: (row) => row.sessions,
    cell: (row) => formatCount(row.sessions),
  },
  {
    id: "cost",
    title: "Cost",
    numeric: true,
    sortBy: (row) => row.cost_micros.settled,
    exported: { title: "Cost (USD)", value: (row) => dollars(row.cost_micros.settled) },
    cell: (row) => <Money micros={row.cost_micros.settled} />,
  },
];
