/** The name of a project, person, team, model and so on, where a row is about one. */

import { useNavigate } from "@tanstack/react-router";
import { NOT_TOLD, valueName } from "../view/names";
import { useView } from "../view/useView";
import { FILTERS, type FilterName, type RawSearch, viewOf, withFilter } from "../view/view";
import { ModelLabel } from "./ModelLabel";
import classes from "./PartName.module.css";

/** What rows can be about; those that are filters as well can be narrowed to. */
export type PartOf = FilterName | "query_source" | "agent" | "skill" | "mcp_server" | "effort" | "language";

/** What stands for nothing told: for some parts there simply is none. */
const NONE: Partial<Record<PartOf, string>> = {
  agent: "No subagent",
  skill: "No skill",
  mcp_server: "No MCP server",
  query_source: "Source not told",
  effort: "Effort not told",
  language: "Language not known",
};

/** The name as text. */
export function partName(by: PartOf, value: string): string {
  const filter = FILTERS.find((name) => name === by);
  if (filter) {
    return valueName(filter, value);
  }
  return value === NOT_TOLD ? (NONE[by] ?? value) : value;
}

/** The name; pressing it narrows the page to it, where that can be filtered by. */
export interface PartNameProps {
  readonly by: PartOf;
  readonly value: string;
  /** What the value is called here, where the name alone would not tell it apart. */
  readonly label?: string;
}

export function PartName({ by, value, label: shown = partName(by, value) }: PartNameProps) {
  const [view] = useView();
  const navigate = useNavigate();
  const filter = FILTERS.find((name) => name === by);
  const label = by === "model" ? <ModelLabel id={value} /> : <span title={value}>{shown}</span>;
  if (!filter || (view[filter]?.length === 1 && view[filter][0] === value)) {
    return label;
  }
  return (
    <button
      type="button"
      className={classes.name}
      title={`Show only ${partName(by, value)}`}
      onClick={() =>
        void navigate({
          to: ".",
          search: ((before: RawSearch) => ({
            ...before,
            ...withFilter(viewOf(before), filter, [value]),
          })) as never,
          resetScroll: false,
        })
      }
    >
      {label}
    </button>
  );
}
