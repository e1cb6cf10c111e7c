/**
 * The newest of something, live. The stream is read with fetch, so that the viewer key travels in a header; it is
 * closed while the page is hidden and opened again with growing pauses when it breaks.
 */

import { askForKey, viewerKey } from "./key";
import { EventParser } from "./sse";

export type LiveState = "connecting" | "live" | "paused" | "retrying";

/** What can be followed: a stream, and the list that it goes on from. */
export interface LiveSource<Item> {
  /** The stream's address. */
  readonly path: string;
  /** The name of its events. */
  readonly event: string;
  /** The newest there are, newest first. */
  readonly recent: (signal: AbortSignal) => Promise<readonly Item[]>;
  /** Tells one from another. */
  readonly keyOf: (item: Item) => string;
  /** When it happened, as RFC 3339. */
  readonly atOf: (item: Item) => string;
  /** How many are kept. */
  readonly limit: number;
}

/** An entry of the list, and when this page first saw it arrive; null for those that were there before. */
export interface LiveEntry<Item> {
  readonly key: string;
  readonly item: Item;
  readonly arrivedAt: number | null;
}

export interface LiveSnapshot<Item> {
  readonly state: LiveState;
  /** Newest first; null before the first answer. */
  readonly entries: readonly LiveEntry<Item>[] | null;
  /** Why the list could not be loaded, when it is older than the last failure. */
  readonly error: string | null;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** How long after an arrival the whole list is asked for, so that what became final meanwhile is right. */
const SETTLE_MS = 5_000;
/** Keep-alives come more often than this; a stream that is silent for longer is dead. */
const SILENCE_MS = 60_000;

/** Follows the server until `stop`. `onChange` gets a new snapshot whenever something changed. */
export class LiveFeed<Item> {
  private snapshot: LiveSnapshot<Item> = { state: "connecting", entries: null, error: null };
  private connection: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private settling: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private held = false;

  constructor(
    private readonly source: LiveSource<Item>,
    private readonly onChange: (snapshot: LiveSnapshot<Item>) => void,
  ) {}

  start(): void {
    document.addEventListener("visibilitychange", this.followVisibility);
    this.followVisibility();
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.followVisibility);
    this.disconnect();
  }

  /** The reader's own pause button; hiding the page pauses as well. */
  hold(held: boolean): void {
    this.held = held;
    this.followVisibility();
  }

  private readonly followVisibility = (): void => {
    const wanted = !this.held && document.visibilityState === "visible";
    if (wanted && this.connection === null && this.timer === undefined) {
      this.failures = 0;
      void this.connect();
    } else if (!wanted) {
      this.disconnect();
      this.update({ state: "paused" });
    }
  };

  private disconnect(): void {
    clearTimeout(this.timer);
    clearTimeout(this.settling);
    this.timer = undefined;
    this.settling = undefined;
    this.connection?.abort();
    this.connection = null;
  }

  private async connect(): Promise<void> {
    const connection = new AbortController();
    this.connection = connection;
    this.timer = undefined;
    this.update({ state: this.failures === 0 ? "connecting" : "retrying" });
    let reason: string | null = null;
    try {
      await this.read(connection);
    } catch (cause) {
      reason = cause instanceof Error ? cause.message : String(cause);
    }
    if (this.connection !== connection) {
      return;
    }
    connection.abort();
    this.connection = null;
    const pause = Math.min(FIRST_RETRY_MS * 2 ** this.failures, LONGEST_RETRY_MS);
    this.failures += 1;
    this.update({ state: "retrying", error: reason });
    this.timer = setTimeout(() => void this.connect(), pause);
  }

  /** Opens the stream first and asks for the list second, so that nothing falls between the two. */
  private async read(connection: AbortController): Promise<void> {
    const key = viewerKey();
    const response = await fetch(this.source.path, {
      headers: { accept: "text/event-stream", ...(key === null ? {} : { authorization: `Bearer ${key}` }) },
      cache: "no-store",
      signal: connection.signal,
    });
    if (response.status === 401) {
      askForKey();
    }
    if (!response.ok || response.body === null) {
      throw new Error(`The live stream answered ${response.status}.`);
    }
    await this.reload(connection.signal);
    this.failures = 0;
    this.update({ state: "live", error: null });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser();
    let silence = setTimeout(() => connection.abort(), SILENCE_MS);
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        clearTimeout(silence);
        silence = setTimeout(() => connection.abort(), SILENCE_MS);
        await this.take(parser.push(part.value), connection.signal);
      }
    } finally {
      clearTimeout(silence);
    }
  }

  private async take(events: { event: string; data: string }[], signal: AbortSignal): Promise<void> {
    const arrived = events
      .filter((event) => event.event === this.source.event)
      .map((event) => JSON.parse(event.data) as Item);
    if (arrived.length > 0) {
      this.update({ entries: merged(this.source, this.snapshot.entries, arrived, Date.now()) });
      this.settling ??= setTimeout(() => this.settle(signal), SETTLE_MS);
    }
    if (events.some((event) => event.event === "lagged")) {
      await this.reload(signal);
    }
  }

  private settle(signal: AbortSignal): void {
    this.settling = undefined;
    // The list at hand stays when this fails; the stream's own state tells of a server that is away.
    this.reload(signal).catch(() => undefined);
  }

  /** Takes the server's list for what is true. */
  private async reload(signal: AbortSignal): Promise<void> {
    const since = Date.now();
    const recent = await this.source.recent(signal);
    this.update({ entries: replaced(this.source, this.snapshot.entries, recent, since, Date.now()) });
  }

  private update(change: Partial<LiveSnapshot<Item>>): void {
    this.snapshot = { ...this.snapshot, ...change };
    this.onChange(this.snapshot);
  }
}

/** The server's list, with the marks of what arrived, and what arrived since the server was asked. */
export function replaced<Item>(
  source: LiveSource<Item>,
  known: readonly LiveEntry<Item>[] | null,
  recent: readonly Item[],
  since: number,
  now: number,
): readonly LiveEntry<Item>[] {
  const later = known?.filter((entry) => entry.arrivedAt !== null && entry.arrivedAt >= since) ?? [];
  const marks = new Map(known?.map((entry) => [entry.key, entry.arrivedAt]));
  const listed = merged(source, null, recent, now).map((entry) => {
    const mark = marks.get(entry.key);
    return { ...entry, arrivedAt: known === null ? null : mark === undefined ? now : mark };
  });
  return merged(
    source,
    listed,
    later.map((entry) => entry.item),
    now,
  );
}

/** The list with what arrived, newest first, each once. Gives the same list when nothing is new. */
export function merged<Item>(
  source: LiveSource<Item>,
  known: readonly LiveEntry<Item>[] | null,
  arrived: readonly Item[],
  now: number,
): readonly LiveEntry<Item>[] {
  const keys = new Set(known?.map((entry) => entry.key));
  const fresh: LiveEntry<Item>[] = [];
  for (const item of arrived) {
    const key = source.keyOf(item);
    if (!keys.has(key)) {
      keys.add(key);
      fresh.push({ key, item, arrivedAt: known === null ? null : now });
    }
  }
  if (known !== null && fresh.length === 0) {
    return known;
  }
  const at = (entry: LiveEntry<Item>) => Date.parse(source.atOf(entry.item));
  return [...fresh, ...(known ?? [])].sort((a, b) => at(b) - at(a)).slice(0, source.limit);
}
