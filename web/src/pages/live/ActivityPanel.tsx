/** "What happens?": requests, tool calls, prompts and errors as they come in. */

import { SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import type { LiveEntry } from "../../api/live";
import { LIVE_ACTIVITIES, type LiveActivity } from "../../api/liveSources";
import { PageLink } from "../../app/PageLink";
import { formatClock } from "../../format/dates";
import { formatLatency } from "../../format/durations";
import { personName } from "../../format/people";
import { projectName } from "../../format/projects";
import { allTokens } from "../../format/tokens";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money, TokenCount } from "../../parts/Figure";
import { ModelLabel } from "../../parts/ModelLabel";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { LiveControls, liveState } from "../../view/LiveControls";
import { usePeriod } from "../../view/period";
import { useLiveList } from "../../view/useLiveList";
import classes from "./ActivityPanel.module.css";

const SHOWN = {
  all: { label: "All", has: () => true },
  requests: { label: "Requests", has: ({ kind }: LiveActivity) => kind === "request" },
  tools: { label: "Tools", has: ({ kind }: LiveActivity) => kind === "tool" },
  problems: { label: "Problems", has: isProblem },
} as const;

type Shown = keyof typeof SHOWN;
type Entry = LiveEntry<LiveActivity>;

export function ActivityPanel() {
  const live = useLiveList(LIVE_ACTIVITIES);
  const [shown, setShown] = useState<Shown>("all");
  const period = usePeriod();
  const columns = useMemo(() => activityColumns(period.zone, period.today), [period.zone, period.today]);
  const rows = live.entries?.filter(({ item }) => SHOWN[shown].has(item)) ?? [];
  return (
    <Panel
      question="What happens?"
      answer="The newest first, as it comes in"
      height={320}
      sheet={() => sheetOf([...columns, ...ONLY_EXPORTED], rows)}
      state={liveState(live, "Nothing yet. What happens will appear here as soon as it is told.")}
      actions={
        <>
          <SegmentedControl
            aria-label="What is listed"
            size="xs"
            transitionDuration={0}
            value={shown}
            data={Object.entries(SHOWN).map(([value, { label }]) => ({ value, label }))}
            onChange={(value) => setShown(value as Shown)}
          />
          <LiveControls live={live} />
        </>
      }
    >
      {() =>
        rows.length === 0 ? (
          <p className="muted">None among the newest.</p>
        ) : (
          <DataTable
            caption="Newest activity"
            columns={columns}
            rows={rows}
            rowKey={(entry) => entry.key}
            rowProps={(entry) => ({ "data-new": live.isNew(entry) })}
            maxHeight={560}
          />
        )
      }
    </Panel>
  );
}

function isProblem({ kind, succeeded }: LiveActivity): boolean {
  return kind === "error" || succeeded === false;
}

function activityColumns(zone: string, today: string): readonly Column<Entry>[] {
  return [
    {
      id: "at",
      title: "Time",
      exported: { value: ({ item }) => item.at },
      cell: ({ item }) => (
        <time dateTime={item.at} className={classes.time}>
          {formatClock(item.at, zone, today)}
        </time>
      ),
    },
    {
      id: "what",
      title: "What",
      isHeader: true,
      exported: { value: ({ item }) => item.title },
      width: "26%",
      cell: ({ item }) => <What item={item} />,
    },
    {
      id: "who",
      title: "Who",
      priority: 2,
      exported: { value: ({ item }) => item.actor },
      cell: ({ item }) => (
        <PageLink to="/sessions/$session" params={{ session: item.session_id }} className={classes.session}>
          {personName(item.actor)}
        </PageLink>
      ),
    },
    {
      id: "project",
      title: "Project",
      priority: 3,
      exported: { value: ({ item }) => item.project },
      cell: ({ item }) =>
        item.project === null ? (
          <span className="muted">–</span>
        ) : (
          <span title={item.project}>{projectName(item.project)}</span>
        ),
    },
    {
      id: "tokens",
      title: "Tokens",
      numeric: true,
      priority: 2,
      exported: { value: ({ item }) => item.tokens && allTokens(item.tokens) },
      cell: ({ item }) =>
        item.tokens ? <TokenCount tokens={allTokens(item.tokens)} /> : <span className="muted">–</span>,
    },
    {
      id: "took",
      title: "Took",
      numeric: true,
      priority: 2,
      exported: { title: "Took (ms)", value: ({ item }) => item.duration_ms },
      cell: ({ item }) =>
        item.duration_ms === null ? <span className="muted">–</span> : formatLatency(item.duration_ms),
    },
    {
      id: "cost",
      title: "Cost",
      numeric: true,
      exported: {
        title: "Cost (USD)",
        value: ({ item }) => item.cost_micros && dollars(item.cost_micros.settled),
      },
      cell: ({ item }) =>
        item.cost_micros ? <Money micros={item.cost_micros.settled} /> : <span className="muted">–</span>,
    },
  ];
}

/** What the list shows by its looks, or leads to. */
const ONLY_EXPORTED: readonly Column<Entry>[] = [
  exportedOnly("Kind", (item) => item.kind),
  exportedOnly("Detail", (item) => item.detail),
  exportedOnly("Subagent", (item) => item.agent),
  exportedOnly("Succeeded", (item) => (item.succeeded === null ? null : String(item.succeeded))),
  exportedOnly("Session", (item) => item.session_id),
];

function exportedOnly(title: string, value: (item: LiveActivity) => string | null): Column<Entry> {
  return { id: title, title, exported: { value: ({ item }) => value(item) }, cell: () => null };
}

const NAMES: Record<LiveActivity["kind"], (title: string) => string> = {
  request: (title) => title,
  tool: (title) => title,
  error: (title) => (title === "unknown" ? "Request failed" : `Request failed with ${title}`),
  prompt: () => "Prompt",
  command: (title) => `/${title}`,
  start: (title) =>
    title === "resume" || title === "continue" ? "Session taken up again" : "Session started",
};

function What({ item }: { readonly item: LiveActivity }) {
  const about = [item.agent, item.detail].filter((text) => text !== null).join(", ");
  return (
    <span className={classes.what} data-problem={isProblem(item)}>
      {item.kind === "request" ? <ModelLabel id={item.title} /> : <span>{NAMES[item.kind](item.title)}</span>}
      {about !== "" && <span className={classes.about}>{about}</span>}
    </span>
  );
}
