/** "Did events get lost?": sessions in whose events numbers are skipped. */

import { PageLink } from "../../app/PageLink";
import { formatCount, formatShare, formatUnit } from "../../format/counts";
import { formatClock } from "../../format/dates";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { usePeriod } from "../../view/period";
import { type Figures, panelState } from "../../view/useQuestion";
import classes from "../people/PeoplePanel.module.css";
import type { Health } from "./queries";

type Lossy = Health["events"]["sessions"][number];

export function EventsPanel({ figures }: { readonly figures: Figures<Health> }) {
  const period = usePeriod();
  const events = figures.data?.events;
  const columns = lossyColumns(period.zone, period.today);
  return (
    <Panel
      span={6}
      question="Did events get lost?"
      answer={events && <Answer events={events} />}
      height={80}
      state={panelState(
        figures,
        (health) => health.events.sessions.length === 0,
        figures.data && figures.data.events.sessions_read > 0
          ? "No. The client numbers its events, and none of the numbers is skipped."
          : `No session with events ${period.words}.`,
      )}
      {...(events ? { sheet: () => sheetOf(columns, events.sessions) } : {})}
    >
      {() =>
        events && (
          <DataTable
            caption="Sessions with lost events"
            columns={columns}
            rows={events.sessions}
            rowKey={(row) => row.session_id}
            maxHeight={320}
          />
        )
      }
    </Panel>
  );
}

function Answer({ events }: { readonly events: Health["events"] }) {
  const { missing, received_share: share } = events.coverage;
  return (
    <>
      <b>{formatUnit(missing, "event")}</b> never arrived in {formatUnit(events.sessions.length, "session")}
      {share !== null && <>; {formatShare(share)} did</>}
    </>
  );
}

function lossyColumns(zone: string, today: string): readonly Column<Lossy>[] {
  return [
    {
      id: "who",
      title: "Session of",
      isHeader: true,
      exported: { title: "Session", value: (row) => row.session_id },
      cell: (row) => (
        <PageLink to="/sessions/$session" params={{ session: row.session_id }} className={classes.name}>
          {row.actor}
        </PageLink>
      ),
    },
    {
      id: "missing",
      title: "Lost",
      numeric: true,
      sortBy: (row) => row.events.missing,
      cell: (row) => formatCount(row.events.missing),
    },
    {
      id: "received",
      title: "Received",
      numeric: true,
      priority: 2,
      sortBy: (row) => row.events.received,
      cell: (row) => formatCount(row.events.received),
    },
    {
      id: "last",
      title: "Newest gap",
      numeric: true,
      sortBy: (row) => row.last_gap_at,
      cell: (row) => <time dateTime={row.last_gap_at}>{formatClock(row.last_gap_at, zone, today)}</time>,
    },
  ];
}
