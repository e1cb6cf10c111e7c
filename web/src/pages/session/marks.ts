/** What a session's timeline draws: lanes, and marks in them. */

import type { Story, TimelineEntry } from "../../api/story";
import { formatTokens } from "../../format/counts";
import { formatLatency } from "../../format/durations";
import { modelName } from "../../format/models";
import { formatMoney } from "../../format/money";
import { allTokens } from "../../format/tokens";

/** More subagents than this share the last lane. */
const MAX_SUBAGENT_LANES = 6;

export interface Lane {
  readonly id: string;
  readonly label: string;
}

export type Tone = "prompt" | "request" | "tool" | "failed" | "event" | "gap";

export interface Mark {
  readonly key: string;
  readonly lane: string;
  readonly from: number;
  readonly until: number;
  readonly tone: Tone;
  /** Of a request. */
  readonly model: string | null;
  /** On hover. */
  readonly note: string;
}

/** The lanes that the session needs, from the top. */
export function lanesOf(story: Story): readonly Lane[] {
  const subagents = story.subagents.slice(0, MAX_SUBAGENT_LANES).map((subagent, place) => ({
    id: `subagent-${place}`,
    label: subagent.kind,
  }));
  const rest = story.subagents.length - subagents.length;
  if (rest > 0 && subagents.length > 0) {
    subagents[subagents.length - 1] = {
      id: `subagent-${MAX_SUBAGENT_LANES - 1}`,
      label: `${rest + 1} more subagents`,
    };
  }
  const all: Lane[] = [
    { id: "prompts", label: "Prompts" },
    { id: "requests", label: "Requests" },
    { id: "tools", label: "Tools" },
    ...subagents,
    { id: "events", label: "Events" },
  ];
  const used = new Set(story.entries.map(laneOf));
  return all.filter(({ id }) => used.has(id));
}

export function marksOf(story: Story): readonly Mark[] {
  return story.entries.map((entry, place) => ({
    key: String(place),
    lane: laneOf(entry),
    from: Date.parse(entry.started_at),
    until: Date.parse(entry.at),
    tone: toneOf(entry),
    model: entry.kind === "request" ? entry.title : null,
    note: noteOf(entry),
  }));
}

function laneOf({ kind, subagent }: TimelineEntry): string {
  if (subagent !== null) {
    return `subagent-${Math.min(subagent, MAX_SUBAGENT_LANES - 1)}`;
  }
  switch (kind) {
    case "prompt":
    case "command":
    case "start":
      return "prompts";
    case "request":
      return "requests";
    case "tool":
      return "tools";
    default:
      return "events";
  }
}

function toneOf(entry: TimelineEntry): Tone {
  switch (entry.kind) {
    case "prompt":
    case "command":
    case "start":
      return "prompt";
    case "request":
      return "request";
    case "tool":
      return entry.succeeded === false || entry.accepted === false ? "failed" : "tool";
    case "error":
      return "failed";
    case "gap":
      return "gap";
    default:
      return "event";
  }
}

function noteOf(entry: TimelineEntry): string {
  const took = entry.duration_ms === null ? "" : `, ${formatLatency(entry.duration_ms)}`;
  return `${nameOf(entry)}${took}${spentOf(entry)}`;
}

function spentOf({ tokens, cost_micros: cost }: TimelineEntry): string {
  return tokens && cost ? `, ${formatTokens(allTokens(tokens))} tokens, ${formatMoney(cost.settled)}` : "";
}

const STARTS: Record<string, string> = {
  fresh: "Session started",
  resume: "Session resumed",
  continue: "Session continued",
};

/** What an entry is called. */
export function nameOf(entry: TimelineEntry): string {
  switch (entry.kind) {
    case "start":
      return STARTS[entry.title] ?? "Session started";
    case "prompt":
      return "Prompt";
    case "command":
      return `/${entry.title}`;
    case "request":
      return modelName(entry.title).label;
    case "tool":
      return entry.title;
    case "error":
      return entry.title === "unknown" ? "Request failed" : `Request failed with ${entry.title}`;
    case "compaction":
      return "Context compacted";
    case "commit":
      return "Commit";
    case "pull_request":
      return "Pull request";
    case "gap":
      return `${entry.missing ?? 0} ${entry.missing === 1 ? "event" : "events"} missing`;
    case "event":
      return entry.title.replaceAll("_", " ");
  }
}
