/** The address as React sees it: what every page shows, and a page's own options. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { filtersOf, type RawSearch, searchOf, type View, viewOf } from "./view";

/** What the address says, and a function that puts something else there; back and forward undo and redo it. */
export function useView(): readonly [View, (next: View) => void] {
  const search: RawSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const view = useMemo(() => viewOf(search), [search]);
  const change = useCallback(
    (next: View) =>
      void navigate({
        to: ".",
        // A page's own options stay as they are.
        search: ((before: RawSearch) => ({ ...next, ...ownOf(before) })) as never,
        resetScroll: false,
      }),
    [navigate],
  );
  return [view, change];
}

/**
 * A page's own options in the address. `read` makes them of whatever stands there; options that are undefined
 * leave the address.
 */
export function useOptions<Options extends object>(
  read: (raw: RawSearch) => Options,
): readonly [Options, (change: Partial<Options>) => void] {
  const search: RawSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const options = useMemo(() => read(search), [read, search]);
  const change = useCallback(
    (changed: Partial<Options>) =>
      void navigate({
        to: ".",
        search: ((before: RawSearch) => ({ ...before, ...changed })) as never,
        resetScroll: false,
      }),
    [navigate],
  );
  return [options, change];
}

function ownOf(raw: RawSearch): RawSearch {
  const view = { ...viewOf(raw), ...filtersOf(raw) };
  return Object.fromEntries(Object.entries(searchOf(raw)).filter(([name]) => !(name in view)));
}
