/** The viewer key of this tab, and whether the server asked for one. */

import { useSyncExternalStore } from "react";

const STORAGE_KEY = "pitwall-viewer-key";

interface KeyState {
  readonly key: string | null;
  /** The server answered 401: nothing can be shown until there is a key that it accepts. */
  readonly needed: boolean;
}

let state: KeyState = { key: stored(), needed: false };
const listeners = new Set<() => void>();

/** The key to send, if there is one. */
export function viewerKey(): string | null {
  return state.key;
}

/** Remembers an accepted key for as long as the tab lives. */
export function acceptKey(key: string): void {
  try {
    window.sessionStorage.setItem(STORAGE_KEY, key);
  } catch {
    // Storage can be forbidden; the key then lives until the page is reloaded.
  }
  set({ key, needed: false });
}

/** The server refused: forget the key and ask for another. */
export function askForKey(): void {
  if (state.needed) {
    return;
  }
  try {
    window.sessionStorage.removeItem(STORAGE_KEY);
  } catch {
    // Nothing was stored then.
  }
  set({ key: null, needed: true });
}

/** Follows whether a key is needed. */
export function useKeyNeeded(): boolean {
  return useSyncExternalStore(subscribe, () => state.needed);
}

function set(next: KeyState): void {
  state = next;
  for (const listener of listeners) {
    listener();
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function stored(): string | null {
  try {
    return window.sessionStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}
