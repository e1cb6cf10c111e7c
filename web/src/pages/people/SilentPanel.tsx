/** "Who fell silent?": active before the range, and not in it. */

import { PageLink } from "../../app/PageLink";
import { formatUnit } from "../../format/counts";
import { formatDay } from "../../format/dates";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { usePeriod } from "../../view/period";
import { panelState, useQuestion } from "../../view/useQuestion";
import type { Adoption } from "./AdoptionPanel";
import classes from "./PeoplePanel.module.css";

type Silent = Adoption["silent_people"][number];

export function SilentPanel() {
  const figures = useQuestion("/api/v1/adoption");
  const period = usePeriod();
  const { data } = figures;
  const people = data?.silent_people ?? [];
  return (
    <Panel
      span={4}
      question="Who fell silent?"
      answer={
        data && (
          <>
            <b>{formatUnit(data.silent, "person", "people")}</b> active in {period.before}, and not{" "}
            {period.words}
          </>
        )
      }
      height={120}
      state={panelState(
        figures,
        (all) => all.silent === 0,
        `Everybody who was active in ${period.before} was so ${period.words}.`,
      )}
      sheet={() => sheetOf(COLUMNS, people)}
    >
      {() => (
        <DataTable
          caption="People who fell silent"
          columns={COLUMNS}
          rows={people}
          rowKey={(row) => row.actor}
          maxHeight={300}
        />
      )}
    </Panel>
  );
}

const COLUMNS: readonly Column<Silent>[] = [
  {
    id: "who",
    title: "Who",
    isHeader: true,
    exported: { value: (row) => row.actor },
    cell: (row) => (
      <PageLink to="/people/$person" params={{ person: row.actor }} className={classes.name}>
        {row.actor}
      </PageLink>
    ),
  },
  {
    id: "last",
    title: "Last active",
    numeric: true,
    exported: { value: (row) => row.last_active },
    cell: (row) => formatDay(row.last_active),
  },
];
