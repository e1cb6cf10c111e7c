/** Which people, teams, projects, models, terminals and sources. */

import { TextInput } from "@mantine/core";
import { useState } from "react";
import { Dialog } from "../parts/Dialog";
import classes from "./FilterMenu.module.css";
import type { FilterValues } from "./names";
import { FILTER_NAMES, valueName, valuesOf } from "./names";
import { useQuestion } from "./useQuestion";
import { useView } from "./useView";
import { FILTERS, type FilterName, withFilter } from "./view";

/** More are found by typing. */
const MOST_SHOWN = 100;

export interface FilterMenuProps {
  /** The filter that is open at first. */
  readonly first: FilterName | null;
  readonly onClose: () => void;
}

export default function FilterMenu({ first, onClose }: FilterMenuProps) {
  const [view, change] = useView();
  const [open, setOpen] = useState<FilterName>(first ?? "person");
  const { data, error } = useQuestion("/api/v1/filters");
  return (
    <Dialog onClose={onClose} title="Show only" size="lg">
      <div className={classes.menu}>
        <div className={classes.names} role="tablist" aria-label="Filters" aria-orientation="vertical">
          {FILTERS.map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              aria-selected={open === name}
              onClick={() => setOpen(name)}
            >
              {FILTER_NAMES[name].many}
              {view[name] && <span className={classes.count}>{view[name].length}</span>}
            </button>
          ))}
        </div>
        <div className={classes.values} role="tabpanel" aria-label={FILTER_NAMES[open].many}>
          <Values
            key={open}
            name={open}
            values={data}
            whileNone={error ? error.message : "Loading"}
            chosen={view[open] ?? []}
            onChange={(chosen) => change(withFilter(view, open, chosen))}
          />
        </div>
      </div>
    </Dialog>
  );
}

interface ValuesProps {
  readonly name: FilterName;
  /** Undefined until they are known. */
  readonly values: FilterValues | undefined;
  /** What stands in their place. */
  readonly whileNone: string;
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

function Values({ name, values, whileNone, chosen, onChange }: ValuesProps) {
  const [text, setText] = useState("");
  const words = FILTER_NAMES[name].many.toLowerCase();
  const listed = values ? valuesOf(name, values) : [];
  // What is chosen stays to be unchosen, also where the range has nothing of it.
  const all = [...new Set([...chosen, ...listed])];
  const found = all.filter((value) =>
    `${valueName(name, value)} ${value}`.toLowerCase().includes(text.trim().toLowerCase()),
  );
  const shown = found.slice(0, MOST_SHOWN);
  return (
    <>
      <TextInput
        size="xs"
        aria-label={`Find ${words}`}
        placeholder={`Find ${words}`}
        data-autofocus
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <ul className={classes.list}>
        {shown.map((value) => (
          <li key={value}>
            <label title={value}>
              <input
                type="checkbox"
                checked={chosen.includes(value)}
                onChange={(event) =>
                  onChange(
                    event.currentTarget.checked
                      ? [...chosen, value]
                      : chosen.filter((each) => each !== value),
                  )
                }
              />
              <span>{valueName(name, value)}</span>
            </label>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="muted">{values ? nothingFound(words, text) : whileNone}</p>}
      {found.length > shown.length && (
        <p className="muted">
          {(found.length - shown.length).toLocaleString("en-US")} more: type to find them.
        </p>
      )}
    </>
  );
}

function nothingFound(words: string, text: string): string {
  return text === "" ? `No ${words} in these days.` : "None of that name.";
}
