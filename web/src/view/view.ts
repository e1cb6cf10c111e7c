/** What every page shows, as it stands in the address: range, comparison, time zone and filters. */

import {
  addDays,
  type DateRange,
  daysIn,
  firstOfMonth,
  type IsoDate,
  isDate,
  yearBefore,
} from "../format/dates";
import { isZone, localZone } from "../format/zones";

export const PRESETS = ["today", "yesterday", "7d", "30d", "90d", "365d", "month", "last-month"] as const;
export type Preset = (typeof PRESETS)[number];

/** What can be filtered by, in the order it is offered; also the names of the API's parameters. */
export const FILTERS = ["person", "team", "project", "model", "terminal", "source"] as const;
export type FilterName = (typeof FILTERS)[number];
export type Filters = { readonly [name in FilterName]?: readonly string[] };

export interface View extends Filters {
  readonly range: Preset | "custom";
  /** First and last day, for a custom range only. */
  readonly from?: IsoDate;
  readonly to?: IsoDate;
  /** IANA time zone in which days begin and end. */
  readonly tz: string;
  /** What the range is compared with; as many days before unless it says otherwise. */
  readonly compare?: "year";
}

/** An address's parameters, as they come: nothing is known about them. */
export type RawSearch = { readonly [name: string]: unknown };

const PRESET_DAYS: Partial<Record<Preset, number>> = { today: 1, "7d": 7, "30d": 30, "90d": 90, "365d": 365 };
const OWN_NAMES: readonly string[] = ["range", "from", "to", "tz", "compare", ...FILTERS];
/** More days than this make no readable chart; the server has its own limit. */
const LONGEST_RANGE_DAYS = 366;
/** As many values of one filter as the server takes. */
const MOST_VALUES = 200;

/** Reads the address; what is missing or makes no sense becomes the default, so that no link can break a page. */
export function viewOf(raw: RawSearch): View {
  const tz = typeof raw.tz === "string" && isZone(raw.tz) ? raw.tz : localZone();
  const rest = { tz, ...(raw.compare === "year" ? { compare: "year" as const } : {}), ...filtersOf(raw) };
  const { from, to } = raw;
  if (raw.range === "custom" && typeof from === "string" && typeof to === "string" && isRange(from, to)) {
    return { range: "custom", from, to, ...rest };
  }
  return { range: PRESETS.find((preset) => preset === raw.range) ?? "30d", ...rest };
}

/** The filters among an address's parameters. */
export function filtersOf(raw: RawSearch): Filters {
  const filters: { [name in FilterName]?: readonly string[] } = {};
  for (const name of FILTERS) {
    const given = raw[name];
    const values = (Array.isArray(given) ? given : [given]).filter(
      (value): value is string => typeof value === "string" && value !== "",
    );
    if (values.length > 0) {
      filters[name] = [...new Set(values)].slice(0, MOST_VALUES);
    }
  }
  return filters;
}

/** The view, then whatever else the address has, which is a page's own. */
export function searchOf(raw: RawSearch): View & RawSearch {
  const others = Object.entries(raw).filter(([name]) => !OWN_NAMES.includes(name));
  return { ...viewOf(raw), ...Object.fromEntries(others) };
}

/** Whether the two dates make a range that can be shown. */
export function isRange(from: string, to: string): boolean {
  return isDate(from) && isDate(to) && from <= to && daysIn({ start: from, end: to }) <= LONGEST_RANGE_DAYS;
}

/** The days that the view means when `today` is today. */
export function rangeOf(view: View, today: IsoDate): DateRange {
  switch (view.range) {
    case "custom":
      return { start: view.from ?? today, end: view.to ?? today };
    case "yesterday":
      return { start: addDays(today, -1), end: addDays(today, -1) };
    case "month":
      return { start: firstOfMonth(today), end: today };
    case "last-month": {
      const end = addDays(firstOfMonth(today), -1);
      return { start: firstOfMonth(end), end };
    }
    default:
      return { start: addDays(today, 1 - (PRESET_DAYS[view.range] ?? 1)), end: today };
  }
}

/** The days that the view's range is compared with. */
export function comparedWith(view: View, range: DateRange): DateRange {
  const days = daysIn(range);
  const start = view.compare === "year" ? yearBefore(range.start) : addDays(range.start, -days);
  return { start, end: addDays(start, days - 1) };
}

/** The view over these days. */
export function withRange(view: View, range: Preset | DateRange): View {
  const { from: _, to: __, ...rest } = view;
  return typeof range === "string"
    ? { ...rest, range }
    : { ...rest, range: "custom", from: range.start, to: range.end };
}

/** The view with these values of a filter; none lifts it. */
export function withFilter(view: View, name: FilterName, values: readonly string[]): View {
  const { [name]: _, ...rest } = view;
  return values.length === 0 ? rest : { ...rest, [name]: values };
}

/** The view without filters. */
export function withoutFilters(view: View): View {
  return FILTERS.reduce<View>((rest, name) => withFilter(rest, name, []), view);
}

/** How many filters the view has. */
export function filterCount(view: View): number {
  return FILTERS.filter((name) => view[name] !== undefined).length;
}

/** Reads `?a=1&team=x&team=y`: text throughout, and what may be given several times as lists. */
export function parseSearch(text: string): RawSearch {
  const search: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    if (FILTERS.some((filter) => filter === name)) {
      const known = search[name];
      search[name] = Array.isArray(known) ? [...known, value] : [value];
    } else {
      search[name] = value;
    }
  }
  return search;
}

/** Writes what `parseSearch` reads. */
export function stringifySearch(search: RawSearch): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null) {
        parameters.append(name, String(each));
      }
    }
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}
