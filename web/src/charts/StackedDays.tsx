/** Stacked bars, one per day, to scale and from zero. A day that still runs is hatched. */

import { useCallback } from "react";
import { formatDay, formatDayLong } from "../format/dates";
import { Chart } from "./Chart";
import type { EChartsCoreOption } from "./echarts";
import { modelColor, OTHERS_COLOR, type Scheme, SURFACES } from "./palette";
import { OTHERS, type Series } from "./series";

export interface StackedDaysProps {
  readonly days: readonly { readonly date: string; readonly complete: boolean }[];
  readonly series: readonly Series[];
  readonly scheme: Scheme;
  readonly height: number;
  /** Text of a value on the axis, and in the note that follows the pointer. */
  readonly axisText: (value: number) => string;
  readonly valueText: (value: number) => string;
}

/** Room that a day's label needs. */
const LABEL_PX = 56;

export default function StackedDays({ days, series, scheme, height, axisText, valueText }: StackedDaysProps) {
  const options = useCallback(
    (width: number): EChartsCoreOption => {
      const surface = SURFACES[scheme];
      const text = { color: surface.muted, fontSize: 12, fontFamily: "inherit" };
      const every = Math.max(1, Math.ceil((days.length * LABEL_PX) / Math.max(width - 56, LABEL_PX)));
      return {
        animation: false,
        grid: { left: 48, right: 4, top: 8, bottom: 24 },
        xAxis: {
          type: "category",
          data: days.map((day) => day.date),
          axisTick: { show: false },
          axisLine: { lineStyle: { color: surface.rule } },
          axisLabel: {
            ...text,
            // Counted from the last day, so that the newest bar always has its label.
            interval: (index: number) => (days.length - 1 - index) % every === 0,
            formatter: (date: string) => formatDay(date),
          },
        },
        yAxis: {
          type: "value",
          min: 0,
          splitNumber: 4,
          axisLabel: { ...text, formatter: axisText },
          splitLine: { lineStyle: { color: surface.rule, width: 0.5 } },
        },
        tooltip: {
          trigger: "axis",
          confine: true,
          transitionDuration: 0,
          axisPointer: { type: "shadow", shadowStyle: { color: surface.text, opacity: 0.05 } },
          backgroundColor: surface.panel,
          borderColor: surface.rule,
          borderWidth: 1,
          padding: 12,
          extraCssText: "box-shadow: 0 2px 8px rgb(0 0 0 / 12%); border-radius: 4px;",
          textStyle: { color: surface.text, fontSize: 12, fontFamily: "inherit" },
          formatter: (points: unknown) => dayNote(points, days, series, scheme, valueText),
        },
        series: series.map((each) => ({
          id: each.id,
          name: each.label,
          type: "bar",
          stack: "all",
          barMaxWidth: 40,
          barCategoryGap: "24%",
          cursor: "default",
          emphasis: { disabled: true },
          itemStyle: {
            color: seriesColor(each.id, scheme),
            borderColor: surface.panel,
            borderWidth: days.length > 45 ? 0 : 0.5,
          },
          data: each.values.map((value, index) =>
            days[index]?.complete === false
              ? { value, itemStyle: { decal: hatch(surface.panel), borderWidth: 0 } }
              : value,
          ),
        })),
      };
    },
    [days, series, scheme, axisText, valueText],
  );
  return <Chart options={options} height={height} />;
}

/** The colour of a series, as in its label. */
function seriesColor(id: string, scheme: Scheme): string {
  return id === OTHERS ? OTHERS_COLOR[scheme] : modelColor(id, scheme);
}

function hatch(color: string) {
  return { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [1.2, 4.8], rotation: Math.PI / 4, color };
}

/** The note at the pointer. Made of nodes, never of markup: model names come from outside. */
function dayNote(
  points: unknown,
  days: StackedDaysProps["days"],
  series: readonly Series[],
  scheme: Scheme,
  valueText: (value: number) => string,
): HTMLElement {
  const note = document.createElement("div");
  const index = Array.isArray(points)
    ? Number((points[0] as { dataIndex?: number } | undefined)?.dataIndex)
    : 0;
  const day = days[index];
  if (!day) {
    return note;
  }
  note.style.fontVariantNumeric = "tabular-nums";
  const head = note.appendChild(document.createElement("div"));
  head.textContent = day.complete ? formatDayLong(day.date) : `${formatDayLong(day.date)}, so far`;
  head.style.cssText = "font-weight: 600; margin-bottom: 4px;";
  for (const each of [...series].reverse()) {
    const value = each.values[index] ?? 0;
    if (value !== 0) {
      note.appendChild(noteRow(each.label, valueText(value), seriesColor(each.id, scheme)));
    }
  }
  if (series.every((each) => !each.values[index])) {
    note.appendChild(document.createElement("div")).textContent = "Nothing on this day";
  }
  return note;
}

function noteRow(label: string, value: string, color: string): HTMLElement {
  const row = document.createElement("div");
  row.style.cssText = "display: flex; gap: 8px; align-items: center; line-height: 18px;";
  const swatch = row.appendChild(document.createElement("span"));
  swatch.style.cssText = `width: 8px; height: 8px; background: ${color};`;
  row.appendChild(document.createElement("span")).textContent = label;
  const figure = row.appendChild(document.createElement("span"));
  figure.textContent = value;
  figure.style.cssText = "margin-left: auto; padding-left: 16px;";
  return row;
}
