/** Durations, from milliseconds. */

/** A long duration to the minute: `3h 12m`, `48m`, `20s`, `0m`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds === 0) {
    return "0m";
  }
  if (seconds < 60) {
    return `${seconds}s`;
  }
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) {
    return `${minutes}m`;
  }
  return `${hours.toLocaleString("en-US")}h ${minutes % 60}m`;
}

/** How long one request took: `840 ms`, `4.2 s`, `1m 12s`. */
export function formatLatency(milliseconds: number): string {
  if (milliseconds < 1000) {
    return `${Math.round(milliseconds)}\u00a0ms`;
  }
  if (milliseconds < 59_950) {
    return `${(milliseconds / 1000).toFixed(1)}\u00a0s`;
  }
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
}

/** Every second that was counted: `3h 12m 4s`. */
export function exactDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const parts = [
    { value: Math.floor(seconds / 3600), unit: "h" },
    { value: Math.floor(seconds / 60) % 60, unit: "m" },
    { value: seconds % 60, unit: "s" },
  ];
  const first = parts.findIndex((part) => part.value > 0);
  return parts
    .slice(first === -1 ? 2 : first)
    .map((part) => `${part.value.toLocaleString("en-US")}${part.unit}`)
    .join(" ");
}
