/** The Overview's own part of the address: how its chart is read. */

import { useOptions } from "../../view/useView";
import type { RawSearch } from "../../view/view";

export interface OverviewOptions {
  /** What the bars add up; cost unless it says otherwise. */
  readonly by: "tokens" | undefined;
  /** The chart's figures as a table. */
  readonly view: "table" | undefined;
}

export function useOverviewOptions() {
  return useOptions(optionsOf);
}

function optionsOf(raw: RawSearch): OverviewOptions {
  return {
    by: raw.by === "tokens" ? "tokens" : undefined,
    view: raw.view === "table" ? "table" : undefined,
  };
}
