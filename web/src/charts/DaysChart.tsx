/** Values by day, to scale: stacked bars from zero, or lines with a band. A day that still runs is hatched. */

import { useCallback } from "react";
import { formatDay, formatDayLong } from "../format/dates";
import { Chart } from "./Chart";
import type { EChartsCoreOption } from "./echarts";
import { type Scheme, SURFACES } from "./palette";

export interface ChartSeries {
  readonly id: string;
  readonly label: string;
  readonly color: string;
  /** One value per day, in the days' order; null where nothing is known, which is a gap. */
  readonly values: readonly (number | null)[];
  /** A line instead of a bar. */
  readonly line?: boolean;
  /** Told apart without colour: hatched bars, dashed lines. */
  readonly broken?: boolean;
  /** The range around a line that it may as well have been. */
  readonly band?: { readonly low: readonly (number | null)[]; readonly high: readonly (number | null)[] };
}

export interface DaysChartProps {
  readonly days: readonly { readonly date: string; readonly complete: boolean }[];
  /** Bottom of the stack first. */
  readonly series: readonly ChartSeries[];
  readonly scheme: Scheme;
  readonly height: number;
  /** Text of a value on the axis, and in the note that follows the pointer. */
  readonly axisText: (value: number) => string;
  readonly valueText: (value: number) => string;
}

/** Room that a day's label needs. */
const LABEL_PX = 56;

export default function DaysChart({ days, series, scheme, height, axisText, valueText }: DaysChartProps) {
  const options = useCallback(
    (width: number): EChartsCoreOption => {
      const surface = SURFACES[scheme];
      const text = { color: surface.muted, fontSize: 12, fontFamily: "inherit" };
      const every = Math.max(1, Math.ceil((days.length * LABEL_PX) / Math.max(width - 56, LABEL_PX)));
      return {
        animation: false,
        grid: { left: 48, right: 20, top: 8, bottom: 24 },
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
          axisPointer: {
            type: series.every((each) => each.line) ? "line" : "shadow",
            shadowStyle: { color: surface.text, opacity: 0.05 },
            lineStyle: { color: surface.muted, width: 1 },
          },
          backgroundColor: surface.panel,
          borderColor: surface.rule,
          borderWidth: 1,
          padding: 12,
          extraCssText: "box-shadow: 0 2px 8px rgb(0 0 0 / 12%); border-radius: 4px;",
          textStyle: { color: surface.text, fontSize: 12, fontFamily: "inherit" },
          formatter: (points: unknown) => dayNote(points, days, series, valueText),
        },
        series: series.flatMap<unknown>((each) =>
          each.line ? lineOf(each) : [barOf(each, days, surface.panel, days.length > 45 ? 0 : 0.5)],
        ),
      };
    },
    [days, series, scheme, axisText, valueText],
  );
  return <Chart options={options} height={height} />;
}

function barOf(series: ChartSeries, days: DaysChartProps["days"], ground: string, border: number) {
  const own = series.broken ? { decal: hatch(ground, 2.4) } : {};
  return {
    id: series.id,
    name: series.label,
    type: "bar",
    stack: "all",
    barMaxWidth: 40,
    barCategoryGap: "24%",
    cursor: "default",
    emphasis: { disabled: true },
    itemStyle: { color: series.color, borderColor: ground, borderWidth: border, ...own },
    data: series.values.map((value, index) =>
      days[index]?.complete === false
        ? { value, itemStyle: { decal: hatch(ground, 4.8), borderWidth: 0 } }
        : value,
    ),
  };
}

/** The line, and its band as two areas of which only the upper one is seen. */
function lineOf(series: ChartSeries) {
  const line = {
    id: series.id,
    name: series.label,
    type: "line",
    symbol: series.values.filter((value) => value !== null).length === 1 ? "circle" : "none",
    symbolSize: 6,
    connectNulls: false,
    cursor: "default",
    emphasis: { disabled: true },
    lineStyle: { color: series.color, width: 2, type: series.broken ? [6, 4] : "solid" },
    itemStyle: { color: series.color },
    data: series.values,
  };
  const { band } = series;
  if (!band) {
    return [line];
  }
  const edge = {
    type: "line",
    stack: `band of ${series.id}`,
    stackStrategy: "all",
    symbol: "none",
    silent: true,
    lineStyle: { width: 0 },
    emphasis: { disabled: true },
  };
  const heights = band.high.map((high, index) => (high === null ? null : high - (band.low[index] ?? 0)));
  return [
    { ...edge, id: `${series.id} low`, data: band.low },
    {
      ...edge,
      id: `${series.id} high`,
      data: heights,
      areaStyle: { color: series.color, opacity: 0.16 },
    },
    line,
  ];
}

function hatch(color: string, gap: number) {
  return { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [1.2, gap], rotation: Math.PI / 4, color };
}

/** The note at the pointer. Made of nodes, never of markup: names come from outside. */
function dayNote(
  points: unknown,
  days: DaysChartProps["days"],
  series: readonly ChartSeries[],
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
  const told = [...series].reverse().filter((each) => each.values[index]);
  for (const each of told) {
    note.appendChild(noteRow(each.label, valueText(each.values[index] ?? 0), each.color));
    const [low, high] = [each.band?.low[index], each.band?.high[index]];
    if (low != null && high != null && low !== high) {
      note.appendChild(noteRow("likely", `${valueText(low)} to ${valueText(high)}`, "transparent"));
    }
  }
  if (told.length === 0) {
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
