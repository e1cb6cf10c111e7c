/** How a figure changed against the period before, always together with what it is compared with. */

import { NBSP } from "./counts";

const MINUS = "\u2212";
const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** A change in words: how much, and on what. */
export interface Change {
  /** `+18 %`, `±0 %`, `none`. */
  readonly amount: string;
  /** `on the 30 days before`, `in the 30 days before`. */
  readonly base: string;
}

/** Change of an amount, in percent of the amount before; from nothing there is no percentage. */
export function amountChange(now: number, before: number, periodBefore: string): Change {
  if (before === 0) {
    return { amount: "none", base: `in ${periodBefore}` };
  }
  const percent = ((now - before) / Math.abs(before)) * 100;
  const rounded = Math.round(Math.abs(percent));
  if (now === before) {
    return { amount: `±0${NBSP}%`, base: `on ${periodBefore}` };
  }
  const sign = percent > 0 ? "+" : MINUS;
  const size = rounded === 0 ? "<1" : grouped.format(rounded);
  return { amount: `${sign}${size}${NBSP}%`, base: `on ${periodBefore}` };
}

/** Change of a rate between 0 and 1, in percentage points. */
export function rateChange(now: number | null, before: number | null, periodBefore: string): Change {
  if (now === null || before === null) {
    return { amount: "none", base: `in ${periodBefore}` };
  }
  const points = Math.round((now - before) * 1000) / 10;
  if (points === 0) {
    return { amount: `±0${NBSP}points`, base: `on ${periodBefore}` };
  }
  const size = Math.abs(points).toFixed(1).replace(/\.0$/, "");
  const unit = size === "1" ? "point" : "points";
  return { amount: `${points > 0 ? "+" : MINUS}${size}${NBSP}${unit}`, base: `on ${periodBefore}` };
}
