/** Lines over days, to scale and from zero, each named at its end. A day that still runs is not joined to the line. */

import { useCallback } from "react";
import { formatDay, formatDayLong } from "../format/dates";
import { Chart } from "./Chart";
import type { EChartsCoreOption } from "./echarts";
import { type Scheme, SURFACES } from "./palette";

export interface DayLine {
  readonly id: string;
  readonly label: string;
  /** A value a day; null where there is none to show. */
  readonly values: readonly (number | null)[];
  /** Told apart without colour. */
  readonly look: "solid" | "dashed" | "dotted";
  /** The line that the eye should find first. */
  readonly leads?: boolean;
}

export interface DayLinesProps {
  readonly days: readonly { readonly date: string; readonly complete: boolean }[];
  readonly lines: readonly DayLine[];
  readonly scheme: Scheme;
  readonly height: number;
  readonly valueText: (value: number) => string;
}

/** Room that a day's label, and a line's name at its end, need. */
const LABEL_PX = 56;
const NAME_PX = 84;

export default function DayLines({ days, lines, scheme, height, valueText }: DayLinesProps) {
  const options = useCallback(
    (width: number): EChartsCoreOption => {
      const surface = SURFACES[scheme];
      const text = { color: surface.muted, fontSize: 12, fontFamily: "inherit" };
      const every = Math.max(1, Math.ceil((days.length * LABEL_PX) / Math.max(width - 140, LABEL_PX)));
      return {
        animation: false,
        grid: { left: 40, right: NAME_PX, top: 12, bottom: 24 },
        xAxis: {
          type: "category",
          boundaryGap: false,
          data: days.map((day) => day.date),
          axisTick: { show: false },
          axisLine: { lineStyle: { color: surface.rule } },
          axisLabel: {
            ...text,
            interval: (index: number) => (days.length - 1 - index) % every === 0,
            formatter: (date: string) => formatDay(date),
          },
        },
        yAxis: {
          type: "value",
          min: 0,
          minInterval: 1,
          splitNumber: 4,
          axisLabel: { ...text, formatter: valueText },
          splitLine: { lineStyle: { color: surface.rule, width: 0.5 } },
        },
        tooltip: {
          trigger: "axis",
          confine: true,
          transitionDuration: 0,
          axisPointer: { type: "line", lineStyle: { color: surface.muted, type: "solid" } },
          backgroundColor: surface.panel,
          borderColor: surface.rule,
          borderWidth: 1,
          padding: 12,
          extraCssText: "box-shadow: 0 2px 8px rgb(0 0 0 / 12%); border-radius: 4px;",
          textStyle: { color: surface.text, fontSize: 12, fontFamily: "inherit" },
          formatter: (points: unknown) => dayNote(points, days, lines, valueText),
        },
        series: lines.map((line) => {
          const color = line.leads ? surface.accent : surface.muted;
          return {
            id: line.id,
            name: line.label,
            type: "line",
            data: line.values.map((value, index) => (days[index]?.complete === false ? "-" : value)),
            symbol: days.length === 1 ? "circle" : "none",
            lineStyle: { color, width: line.leads ? 2 : 1.5, type: line.look },
            itemStyle: { color },
            cursor: "default",
            emphasis: { disabled: true },
            endLabel: { show: true, formatter: line.label, ...text, color, distance: 6 },
            labelLayout: { moveOverlap: "shiftY" },
          };
        }),
      };
    },
    [days, lines, scheme, valueText],
  );
  return <Chart options={options} height={height} />;
}

/** The note at the pointer, made of nodes, never of markup. */
function dayNote(
  points: unknown,
  days: DayLinesProps["days"],
  lines: readonly DayLine[],
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
  for (const line of lines) {
    const row = note.appendChild(document.createElement("div"));
    row.style.cssText = "display: flex; line-height: 18px;";
    row.appendChild(document.createElement("span")).textContent = line.label;
    const figure = row.appendChild(document.createElement("span"));
    figure.textContent = valueText(line.values[index] ?? 0);
    figure.style.cssText = "margin-left: auto; padding-left: 16px;";
  }
  return note;
}
