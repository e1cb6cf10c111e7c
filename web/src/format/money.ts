/** Money, from integer micro-dollars. */

const MICROS_PER_CENT = 10_000;
const MICROS_PER_DOLLAR = 1_000_000;
const MINUS = "\u2212";

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const cents = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** To the cent under $1,000, whole dollars above; what rounds to nothing but is not nothing is "<$0.01". */
export function formatMoney(micros: number): string {
  const size = Math.abs(micros);
  const sign = micros < 0 ? MINUS : "";
  if (size > 0 && size < MICROS_PER_CENT / 2) {
    return `${sign}<$0.01`;
  }
  const roundedCents = Math.round(size / MICROS_PER_CENT);
  if (roundedCents < 100_000) {
    return `${sign}$${cents.format(roundedCents / 100)}`;
  }
  return `${sign}$${grouped.format(Math.round(size / MICROS_PER_DOLLAR))}`;
}

/** Every digit that was counted, at least to the cent: `$1,234.5678`. */
export function exactMoney(micros: number): string {
  const size = Math.abs(micros);
  const dollars = Math.floor(size / MICROS_PER_DOLLAR);
  const rest = String(size % MICROS_PER_DOLLAR).padStart(6, "0");
  const digits = rest.replace(/0+$/, "").padEnd(2, "0");
  return `${micros < 0 ? MINUS : ""}$${grouped.format(dollars)}.${digits}`;
}

/** A label of a money axis, short: `$0`, `$0.50`, `$200`, `$1.5k`. */
export function axisMoney(micros: number): string {
  const dollars = micros / MICROS_PER_DOLLAR;
  if (dollars >= 1_000_000) {
    return `$${trimmed(dollars / 1_000_000)}M`;
  }
  if (dollars >= 10_000) {
    return `$${trimmed(dollars / 1_000)}k`;
  }
  if (dollars >= 1_000) {
    return `$${grouped.format(dollars)}`;
  }
  return Number.isInteger(dollars) ? `$${dollars}` : `$${dollars.toFixed(dollars < 0.1 ? 3 : 2)}`;
}

function trimmed(value: number): string {
  return value.toFixed(1).replace(/\.0$/, "");
}

/** A change of money, with its sign: `+$12.34`, `−$3.00`, `±$0.00`. */
export function signedMoney(micros: number): string {
  if (micros === 0) {
    return "±$0.00";
  }
  return micros > 0 ? `+${formatMoney(micros)}` : formatMoney(micros);
}
