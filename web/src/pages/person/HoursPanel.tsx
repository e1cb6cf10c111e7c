/** "When?": requests by day of the week and hour. */

import type { Person } from "../../api/person";
import { formatCount, formatUnit } from "../../format/counts";
import { Panel } from "../../parts/Panel";
import { usePeriod } from "../../view/period";
import { type Figures, panelState } from "../../view/useQuestion";
import classes from "./HoursPanel.module.css";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
/** Shades of a cell, the least of which can still be seen. */
const LEAST_PERCENT = 14;

export function HoursPanel({ figures }: { readonly figures: Figures<Person> }) {
  const period = usePeriod();
  const { data } = figures;
  return (
    <Panel
      span={6}
      question="When?"
      answer={data && <Answer person={data} />}
      height={200}
      state={panelState(figures, ({ active_days }) => active_days === 0, `No request ${period.words}.`)}
      {...(data ? { sheet: () => sheetOf(data) } : {})}
    >
      {() => data && <Heat hours={data.hours} />}
    </Panel>
  );
}

function Answer({ person }: { readonly person: Person }) {
  const cells = person.hours.flatMap((hours, day) =>
    hours.map((requests, hour) => ({ day, hour, requests })),
  );
  const most = cells.reduce((best, cell) => (cell.requests > best.requests ? cell : best));
  return (
    <>
      Most on <b>{DAYS[most.day]}</b> from {clock(most.hour)} on, in {person.range.timezone}
    </>
  );
}

function Heat({ hours }: { readonly hours: Person["hours"] }) {
  const highest = Math.max(...hours.flat(), 1);
  return (
    <table className={classes.heat}>
      <caption className="visually-hidden">Requests by day of the week and hour</caption>
      <thead>
        <tr>
          <td />
          {HOURS.map((hour) => (
            <th key={hour} scope="col">
              <span className={hour % 6 === 0 ? undefined : "visually-hidden"}>{clock(hour)}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {DAYS.map((day, place) => (
          <tr key={day}>
            <th scope="row">{day}</th>
            {HOURS.map((hour) => (
              <Cell
                key={hour}
                requests={hours[place]?.[hour] ?? 0}
                highest={highest}
                when={`${day} ${clock(hour)}`}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface CellProps {
  readonly requests: number;
  readonly highest: number;
  readonly when: string;
}

function Cell({ requests, highest, when }: CellProps) {
  const percent = LEAST_PERCENT + (requests / highest) * (100 - LEAST_PERCENT);
  return (
    <td title={`${when}: ${formatUnit(requests, "request")}`}>
      <span
        className={classes.cell}
        style={
          requests === 0
            ? undefined
            : { background: `color-mix(in srgb, var(--accent) ${percent.toFixed(0)}%, var(--well))` }
        }
      >
        <span className="visually-hidden">{formatCount(requests)}</span>
      </span>
    </td>
  );
}

function clock(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}

function sheetOf(person: Person) {
  return {
    columns: ["Day", ...HOURS.map(clock)],
    rows: DAYS.map((day, place) => [day, ...(person.hours[place] ?? [])]),
  };
}
