/** Filters that a page brings along and the reader cannot lift: the page of one person, of one project. */

import { createContext, type ReactNode, use } from "react";
import type { FilterName } from "./view";

export type Fixed = { readonly [name in FilterName]?: readonly string[] };

const Context = createContext<Fixed>({});

export function FixedFilters({ fixed, children }: { readonly fixed: Fixed; readonly children: ReactNode }) {
  return <Context value={fixed}>{children}</Context>;
}

/** The filters that the page around brings along. */
export function useFixedFilters(): Fixed {
  return use(Context);
}
