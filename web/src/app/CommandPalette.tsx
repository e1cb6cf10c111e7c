/** One field that finds pages, ranges, people, teams, projects, models and commands. */

import { useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { questionQuery } from "../api/questions";
import { Dialog } from "../parts/Dialog";
import { FILTER_NAMES, PRESET_NAMES, valueName, valuesOf } from "../view/names";
import { useScope } from "../view/useQuestion";
import { useView } from "../view/useView";
import { PRESETS, type RawSearch, viewOf, withFilter, withoutFilters, withRange } from "../view/view";
import classes from "./CommandPalette.module.css";
import { LISTED_PAGES } from "./pages";

/** More would not be read. */
const MOST_FOUND = 12;

interface Command {
  readonly id: string;
  /** What it is, such as `Page` or `Team`. */
  readonly kind: string;
  readonly name: string;
  readonly run: () => void;
}

export interface CommandPaletteProps {
  readonly onClose: () => void;
  readonly onHelp: () => void;
}

export default function CommandPalette({ onClose, onHelp }: CommandPaletteProps) {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const list = useId();
  const commands = useCommands(onHelp);
  const found = useMemo(() => search(commands, text), [commands, text]);
  const active = Math.min(chosen, Math.max(found.length - 1, 0));
  const shown = useRef<HTMLDivElement>(null);

  useEffect(() => {
    shown.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);

  function run(command: Command | undefined) {
    if (command) {
      onClose();
      command.run();
    }
  }

  function onKey(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setChosen((active + step + found.length) % Math.max(found.length, 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(found[active]);
    }
  }

  return (
    <Dialog
      onClose={onClose}
      withCloseButton={false}
      attributes={{ content: { "aria-label": "Search and commands" } }}
      padding={0}
      yOffset="12vh"
    >
      <input
        className={classes.field}
        data-autofocus
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={found[active] ? `${list}-${active}` : undefined}
        aria-label="Search pages, people, projects and commands"
        placeholder="Search pages, people, projects, commands"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKey}
      />
      <div id={list} ref={shown} role="listbox" aria-label="Found" className={classes.list}>
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the field, which has the focus
          <div
            key={command.id}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            className={classes.option}
            onClick={() => run(command)}
            onMouseMove={() => setChosen(index)}
          >
            <span className={classes.name}>{command.name}</span>
            <span className={classes.kind}>{command.kind}</span>
          </div>
        ))}
      </div>
      {found.length === 0 && <p className={classes.none}>Nothing is called that.</p>}
    </Dialog>
  );
}

function useCommands(onHelp: () => void): readonly Command[] {
  const [view, change] = useView();
  const navigate = useNavigate();
  const { toggleColorScheme } = useMantineColorScheme();
  const { data: values } = useQuery(questionQuery("/api/v1/filters", useScope(), {}));
  return useMemo(() => {
    const pages = LISTED_PAGES.map(({ path, listed }) => ({
      id: `page ${path}`,
      kind: "Page",
      name: listed.name,
      run: () => void navigate({ to: path, search: ((before: RawSearch) => viewOf(before)) as never }),
    }));
    const ranges = PRESETS.map((preset) => ({
      id: `range ${preset}`,
      kind: "Range",
      name: PRESET_NAMES[preset],
      run: () => change(withRange(view, preset)),
    }));
    const actions: Command[] = [
      {
        id: "no filters",
        kind: "Command",
        name: "Remove all filters",
        run: () => change(withoutFilters(view)),
      },
      { id: "scheme", kind: "Command", name: "Switch between light and dark", run: toggleColorScheme },
      { id: "print", kind: "Command", name: "Print this page", run: () => setTimeout(() => window.print()) },
      {
        id: "link",
        kind: "Command",
        name: "Copy a link to this view",
        run: () => void navigator.clipboard.writeText(window.location.href),
      },
      { id: "help", kind: "Command", name: "Keyboard shortcuts", run: onHelp },
    ];
    const filters = (["person", "team", "project", "model"] as const).flatMap((name) =>
      (values ? valuesOf(name, values) : []).map((value) => ({
        id: `${name} ${value}`,
        kind: FILTER_NAMES[name].one,
        name: valueName(name, value),
        run: () => change(withFilter(view, name, [value])),
      })),
    );
    return [...pages, ...ranges, ...actions, ...filters];
  }, [view, change, navigate, toggleColorScheme, values, onHelp]);
}

/** Every word has to occur; names that begin with the text come first. */
function search(commands: readonly Command[], text: string): readonly Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = commands.filter(({ name, kind }) => {
    const both = `${name} ${kind}`.toLowerCase();
    return words.every((word) => both.includes(word));
  });
  const begins = (command: Command) => command.name.toLowerCase().startsWith(words[0] ?? "");
  return [...matching.filter(begins), ...matching.filter((command) => !begins(command))].slice(0, MOST_FOUND);
}
