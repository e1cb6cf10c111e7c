/** What sources are called. */

export type SourceName = "events" | "metrics" | "traces" | "transcripts";

export const SOURCE_NAMES: Record<SourceName, string> = {
  events: "Events",
  metrics: "Metrics",
  traces: "Traces",
  transcripts: "Transcripts",
};

/** In the order in which they are listed. */
export const SOURCES: readonly SourceName[] = ["events", "metrics", "traces", "transcripts"];
