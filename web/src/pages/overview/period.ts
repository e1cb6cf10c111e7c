/** The days that the Overview shows, and how they are spoken of. */

import { getRouteApi } from "@tanstack/react-router";
import { useSyncExternalStore } from "react";
import { searchRange } from "../../app/search";
import { type DateRange, daysIn, formatRange, type IsoDate, todayIn } from "../../format/dates";

const route = getRouteApi("/");
const TICK_MS = 15_000;

export interface Period {
  readonly range: DateRange;
  readonly zone: string;
  readonly today: IsoDate;
  /** When, as the end of a sentence: `today`, `in the last 30 days`, `from 1 Nov to 5 Nov 2026`. */
  readonly words: string;
  /** `the day before`, `the 30 days before`. */
  readonly before: string;
}

/** The period of the address; moves on by itself at midnight of its zone. */
export function usePeriod(): Period {
  const search = route.useSearch();
  const today = useToday(search.tz);
  const range = searchRange(search, today);
  const days = daysIn(range);
  return {
    range,
    zone: search.tz,
    today,
    words: search.range === "custom" ? chosenDays(range) : days === 1 ? "today" : `in the last ${days} days`,
    before: days === 1 ? "the day before" : `the ${days} days before`,
  };
}

function chosenDays(range: DateRange): string {
  return `${range.start === range.end ? "on" : "from"} ${formatRange(range)}`;
}

function useToday(zone: string): IsoDate {
  return useSyncExternalStore(everyTick, () => todayIn(zone, new Date()));
}

function everyTick(onTick: () => void): () => void {
  const timer = setInterval(onTick, TICK_MS);
  return () => clearInterval(timer);
}
