/** How a live list stands, and the button that holds it. */

import { Button } from "@mantine/core";
import type { LiveState } from "../api/live";
import type { PanelState } from "../parts/Panel";
import classes from "./LiveControls.module.css";
import type { LiveList } from "./useLiveList";

const STATES: Record<LiveState, string> = {
  connecting: "Connecting",
  live: "Live",
  paused: "Paused",
  retrying: "Connection lost, trying again",
};

export function LiveControls<Item>({ live }: { readonly live: LiveList<Item> }) {
  const { state, held } = live;
  return (
    <>
      <span
        className={classes.state}
        data-state={held ? "paused" : state}
        role="status"
        aria-label="Live list"
      >
        {held ? STATES.paused : STATES[state]}
      </span>
      <Button variant="default" size="compact-sm" onClick={live.toggle}>
        {held ? "Resume" : "Pause"}
      </Button>
    </>
  );
}

/** How the list's panel stands. */
export function liveState<Item>(live: LiveList<Item>, whenEmpty: string): PanelState {
  if (live.entries === null) {
    return live.error === null
      ? { kind: "loading" }
      : { kind: "error", message: `${live.error} Trying again by itself.`, retry: live.toggle };
  }
  return live.entries.length === 0 ? { kind: "empty", message: whenEmpty } : { kind: "ready", stale: false };
}
