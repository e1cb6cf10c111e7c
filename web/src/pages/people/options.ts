/** The People page's own part of the address: who is searched, how the list is sorted, and where it begins. */

import { useOptions } from "../../view/useView";
import type { RawSearch } from "../../view/view";

/** The orders of the list, by the column that shows them. */
export const ORDERS = ["name", "cost", "tokens", "sessions", "requests", "lines", "commits"] as const;
export type Order = (typeof ORDERS)[number];

export interface PeopleOptions {
  readonly q: string | undefined;
  readonly order: Order | undefined;
  readonly at: number | undefined;
}

export function usePeopleOptions() {
  return useOptions(optionsOf);
}

function optionsOf(raw: RawSearch): PeopleOptions {
  const at = Number(raw.at);
  return {
    q: typeof raw.q === "string" && raw.q !== "" ? raw.q : undefined,
    order: ORDERS.find((order) => order === raw.order),
    at: Number.isInteger(at) && at > 0 ? at : undefined,
  };
}
