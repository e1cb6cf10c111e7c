/** Figures in short, with the exact value on hover. The short text alone is always enough to read the page. */

import { exactTokens, formatTokens } from "../format/counts";
import { exactDuration, formatDuration } from "../format/durations";
import { exactMoney, formatMoney } from "../format/money";

/** Micro-dollars. */
export function Money({ micros }: { readonly micros: number }) {
  return <span title={exactMoney(micros)}>{formatMoney(micros)}</span>;
}

export function TokenCount({ tokens }: { readonly tokens: number }) {
  return <span title={exactTokens(tokens)}>{formatTokens(tokens)}</span>;
}

/** Milliseconds. */
export function Duration({ milliseconds }: { readonly milliseconds: number }) {
  return <span title={exactDuration(milliseconds)}>{formatDuration(milliseconds)}</span>;
}
