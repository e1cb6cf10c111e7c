/** A live list as React sees it. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { type LiveEntry, LiveFeed, type LiveSnapshot, type LiveSource } from "../api/live";
import { QUESTIONS } from "../api/questions";

/** How long an arrival stays marked. */
const MARKED_MS = 12_000;
/** What is new changes the figures as well; they are asked for at most this often. */
const FIGURES_REFRESH_MS = 5_000;

export interface LiveList<Item> extends LiveSnapshot<Item> {
  readonly held: boolean;
  readonly toggle: () => void;
  /** Whether the entry arrived a moment ago. */
  readonly isNew: (entry: LiveEntry<Item>) => boolean;
}

/** Follows the source for as long as the component lives. */
export function useLiveList<Item>(source: LiveSource<Item>): LiveList<Item> {
  const [snapshot, setSnapshot] = useState<LiveSnapshot<Item>>({
    state: "connecting",
    entries: null,
    error: null,
  });
  const [held, setHeld] = useState(false);
  const [now, setNow] = useState(0);
  const live = useRef<LiveFeed<Item> | null>(null);
  const newest = snapshot.entries?.find((entry) => entry.arrivedAt !== null)?.arrivedAt ?? null;

  useEffect(() => {
    const feed = new LiveFeed(source, setSnapshot);
    live.current = feed;
    feed.start();
    return () => feed.stop();
  }, [source]);

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

/** Asks for the page's figures a moment after something arrived. */
function useFiguresAfter(arrival: number | null): void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (arrival !== null && timer.current === undefined) {
      timer.current = setTimeout(() => {
        timer.current = undefined;
        void queries.invalidateQueries({ queryKey: QUESTIONS }, { cancelRefetch: false });
      }, FIGURES_REFRESH_MS);
    }
  }, [arrival, queries]);
  useEffect(() => () => clearTimeout(timer.current), []);
}
