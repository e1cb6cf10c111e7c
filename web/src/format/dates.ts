/** Calendar dates (`YYYY-MM-DD`) in a time zone, and instants shown in it. */

import { byZone } from "./byZone";

/** A calendar date, `YYYY-MM-DD`. */
export type IsoDate = string;

/** Both ends included. */
export interface DateRange {
  readonly start: IsoDate;
  readonly end: IsoDate;
}

const DAY_MS = 86_400_000;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;

const dateFormat = byZone(
  (timeZone) =>
    new Intl.DateTimeFormat("en-US", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }),
);
const minuteFormat = byZone(
  (timeZone) =>
    new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
);
const secondFormat = byZone(
  (timeZone) =>
    new Intl.DateTimeFormat("en-GB", {
      timeZone,
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    }),
);
const monthFormat = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

/** The date that the clock on the wall shows in `zone`. */
export function todayIn(zone: string, now: Date): IsoDate {
  const parts = dateFormat(zone)
    .formatToParts(now)
    .reduce<Record<string, string>>((all, part) => Object.assign(all, { [part.type]: part.value }), {});
  return `${parts.year}-${parts.month}-${parts.day}`;
}

/** `days` later, or earlier when negative; calendar arithmetic, so no clock change can shift it. */
export function addDays(date: IsoDate, days: number): IsoDate {
  return new Date(utc(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The first day of the date's month. */
export function firstOfMonth(date: IsoDate): IsoDate {
  return `${date.slice(0, 8)}01`;
}

/** The same date a year before; 28 February for one that does not exist. */
export function yearBefore(date: IsoDate): IsoDate {
  const same = `${String(Number(date.slice(0, 4)) - 1).padStart(4, "0")}${date.slice(4)}`;
  return isDate(same) ? same : addDays(`${same.slice(0, 8)}01`, 27);
}

/** How many days the range has, both ends included. */
export function daysIn(range: DateRange): number {
  return Math.round((utc(range.end) - utc(range.start)) / DAY_MS) + 1;
}

/** Whether the text is a date that exists. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    return false;
  }
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** `24 Oct`. */
export function formatDay(date: IsoDate): string {
  const day = new Date(utc(date));
  return `${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]}`;
}

/** `Oct`. */
export function monthName(date: IsoDate): string {
  return MONTHS[new Date(utc(date)).getUTCMonth()] ?? "";
}

/** `Sat 24 Oct 2026`. */
export function formatDayLong(date: IsoDate): string {
  const day = new Date(utc(date));
  return `${WEEKDAYS[day.getUTCDay()]} ${formatDay(date)} ${day.getUTCFullYear()}`;
}

/** `24 Oct to 22 Nov 2026`; the year stands once when both ends share it. */
export function formatRange(range: DateRange): string {
  const startYear = range.start.slice(0, 4);
  const endYear = range.end.slice(0, 4);
  const end = `${formatDay(range.end)} ${endYear}`;
  if (range.start === range.end) {
    return end;
  }
  return startYear === endYear
    ? `${formatDay(range.start)} to ${end}`
    : `${formatDay(range.start)} ${startYear} to ${end}`;
}

/** Hour and minute in `zone`: `14:03`. */
export function formatTime(instant: string, zone: string): string {
  return minuteFormat(zone).format(new Date(instant));
}

/** The wall clock in `zone`: `14:03:22`, with the day before it when it is not `today`. */
export function formatClock(instant: string, zone: string, today: IsoDate): string {
  const at = new Date(instant);
  const time = secondFormat(zone).format(at);
  const day = todayIn(zone, at);
  return day === today ? time : `${formatDay(day)} ${time.slice(0, 5)}`;
}

/** `just now`, `3 min ago`, `2 h ago`, `5 days ago`. */
export function formatAgo(instant: string, now: Date): string {
  const minutes = Math.floor((now.getTime() - Date.parse(instant)) / 60_000);
  if (minutes < 1) {
    return "just now";
  }
  if (minutes < 60) {
    return `${minutes} min ago`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    return `${hours} h ago`;
  }
  return `${Math.floor(hours / 24).toLocaleString("en-US")} days ago`;
}

function utc(date: IsoDate): number {
  return Date.parse(`${date}T00:00:00Z`);
}

/** `November 2026`. */
export function formatMonth(date: IsoDate): string {
  return monthFormat.format(utc(date));
}
