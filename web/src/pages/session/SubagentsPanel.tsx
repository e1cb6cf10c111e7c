/** "What did subagents do?" */

import type { Story, Subagent } from "../../api/story";
import { formatCount, formatUnit } from "../../format/counts";
import { formatMoney } from "../../format/money";
import { allTokens } from "../../format/tokens";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Duration, Money, TokenCount } from "../../parts/Figure";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { type Clock, useClock } from "./useClock";

const READY = { kind: "ready", stale: false } as const;

export function SubagentsPanel({ story }: { readonly story: Story }) {
  const columns = subagentColumns(useClock(story));
  const [dearest] = [...story.subagents].sort((a, b) => b.cost_micros.settled - a.cost_micros.settled);
  return (
    <Panel
      question="What did subagents do?"
      answer={
        dearest && (
          <>
            <b>{formatUnit(story.subagents.length, "subagent")}</b>; {dearest.kind} cost most,{" "}
            {formatMoney(dearest.cost_micros.settled)}
          </>
        )
      }
      height={0}
      state={READY}
      sheet={() => sheetOf(columns, story.subagents)}
    >
      {() => (
        <DataTable
          caption="Subagents"
          columns={columns}
          rows={story.subagents}
          rowKey={(row) => `${row.kind} ${row.started_at} ${story.subagents.indexOf(row)}`}
          maxHeight={400}
        />
      )}
    </Panel>
  );
}

function subagentColumns(clock: Clock): readonly Column<Subagent>[] {
  return [
    { id: "kind", title: "Subagent", isHeader: true, sortBy: (row) => row.kind, cell: (row) => row.kind },
    {
      id: "start",
      title: "Began",
      priority: 2,
      sortBy: (row) => row.started_at,
      cell: (row) => <time dateTime={row.started_at}>{clock(row.started_at)}</time>,
    },
    {
      id: "duration",
      title: "Worked for",
      numeric: true,
      priority: 2,
      sortBy: (row) => row.duration_ms,
      exported: { title: "Worked for (ms)", value: (row) => row.duration_ms },
      cell: (row) => <Duration milliseconds={row.duration_ms} />,
    },
    {
      id: "requests",
      title: "Requests",
      numeric: true,
      sortBy: (row) => row.requests,
      cell: (row) => formatCount(row.requests),
    },
    {
      id: "calls",
      title: "Tool calls",
      numeric: true,
      priority: 2,
      sortBy: (row) => row.tool_calls,
      cell: (row) => formatCount(row.tool_calls),
    },
    {
      id: "tokens",
      title: "Tokens",
      numeric: true,
      sortBy: (row) => allTokens(row.tokens),
      cell: (row) => <TokenCount tokens={allTokens(row.tokens)} />,
    },
    {
      id: "cost",
      title: "Cost",
      numeric: true,
      sortBy: (row) => row.cost_micros.settled,
      exported: { title: "Cost (USD)", value: (row) => dollars(row.cost_micros.settled) },
      cell: (row) => <Money micros={row.cost_micros.settled} />,
    },
  ];
}
