/** The Overview's part of the address, and how to change it. */

import { getRouteApi } from "@tanstack/react-router";
import { useCallback } from "react";
import type { OverviewSearch } from "../../app/search";

const route = getRouteApi("/");

/** What the address says, and a function that puts something else there; back and forward undo and redo it. */
export function useOverviewSearch(): readonly [OverviewSearch, (next: OverviewSearch) => void] {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (next: OverviewSearch) => void navigate({ search: next, resetScroll: false }),
    [navigate],
  );
  return [search, change];
}
