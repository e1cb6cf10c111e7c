/** A change in a table: `+18 %` with what it was before on hover. */

import { amountChange } from "../format/change";

export interface ChangeTextProps {
  readonly now: number;
  readonly before: number;
  /** What it is compared with: `the 30 days before`. */
  readonly base: string;
  readonly exact: (value: number) => string;
}

export function ChangeText({ now, before, base, exact }: ChangeTextProps) {
  const { amount } = amountChange(now, before, base);
  return (
    <span title={`${exact(before)} in ${base}`} className="muted nowrap">
      {before === 0 ? (now === 0 ? "–" : "new") : amount}
    </span>
  );
}
