/** What keys do wherever nothing is being typed. */

import { useMantineColorScheme } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { addDays, daysIn } from "../format/dates";
import { usePeriod } from "../view/period";
import { useView } from "../view/useView";
import { type RawSearch, viewOf, withRange } from "../view/view";
import { LISTED_PAGES } from "./pages";

/** How long the letter after `g` may take. */
const SEQUENCE_MS = 1_500;

/** What the modifier of commands is called here. */
export const COMMAND_KEY = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

export interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
}

/** All shortcuts, for the page that lists them. */
export const SHORTCUTS: readonly Shortcut[] = [
  { keys: [COMMAND_KEY, "K"], does: "Search pages, people, projects and commands" },
  { keys: ["d"], does: "Choose days" },
  { keys: ["f"], does: "Choose filters" },
  { keys: ["["], does: "The same number of days earlier" },
  { keys: ["]"], does: "The same number of days later" },
  { keys: ["t"], does: "Switch between light and dark" },
  ...LISTED_PAGES.map(({ listed }) => ({ keys: ["g", listed.key], does: `Go to ${listed.name}` })),
  { keys: ["?"], does: "Show this list" },
];

export interface Dialogs {
  readonly palette: () => void;
  readonly help: () => void;
}

/** Listens for the shortcuts. */
export function useShortcuts({ palette, help }: Dialogs): void {
  const actions = useActions();
  // Every render makes new actions; the listener stays.
  const current = useRef({ ...actions, "?": help, palette });
  useEffect(() => {
    current.current = { ...actions, "?": help, palette };
  });
  useEffect(() => {
    let went: number | null = null;
    function onKey(event: KeyboardEvent) {
      const isCommand = (event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey;
      if (isCommand && event.key.toLowerCase() === "k") {
        event.preventDefault();
        current.current.palette();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented || isBusy(event.target)) {
        return;
      }
      const follows = went !== null && event.timeStamp - went < SEQUENCE_MS;
      went = event.key === "g" && !follows ? event.timeStamp : null;
      const action = (current.current as Record<string, (() => void) | undefined>)[
        follows ? `g ${event.key}` : event.key
      ];
      if (action) {
        event.preventDefault();
        action();
      }
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

/** Somewhere keys mean something of their own: a field, a menu, a dialog. */
function isBusy(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest(
      "input, select, textarea, [contenteditable], [role=dialog], [role=menu], [role=listbox]",
    ) !== null
  );
}

/** The actions by what is pressed; two keys in a row are separated by a space. */
function useActions(): Record<string, () => void> {
  const [view, change] = useView();
  const { range, today } = usePeriod();
  const navigate = useNavigate();
  const { toggleColorScheme } = useMantineColorScheme();
  const move = (direction: -1 | 1) => {
    const days = daysIn(range) * direction;
    const moved = { start: addDays(range.start, days), end: addDays(range.end, days) };
    if (moved.start <= today) {
      change(withRange(view, moved));
    }
  };
  const pages = LISTED_PAGES.map(
    ({ path, listed }) =>
      [
        `g ${listed.key}`,
        () => void navigate({ to: path, search: ((before: RawSearch) => viewOf(before)) as never }),
      ] as const,
  );
  return {
    "[": () => move(-1),
    "]": () => move(1),
    d: () => press("choose-days"),
    f: () => press("choose-filters"),
    t: toggleColorScheme,
    ...Object.fromEntries(pages),
  };
}

/** Uses a control of the page's head as if it had been pressed; not every page has it. */
function press(id: string): void {
  document.getElementById(id)?.click();
}
