/** "Who is covered, and when?": for each person and day, whether sources told of the work in detail. */

import { useState } from "react";
import type { Answer } from "../../api/questions";
import { PageLink } from "../../app/PageLink";
import { formatShare, formatUnit } from "../../format/counts";
import { formatAgo, formatDay, formatDayLong } from "../../format/dates";
import { SOURCE_NAMES } from "../../format/sources";
import { Pager } from "../../parts/Pager";
import { Panel } from "../../parts/Panel";
import { usePeriod } from "../../view/period";
import { panelState, useQuestion } from "../../view/useQuestion";
import classes from "./PeoplePanel.module.css";

const SIZE = 25;

type SourceDays = Answer<"/api/v1/health/sources">;
type Person = SourceDays["people"][number];
type Day = Person["days"][number];
type How = "detailed" | "partly" | "totals" | "none";

const HOW: Record<How, string> = {
  detailed: "every session in detail",
  partly: "some sessions in detail",
  totals: "totals only",
  none: "nothing",
};

export function PeoplePanel() {
  const [offset, setOffset] = useState(0);
  const figures = useQuestion("/api/v1/health/sources", { offset, limit: SIZE });
  const period = usePeriod();
  const { data } = figures;
  return (
    <Panel
      question="Who is covered, and when?"
      answer={
        data && (
          <>
            <b>{formatUnit(data.found, "person", "people")}</b>, a square a day: in detail means request by
            request, from events or transcripts
          </>
        )
      }
      height={200}
      state={panelState(figures, (all) => all.people.length === 0, `Nobody did anything ${period.words}.`)}
      {...(data ? { sheet: () => sheetOf(data) } : {})}
    >
      {() =>
        data && (
          <>
            <Matrix data={data} />
            <ul className={classes.legend} aria-label="What the squares say">
              {(["detailed", "partly", "totals"] as const).map((how) => (
                <li key={how}>
                  <span className={classes.square} data-how={how} /> {HOW[how]}
                </li>
              ))}
            </ul>
            <Pager
              things="people"
              offset={offset}
              shown={data.people.length}
              found={data.found}
              size={SIZE}
              onPage={setOffset}
            />
          </>
        )
      }
    </Panel>
  );
}

function Matrix({ data }: { readonly data: SourceDays }) {
  const dates = datesOf(data.range);
  return (
    <section className={classes.scroll} aria-label="People by day">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <div className={classes.inner} tabIndex={0}>
        <table className={classes.matrix}>
          <caption className="visually-hidden">What sources told of each person on each day</caption>
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">
                {dates[0] && formatDay(dates[0])} to {formatDay(dates.at(-1) ?? "")}
              </th>
              <th scope="col" className={classes.wide}>
                Told by
              </th>
              <th scope="col" className={classes.share}>
                Only from totals
              </th>
            </tr>
          </thead>
          <tbody>
            {data.people.map((person) => (
              <Row key={person.actor} person={person} dates={dates} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ person, dates }: { readonly person: Person; readonly dates: readonly string[] }) {
  const days = new Map(person.days.map((day) => [day.date, day]));
  const worked = person.days.filter((day) => day.sessions > 0);
  return (
    <tr>
      <th scope="row">
        <PageLink to="/people/$person" params={{ person: person.actor }} className={classes.name}>
          {person.actor}
        </PageLink>
      </th>
      <td>
        <span className={classes.days} aria-hidden="true">
          {dates.map((date) => {
            const day = days.get(date);
            return (
              <span
                key={date}
                className={classes.square}
                data-how={day ? howOf(day) : "none"}
                title={noteOf(date, day)}
              />
            );
          })}
        </span>
        <span className="visually-hidden">
          {formatUnit(worked.length, "day")} with work,{" "}
          {worked
            .filter((day) => howOf(day) !== "detailed")
            .map((day) => noteOf(day.date, day))
            .join("; ") || "all in detail"}
        </span>
      </td>
      <td className={classes.wide}>
        {person.newest
          .map(({ source, at }) => `${SOURCE_NAMES[source]} ${formatAgo(at, new Date())}`)
          .join(", ") || "–"}
      </td>
      <td className={classes.share}>
        {person.unattributed_share === null ? "–" : formatShare(person.unattributed_share)}
      </td>
    </tr>
  );
}

function howOf(day: Day): How {
  const detailed = Math.max(day.events, day.transcripts);
  if (detailed >= day.sessions) {
    return "detailed";
  }
  return detailed > 0 ? "partly" : "totals";
}

function noteOf(date: string, day: Day | undefined): string {
  if (!day) {
    return `${formatDayLong(date)}: nothing`;
  }
  const told = [
    `events of ${day.events}`,
    `metrics of ${day.metrics}`,
    `transcripts of ${day.transcripts}`,
  ].join(", ");
  return `${formatDayLong(date)}: ${formatUnit(day.sessions, "session")}, ${told}`;
}

function datesOf({ start, end }: SourceDays["range"]): readonly string[] {
  const dates: string[] = [];
  for (let at = Date.parse(start); at <= Date.parse(end); at += 86_400_000) {
    dates.push(new Date(at).toISOString().slice(0, 10));
  }
  return dates;
}

function sheetOf(data: SourceDays) {
  return {
    columns: ["Who", "Day", "Sessions", "Events", "Metrics", "Traces", "Transcripts"],
    rows: data.people.flatMap(({ actor, days }) =>
      days.map((day) => [
        actor,
        day.date,
        day.sessions,
        day.events,
        day.metrics,
        day.traces,
        day.transcripts,
      ]),
    ),
  };
}
