/** The Sessions page's own part of the address: what is searched, how the list is sorted, and where it begins. */

import { useOptions } from "../../view/useView";
import type { RawSearch } from "../../view/view";

/** The orders of the list, by the column that shows them. */
export const ORDERS = ["newest", "cost", "requests", "prompts", "lines", "failures", "errors"] as const;
export type Order = (typeof ORDERS)[number];

export interface SessionOptions {
  readonly q: string | undefined;
  readonly order: Order | undefined;
  /** How many sessions come before the page. */
  readonly at: number | undefined;
}

export function useSessionOptions() {
  return useOptions(optionsOf);
}

export function optionsOf(raw: RawSearch): SessionOptions {
  const at = Number(raw.at);
  return {
    q: typeof raw.q === "string" && raw.q !== "" ? raw.q : undefined,
    order: ORDERS.find((order) => order === raw.order),
    at: Number.isInteger(at) && at > 0 ? at : undefined,
  };
}
