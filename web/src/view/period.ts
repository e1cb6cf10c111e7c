/** The days that a page shows, and how they are spoken of. */

import { useSyncExternalStore } from "react";
import { type DateRange, daysIn, formatMonth, formatRange, type IsoDate, todayIn } from "../format/dates";
import { useView } from "./useView";
import { comparedWith, rangeOf, type View } from "./view";

const TICK_MS = 15_000;

export interface Period {
  readonly range: DateRange;
  /** The days it is compared with. */
  readonly compared: DateRange;
  readonly zone: string;
  readonly today: IsoDate;
  /** When, as the end of a sentence: `today`, `in the last 30 days`, `from 1 Nov to 5 Nov 2026`. */
  readonly words: string;
  /** What it is compared with: `the day before`, `the 30 days before`, `the same days a year before`. */
  readonly before: string;
}

/** The period of the address; moves on by itself at midnight of its zone. */
export function usePeriod(): Period {
  const [view] = useView();
  const today = useToday(view.tz);
  const range = rangeOf(view, today);
  return {
    range,
    compared: comparedWith(view, range),
    zone: view.tz,
    today,
    words: wordsOf(view, range),
    before: beforeOf(view, daysIn(range)),
  };
}

function wordsOf(view: View, range: DateRange): string {
  switch (view.range) {
    case "today":
    case "yesterday":
      return view.range;
    case "month":
      return "this month";
    case "last-month":
      return `in ${formatMonth(range.start)}`;
    case "custom":
      return `${range.start === range.end ? "on" : "from"} ${formatRange(range)}`;
    default:
      return `in the last ${daysIn(range)} days`;
  }
}

function beforeOf(view: View, days: number): string {
  if (view.compare === "year") {
    return days === 1 ? "the same day a year before" : "the same days a year before";
  }
  return days === 1 ? "the day before" : `the ${days} days before`;
}

function useToday(zone: string): IsoDate {
  return useSyncExternalStore(everyTick, () => todayIn(zone, new Date()));
}

function everyTick(onTick: () => void): () => void {
  const timer = setInterval(onTick, TICK_MS);
  return () => clearInterval(timer);
}
