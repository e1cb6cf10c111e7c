/** Counts, tokens and shares. */

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const UNITS = [
  { from: 1e12, suffix: "T" },
  { from: 1e9, suffix: "B" },
  { from: 1e6, suffix: "M" },
  { from: 1e3, suffix: "k" },
] as const;

/** A no-break space between a figure and its unit. */
export const NBSP = "\u00a0";

/** `12,345`. */
export function formatCount(value: number): string {
  return grouped.format(value);
}

/** Exact up to five digits, in short above: `12,345`, `193k`. For figures that stand two in a place for one. */
export function formatBrief(value: number): string {
  return value < 100_000 ? grouped.format(value) : formatTokens(value);
}

/** Tokens in short: `812`, `12.3k`, `812k`, `1.2M`, `3.4B`. */
export function formatTokens(tokens: number): string {
  for (const [index, unit] of UNITS.entries()) {
    if (tokens >= unit.from) {
      const scaled = tokens / unit.from;
      const text = scaled < 99.95 ? scaled.toFixed(1).replace(/\.0$/, "") : scaled.toFixed(0);
      const larger = UNITS[index - 1];
      // 999,950 and more would read "1000k".
      return text === "1000" && larger ? `1${larger.suffix}` : `${text}${unit.suffix}`;
    }
  }
  return grouped.format(tokens);
}

/** The exact count with its unit: `1,234,567 tokens`. */
export function exactTokens(tokens: number): string {
  return `${grouped.format(tokens)} ${tokens === 1 ? "token" : "tokens"}`;
}

/** `3 sessions`, `1 session`. */
export function formatUnit(value: number, one: string, many = `${one}s`): string {
  return `${grouped.format(value)} ${value === 1 ? one : many}`;
}

/** A share between 0 and 1 as percent, one decimal where a whole number would hide the difference. */
export function formatShare(share: number): string {
  const percent = share * 100;
  const fine = (percent > 0 && percent < 9.95) || (percent > 99 && percent < 100);
  let text = fine ? percent.toFixed(1) : percent.toFixed(0);
  if (text === "0.0") {
    text = "<0.1";
  } else if (text === "100.0") {
    text = ">99.9";
  }
  return `${text.replace(/^(\d+)\.0$/, "$1")}${NBSP}%`;
}
