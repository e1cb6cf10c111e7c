/** Lines over days, to scale and from zero, each named at its end. A day that still runs is not joined to the line. */

import { useCallback } from "react";
import { Chart } from "./Chart";
import { type ChartDay, dayAxis, dayTooltip, noteRow, textOf, valueAxis } from "./days";
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
  readonly days: readonly ChartDay[];
  readonly lines: readonly DayLine[];
  readonly scheme: Scheme;
  readonly height: number;
  readonly valueText: (value: number) => string;
}

/** Room that a line's name at its end needs. */
const NAME_PX = 84;

export default function DayLines({ days, lines, scheme, height, valueText }: DayLinesProps) {
  const options = useCallback(
    (width: number): EChartsCoreOption => {
      const surface = SURFACES[scheme];
      return {
        animation: false,
        grid: { left: 40, right: NAME_PX, top: 12, bottom: 24 },
        xAxis: { ...dayAxis(days, scheme, width - 140), boundaryGap: false },
        yAxis: { ...valueAxis(scheme, valueText), minInterval: 1 },
        tooltip: {
          ...dayTooltip(days, scheme, (note, index) => {
            for (const line of lines) {
              note.appendChild(noteRow(line.label, valueText(line.values[index] ?? 0)));
            }
          }),
          axisPointer: { type: "line", lineStyle: { color: surface.muted, type: "solid" } },
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
            endLabel: { show: true, formatter: line.label, ...textOf(scheme), color, distance: 6 },
            labelLayout: { moveOverlap: "shiftY" },
          };
        }),
      };
    },
    [days, lines, scheme, valueText],
  );
  return <Chart options={options} height={height} />;
}
