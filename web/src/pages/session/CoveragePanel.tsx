/** "How complete is this?": which sources told, and what is missing. */

import type { Story } from "../../api/story";
import { formatCount, formatShare, formatUnit } from "../../format/counts";
import { formatMoney } from "../../format/money";
import { SOURCE_NAMES } from "../../format/sources";
import { allTokens } from "../../format/tokens";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { panelState } from "../../view/useQuestion";
import classes from "./CoveragePanel.module.css";
import type { StoryProps } from "./figures";
import { type Clock, useClock } from "./useClock";

type Told = Story["coverage"]["sources"][number];

export function CoveragePanel({ figures }: StoryProps) {
  const columns = sourceColumns(useClock(figures.data));
  const coverage = figures.data?.coverage;
  return (
    <Panel
      span={6}
      question="How complete is this?"
      answer={coverage && <Answer coverage={coverage} />}
      height={120}
      state={panelState(figures, () => false, "")}
      {...(coverage ? { sheet: () => sheetOf(columns, coverage.sources) } : {})}
    >
      {() =>
        coverage && (
          <>
            <DataTable
              caption="Sources"
              columns={columns}
              rows={coverage.sources}
              rowKey={(row) => row.source}
            />
            <ul className={classes.notes}>
              {notesOf(coverage).map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          </>
        )
      }
    </Panel>
  );
}

function Answer({ coverage }: { readonly coverage: Story["coverage"] }) {
  const { missing } = coverage.events;
  const share = coverage.unattributed.cost_share ?? 0;
  if (missing > 0) {
    return (
      <>
        <b>{formatUnit(missing, "event")}</b> never arrived
      </>
    );
  }
  return share > 0 ? (
    <>
      <b>{formatShare(share)}</b> of the cost is known only from totals
    </>
  ) : (
    <>Nothing is known to be missing</>
  );
}

function notesOf({ events, unattributed, records_read: read }: Story["coverage"]): readonly string[] {
  const tokens = allTokens(unattributed.tokens);
  return [
    ...(events.received > 0
      ? [
          `${formatUnit(events.received, "numbered event")} from ${formatUnit(events.processes, "process", "processes")}, ` +
            (events.missing === 0 ? "none skipped." : `${formatCount(events.missing)} skipped.`),
        ]
      : []),
    ...(tokens > 0
      ? [
          `${formatCount(tokens)} tokens and ${formatMoney(unattributed.cost_micros.settled)} stand in the client’s ` +
            "totals and in no single request: compaction, titles, or requests whose events did not arrive.",
        ]
      : []),
    ...(read
      ? []
      : ["The session has too many records to read each; subagents of one kind are told as one."]),
  ];
}

function sourceColumns(clock: Clock): readonly Column<Told>[] {
  return [
    {
      id: "source",
      title: "Source",
      isHeader: true,
      exported: { value: (row) => row.source },
      cell: (row) => SOURCE_NAMES[row.source],
    },
    {
      id: "records",
      title: "Records",
      numeric: true,
      exported: { value: (row) => row.records },
      cell: (row) => formatCount(row.records),
    },
    {
      id: "newest",
      title: "Newest",
      numeric: true,
      exported: { value: (row) => row.newest_at },
      cell: (row) => <time dateTime={row.newest_at}>{clock(row.newest_at)}</time>,
    },
  ];
}
