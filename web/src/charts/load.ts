/** The way to the charts, which are fetched when a panel that has one appears: while its figures are on the way. */

/** Fetches them, once. */
export function loadDaysChart() {
  return import("./DaysChart");
}
