/** What charts over days share: axes to scale and from zero, and the note that follows the pointer. */

import { formatDay, formatDayLong } from "../format/dates";
import { type Scheme, SURFACES } from "./palette";

export interface ChartDay {
  readonly date: string;
  /** Whether it is over. */
  readonly complete: boolean;
}

/** Room that a day's label needs. */
const LABEL_PX = 56;

/** How text in a chart looks. */
export function textOf(scheme: Scheme) {
  return { color: SURFACES[scheme].muted, fontSize: 12, fontFamily: "inherit" };
}

/** The days along the bottom, as many of them labelled as there is room for in so many pixels. */
export function dayAxis(days: readonly ChartDay[], scheme: Scheme, room: number) {
  const every = Math.max(1, Math.ceil((days.length * LABEL_PX) / Math.max(room, LABEL_PX)));
  return {
    type: "category",
    data: days.map((day) => day.date),
    axisTick: { show: false },
    axisLine: { lineStyle: { color: SURFACES[scheme].rule } },
    axisLabel: {
      ...textOf(scheme),
      // Counted from the last day, so that the newest always has its label.
      interval: (index: number) => (days.length - 1 - index) % every === 0,
      formatter: (date: string) => formatDay(date),
    },
  };
}

/** Values along the side, from zero. */
export function valueAxis(scheme: Scheme, text: (value: number) => string) {
  return {
    type: "value",
    min: 0,
    splitNumber: 4,
    axisLabel: { ...textOf(scheme), formatter: text },
    splitLine: { lineStyle: { color: SURFACES[scheme].rule, width: 0.5 } },
  };
}

/** A note that follows the pointer; `fill` puts rows into it for a day by its place. */
export function dayTooltip(
  days: readonly ChartDay[],
  scheme: Scheme,
  fill: (note: HTMLElement, index: number) => void,
) {
  const surface = SURFACES[scheme];
  return {
    trigger: "axis",
    confine: true,
    transitionDuration: 0,
    backgroundColor: surface.panel,
    borderColor: surface.rule,
    borderWidth: 1,
    padding: 12,
    extraCssText: "box-shadow: 0 2px 8px rgb(0 0 0 / 12%); border-radius: 4px;",
    textStyle: { color: surface.text, fontSize: 12, fontFamily: "inherit" },
    formatter: (points: unknown) => noteOf(points, days, fill),
  };
}

/** Made of nodes, never of markup: names come from outside. */
function noteOf(
  points: unknown,
  days: readonly ChartDay[],
  fill: (note: HTMLElement, index: number) => void,
): HTMLElement {
  const note = document.createElement("div");
  const first = Array.isArray(points) ? (points[0] as { dataIndex?: number } | undefined) : undefined;
  const index = Number(first?.dataIndex ?? 0);
  const day = days[index];
  if (!day) {
    return note;
  }
  note.style.fontVariantNumeric = "tabular-nums";
  const head = note.appendChild(document.createElement("div"));
  head.textContent = day.complete ? formatDayLong(day.date) : `${formatDayLong(day.date)}, so far`;
  head.style.cssText = "font-weight: 600; margin-bottom: 4px;";
  fill(note, index);
  return note;
}

/** A row of the note: what, how much, and its colour where it has one. */
export function noteRow(label: string, value: string, color?: string): HTMLElement {
  const row = document.createElement("div");
  row.style.cssText = "display: flex; gap: 8px; align-items: center; line-height: 18px;";
  if (color !== undefined) {
    const swatch = row.appendChild(document.createElement("span"));
    swatch.style.cssText = `width: 8px; height: 8px; background: ${color};`;
  }
  row.appendChild(document.createElement("span")).textContent = label;
  const figure = row.appendChild(document.createElement("span"));
  figure.textContent = value;
  figure.style.cssText = "margin-left: auto; padding-left: 16px;";
  return row;
}
