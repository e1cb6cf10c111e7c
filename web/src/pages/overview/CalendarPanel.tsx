/** "When was it used?": a year of days, the darker the more requests. */

import { type KeyboardEvent, useRef, useState } from "react";
import type { Answer } from "../../api/questions";
import { formatCount, formatUnit } from "../../format/counts";
import { formatDayLong, monthName } from "../../format/dates";
import { formatMoney } from "../../format/money";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { usePeriod } from "../../view/period";
import { panelState, useQuestion } from "../../view/useQuestion";
import { useView } from "../../view/useView";
import { withRange } from "../../view/view";
import classes from "./CalendarPanel.module.css";

type Activity = Answer<"/api/v1/activity">;
type ActivityDay = Activity["days"][number];

const LEVELS = 4;

export function CalendarPanel() {
  const figures = useQuestion("/api/v1/activity");
  const { data } = figures;
  return (
    <Panel
      question="When was it used?"
      answer={data && <Words data={data} />}
      height={140}
      sheet={() => ({
        columns: ["Day", "Requests", "Cost (USD)"],
        rows: (data?.days ?? []).map((day) => [day.date, day.requests, dollars(day.cost_micros)]),
      })}
      state={panelState(figures, (all) => all.active_days === 0, "No requests in this year.")}
    >
      {() => data && <Calendar data={data} />}
    </Panel>
  );
}

function Words({ data }: { readonly data: Activity }) {
  return (
    <>
      Requests on <b>{formatCount(data.active_days)}</b> of {formatUnit(data.days.length, "day")}; the most on
      one day {formatCount(data.most_requests)}
    </>
  );
}

/** Arrow keys go from day to day, Enter shows the day. */
const STEPS: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -7, ArrowRight: 7 };

function Calendar({ data }: { readonly data: Activity }) {
  const { range } = usePeriod();
  const [view, change] = useView();
  const last = data.days.length - 1;
  const [reached, setReached] = useState<number | null>(null);
  const days = useRef<HTMLDivElement>(null);
  const focusable = Math.min(reached ?? last, last);

  function onKey(event: KeyboardEvent) {
    const step = STEPS[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = Math.min(Math.max(focusable + step, 0), last);
      setReached(next);
      (days.current?.children[next] as HTMLElement | undefined)?.focus();
    }
  }

  return (
    <div className={classes.calendar}>
      <div className={classes.months} aria-hidden="true">
        {monthsOf(data.days).map(({ week, name }) => (
          <span key={week} style={{ gridColumn: `${week + 1} / span 3` }}>
            {name}
          </span>
        ))}
      </div>
      <div className={classes.weekdays} aria-hidden="true">
        <span>Mon</span>
        <span>Wed</span>
        <span>Fri</span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms */}
      <div ref={days} role="group" aria-label="Days of the year" className={classes.days} onKeyDown={onKey}>
        {data.days.map((day, index) => (
          <button
            key={day.date}
            type="button"
            className={classes.day}
            tabIndex={index === focusable ? 0 : -1}
            aria-label={wordsOf(day)}
            title={wordsOf(day)}
            data-level={levelOf(day, data.most_requests)}
            data-chosen={day.date >= range.start && day.date <= range.end}
            onFocus={() => setReached(index)}
            onClick={() => change(withRange(view, { start: day.date, end: day.date }))}
          />
        ))}
      </div>
      <p className={classes.legend} aria-hidden="true">
        less
        {[0, 1, 2, 3, LEVELS].map((level) => (
          <span key={level} className={classes.level} data-level={level} />
        ))}
        more
      </p>
    </div>
  );
}

/** From none to four; the root keeps quiet days apart where one day stands out. */
function levelOf(day: ActivityDay, most: number): number {
  return day.requests === 0 ? 0 : Math.max(1, Math.ceil(Math.sqrt(day.requests / most) * LEVELS));
}

function wordsOf(day: ActivityDay): string {
  return `${formatDayLong(day.date)}: ${formatUnit(day.requests, "request")}, ${formatMoney(day.cost_micros)}`;
}

/** The week in which each month begins, where its name fits. */
function monthsOf(days: readonly ActivityDay[]): { week: number; name: string }[] {
  const firsts = days.flatMap((day, index) =>
    day.date.endsWith("-01") ? [{ week: Math.ceil(index / 7), name: monthName(day.date) }] : [],
  );
  return firsts.filter(({ week }) => week * 7 < days.length - 7);
}
