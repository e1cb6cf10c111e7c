/** "What happened, one by one?": every prompt, request, call and error; what subagents did is indented. */

import { Button, SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import type { Story, TimelineEntry } from "../../api/story";
import { formatCount, formatUnit } from "../../format/counts";
import { formatLatency } from "../../format/durations";
import { allTokens } from "../../format/tokens";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money, TokenCount } from "../../parts/Figure";
import { ModelLabel } from "../../parts/ModelLabel";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { panelState } from "../../view/useQuestion";
import classes from "./EntriesPanel.module.css";
import type { StoryProps } from "./figures";
import { nameOf } from "./marks";
import { type Clock, useClock } from "./useClock";

/** So many rows are drawn at first. */
const FIRST_ROWS = 100;

const SHOWN = {
  all: { label: "All", has: () => true },
  prompts: { label: "Prompts", has: ({ kind }: TimelineEntry) => PROMPTS.has(kind) },
  requests: { label: "Requests", has: ({ kind }: TimelineEntry) => kind === "request" },
  tools: { label: "Tools", has: ({ kind }: TimelineEntry) => kind === "tool" },
  problems: { label: "Problems", has: isProblem },
} as const;

const PROMPTS = new Set<TimelineEntry["kind"]>(["prompt", "command", "start"]);

type Shown = keyof typeof SHOWN;

export function EntriesPanel({ figures }: StoryProps) {
  const [shown, setShown] = useState<Shown>("all");
  const [whole, setWhole] = useState(false);
  const { data: story } = figures;
  const clock = useClock(story);
  const columns = useMemo(() => (story ? entryColumns(story, clock) : []), [story, clock]);
  const rows = story?.entries.filter(SHOWN[shown].has) ?? [];
  const drawn = whole ? rows : rows.slice(0, FIRST_ROWS);
  return (
    <Panel
      question="What happened, one by one?"
      answer={story && <Answer story={story} />}
      height={320}
      state={panelState(figures, ({ entries }) => entries.length === 0, "Nothing was told one by one.")}
      actions={
        <SegmentedControl
          aria-label="What is listed"
          size="xs"
          transitionDuration={0}
          value={shown}
          data={Object.entries(SHOWN).map(([value, { label }]) => ({ value, label }))}
          onChange={(value) => setShown(value as Shown)}
        />
      }
      {...(story ? { sheet: () => sheetOf(columns, rows) } : {})}
    >
      {() => (
        <>
          {rows.length === 0 ? (
            <p className="muted">None in this session.</p>
          ) : (
            <DataTable
              caption="Entries of the session"
              columns={columns}
              rows={drawn}
              rowKey={(entry) => keyOf(entry, rows.indexOf(entry))}
              maxHeight={560}
            />
          )}
          {drawn.length < rows.length && (
            <Button variant="default" size="xs" mt={12} onClick={() => setWhole(true)}>
              Show all {formatCount(rows.length)}
            </Button>
          )}
        </>
      )}
    </Panel>
  );
}

function Answer({ story }: { readonly story: Story }) {
  const problems = story.entries.filter(isProblem).length;
  return (
    <>
      <b>{formatUnit(story.entries.length, "entry", "entries")}</b>,{" "}
      {problems === 0 ? "without a problem" : `${formatUnit(problems, "problem")} among them`}
      {story.entries_before > 0 && `; ${formatCount(story.entries_before)} older ones are left out`}
    </>
  );
}

function isProblem(entry: TimelineEntry): boolean {
  const { kind, succeeded, accepted } = entry;
  return kind === "error" || kind === "gap" || succeeded === false || accepted === false;
}

function keyOf(entry: TimelineEntry, place: number): string {
  return `${entry.kind} ${entry.at} ${place}`;
}

function entryColumns(story: Story, clock: Clock): readonly Column<TimelineEntry>[] {
  return [
    {
      id: "at",
      title: "Time",
      width: "12%",
      exported: { value: (entry) => entry.started_at },
      cell: (entry) => (
        <time dateTime={entry.started_at} className={classes.time}>
          {clock(entry.started_at)}
        </time>
      ),
    },
    {
      id: "what",
      title: "What",
      isHeader: true,
      exported: { value: nameOf },
      cell: (entry) => <What entry={entry} story={story} />,
    },
    {
      id: "detail",
      title: "How it went",
      width: "28%",
      priority: 2,
      exported: { value: (entry) => detailOf(entry) },
      cell: (entry) => <span className={classes.detail}>{detailOf(entry) || "–"}</span>,
    },
    {
      id: "took",
      title: "Took",
      numeric: true,
      priority: 2,
      exported: { title: "Took (ms)", value: (entry) => entry.duration_ms },
      cell: (entry) =>
        entry.duration_ms === null ? <span className="muted">–</span> : formatLatency(entry.duration_ms),
    },
    {
      id: "tokens",
      title: "Tokens",
      numeric: true,
      priority: 3,
      exported: { value: (entry) => (entry.tokens ? allTokens(entry.tokens) : null) },
      cell: (entry) =>
        entry.tokens ? <TokenCount tokens={allTokens(entry.tokens)} /> : <span className="muted">–</span>,
    },
    {
      id: "cost",
      title: "Cost",
      numeric: true,
      exported: {
        title: "Cost (USD)",
        value: (entry) => (entry.cost_micros ? dollars(entry.cost_micros.settled) : null),
      },
      cell: (entry) =>
        entry.cost_micros ? <Money micros={entry.cost_micros.settled} /> : <span className="muted">–</span>,
    },
  ];
}

function What({ entry, story }: { readonly entry: TimelineEntry; readonly story: Story }) {
  const subagent = entry.subagent === null ? undefined : story.subagents[entry.subagent];
  return (
    <span className={classes.what} data-nested={subagent !== undefined} data-problem={isProblem(entry)}>
      {subagent && <span className={classes.subagent}>{subagent.kind}</span>}
      {entry.kind === "request" ? <ModelLabel id={entry.title} /> : <span>{nameOf(entry)}</span>}
    </span>
  );
}

/** How it went, in words. */
function detailOf(entry: TimelineEntry): string {
  const { accepted, succeeded, decided_by: by, lines, detail } = entry;
  const parts = [
    ...(accepted === false ? ["rejected"] : []),
    ...(succeeded === false ? ["failed"] : []),
    ...(lines ? [`+${formatCount(lines.added)} −${formatCount(lines.removed)} lines`] : []),
    ...(detail === null ? [] : [detail]),
    ...(entry.length === null ? [] : [formatUnit(entry.length, "character")]),
    ...(entry.attempts === null ? [] : [formatUnit(entry.attempts, "attempt")]),
    ...(accepted !== null && by !== null ? [`decided by ${by.replaceAll("_", " ")}`] : []),
  ];
  return parts.join(", ");
}
