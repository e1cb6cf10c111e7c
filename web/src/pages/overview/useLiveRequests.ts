/** The live list as React sees it. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { type LiveRequest, LiveRequests, type LiveSnapshot } from "../../api/live";

/** How long an arrival stays marked. */
const MARKED_MS = 12_000;
/** New requests change the figures as well; they are asked for at most this often. */
const FIGURES_REFRESH_MS = 5_000;

export interface LiveList extends LiveSnapshot {
  readonly held: boolean;
  readonly toggle: () => void;
  /** Whether the request arrived a moment ago. */
  readonly isNew: (entry: LiveRequest) => boolean;
}

export function useLiveRequests(): LiveList {
  const [snapshot, setSnapshot] = useState<LiveSnapshot>({
    state: "connecting",
    requests: null,
    error: null,
  });
  const [held, setHeld] = useState(false);
  const [now, setNow] = useState(0);
  const live = useRef<LiveRequests | null>(null);
  const newest = snapshot.requests?.find((entry) => entry.arrivedAt !== null)?.arrivedAt ?? null;

  useEffect(() => {
    const requests = new LiveRequests(setSnapshot);
    live.current = requests;
    requests.start();
    return () => requests.stop();
  }, []);

  useEffect(() => live.current?.hold(held), [held]);

  // One timer per arrival, to take its mark away again.
  useEffect(() => {
    if (newest === null) {
      return;
    }
    const timer = setTimeout(() => setNow(Date.now()), MARKED_MS + 50);
    return () => clearTimeout(timer);
  }, [newest]);

  useFiguresAfter(newest);

  return {
    ...snapshot,
    held,
    toggle: () => setHeld((before) => !before),
    isNew: (entry) => entry.arrivedAt !== null && Math.max(now, newest ?? 0) - entry.arrivedAt < MARKED_MS,
  };
}

/** Asks for the page's figures a moment after requests arrived. */
function useFiguresAfter(arrival: number | null): void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (arrival !== null && timer.current === undefined) {
      timer.current = setTimeout(() => {
        timer.current = undefined;
        void queries.invalidateQueries({ queryKey: ["overview"] }, { cancelRefetch: false });
      }, FIGURES_REFRESH_MS);
    }
  }, [arrival, queries]);
  useEffect(() => () => clearTimeout(timer.current), []);
}
