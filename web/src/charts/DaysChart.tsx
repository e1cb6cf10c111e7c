/** Values by day, to scale: stacked bars from zero, or lines with a band. A day that still runs is hatched. */

import { useCallback } from "react";
import { Chart } from "./Chart";
import { type ChartDay, dayAxis, dayTooltip, noteRow, valueAxis } from "./days";
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
  readonly days: readonly ChartDay[];
  /** Bottom of the stack first. */
  readonly series: readonly ChartSeries[];
  readonly scheme: Scheme;
  readonly height: number;
  /** Text of a value on the axis, and in the note that follows the pointer. */
  readonly axisText: (value: number) => string;
  readonly valueText: (value: number) => string;
}

export default function DaysChart({ days, series, scheme, height, axisText, valueText }: DaysChartProps) {
  const options = useCallback(
    (width: number): EChartsCoreOption => {
      const surface = SURFACES[scheme];
      return {
        animation: false,
        grid: { left: 48, right: 20, top: 8, bottom: 24 },
        xAxis: dayAxis(days, scheme, width - 56),
        yAxis: valueAxis(scheme, axisText),
        tooltip: {
          ...dayTooltip(days, scheme, (note, index) => fillNote(note, index, series, valueText)),
          axisPointer: {
            type: series.every((each) => each.line) ? "line" : "shadow",
            shadowStyle: { color: surface.text, opacity: 0.05 },
            lineStyle: { color: surface.muted, width: 1 },
          },
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

function barOf(series: ChartSeries, days: readonly ChartDay[], ground: string, border: number) {
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

/** What there was on a day, from the top of the stack. */
function fillNote(
  note: HTMLElement,
  index: number,
  series: readonly ChartSeries[],
  valueText: (value: number) => string,
): void {
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
}
