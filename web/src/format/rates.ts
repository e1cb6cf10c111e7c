/** Averages and latencies, as the API hands them over. */

import { formatLatency } from "./durations";

/** A latency, or a dash where nothing was told. */
export function latencyText(milliseconds: number | null): string {
  return milliseconds === null ? "–" : formatLatency(milliseconds);
}

/** Thousandths as a decimal number: `0.67`, `12`. */
export function formatMilli(thousandths: number | null): string {
  if (thousandths === null) {
    return "–";
  }
  const value = thousandths / 1_000;
  return value >= 10
    ? Math.round(value).toLocaleString("en-US")
    : value.toFixed(2).replace(/\.?0+$/, "") || "0";
}

/** A label of an axis of latencies: `0`, `500 ms`, `12 s`, `2 min`. */
export function axisLatency(milliseconds: number): string {
  if (milliseconds === 0) {
    return "0";
  }
  if (milliseconds < 1_000) {
    return `${milliseconds} ms`;
  }
  if (milliseconds < 120_000) {
    return `${Number((milliseconds / 1_000).toFixed(1))} s`;
  }
  return `${Number((milliseconds / 60_000).toFixed(1))} min`;
}

/** A label of an axis of long durations: `0`, `30m`, `12h`. */
export function axisDuration(milliseconds: number): string {
  const hours = milliseconds / 3_600_000;
  if (hours === 0) {
    return "0";
  }
  return hours < 1 ? `${Math.round(hours * 60)}m` : `${Number(hours.toFixed(1)).toLocaleString("en-US")}h`;
}
