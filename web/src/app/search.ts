/** What the Overview shows, as it stands in the address: range, time zone, and how the chart is read. */

import { addDays, type DateRange, daysIn, type IsoDate, isDate } from "../format/dates";
import { isZone, localZone } from "../format/zones";

export const PRESETS = ["today", "7d", "30d", "90d"] as const;
export type Preset = (typeof PRESETS)[number];

export interface OverviewSearch {
  readonly range: Preset | "custom";
  /** First and last day, for a custom range only. */
  readonly from?: IsoDate;
  readonly to?: IsoDate;
  /** IANA time zone in which days begin and end. */
  readonly tz: string;
  /** What the bars add up; cost unless it says otherwise. */
  readonly by?: "tokens";
  /** The chart's figures as a table. */
  readonly view?: "table";
}

const PRESET_DAYS: Record<Preset, number> = { today: 1, "7d": 7, "30d": 30, "90d": 90 };
/** More days than this make no readable chart; the server has its own limit. */
const LONGEST_RANGE_DAYS = 366;

/** Reads the address; what is missing or makes no sense becomes the default, so that no link can break the page. */
export function overviewSearch(raw: { readonly [name in keyof OverviewSearch]?: unknown }): OverviewSearch {
  const tz = typeof raw.tz === "string" && isZone(raw.tz) ? raw.tz : localZone();
  const view = {
    ...(raw.by === "tokens" ? { by: "tokens" as const } : {}),
    ...(raw.view === "table" ? { view: "table" as const } : {}),
  };
  const { from, to } = raw;
  if (raw.range === "custom" && typeof from === "string" && typeof to === "string" && isRange(from, to)) {
    return { range: "custom", from, to, tz, ...view };
  }
  return { range: PRESETS.find((preset) => preset === raw.range) ?? "30d", tz, ...view };
}

/** Whether the two dates make a range that can be shown. */
export function isRange(from: string, to: string): boolean {
  return isDate(from) && isDate(to) && from <= to && daysIn({ start: from, end: to }) <= LONGEST_RANGE_DAYS;
}

/** The days that the search means when `today` is today. */
export function searchRange(search: OverviewSearch, today: IsoDate): DateRange {
  if (search.range === "custom") {
    return { start: search.from ?? today, end: search.to ?? today };
  }
  return { start: addDays(today, 1 - PRESET_DAYS[search.range]), end: today };
}

/** The search without one of its options. */
export function without(search: OverviewSearch, option: "from" | "to" | "by" | "view"): OverviewSearch {
  const { [option]: _, ...rest } = search;
  return rest;
}
