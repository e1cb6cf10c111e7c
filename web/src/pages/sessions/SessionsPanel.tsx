/** "Which sessions were there?": searched, sorted and cut into pages by the server. */

import { useMemo } from "react";
import { formatCount } from "../../format/counts";
import { DataTable, sheetOf } from "../../parts/DataTable";
import { Pager } from "../../parts/Pager";
import { Panel } from "../../parts/Panel";
import { SearchBox } from "../../parts/SearchBox";
import { usePeriod } from "../../view/period";
import { panelState, useQuestion } from "../../view/useQuestion";
import { type ColumnChoice, SESSION_LIMIT, sessionColumns } from "./columns";
import { ORDERS, type Order, useSessionOptions } from "./options";

/** The server begins no page farther into the list than this. */
const FARTHEST = 10_000;

const FIRST: Record<Order, string> = {
  newest: "the newest first",
  cost: "the most expensive first",
  requests: "most requests first",
  prompts: "most prompts first",
  lines: "most lines added first",
  failures: "most failed tool calls first",
  errors: "most failed requests first",
};

export interface SessionsPanelProps {
  readonly question?: string;
  readonly without?: ColumnChoice["without"];
}

export function SessionsPanel({ question = "Which sessions were there?", without }: SessionsPanelProps) {
  const [options, change] = useSessionOptions();
  const period = usePeriod();
  const order = options.order ?? "newest";
  const offset = options.at ?? 0;
  const figures = useQuestion("/api/v1/sessions", {
    order,
    offset,
    limit: SESSION_LIMIT,
    ...(options.q === undefined ? {} : { search: options.q }),
  });
  const columns = useMemo(
    () => sessionColumns({ period: { zone: period.zone, today: period.today }, ...(without && { without }) }),
    [period.zone, period.today, without],
  );
  const { data } = figures;
  return (
    <Panel
      question={question}
      answer={
        data && (
          <>
            <b>{formatCount(data.found)}</b> {data.found === 1 ? "session" : "sessions"} {period.words}
            {options.q !== undefined && <> with “{options.q}”</>}, {FIRST[order]}
          </>
        )
      }
      height={320}
      actions={
        <SearchBox
          label="Search sessions"
          placeholder="Person, project, branch, model, id"
          value={options.q ?? ""}
          onSearch={(text) => change({ q: text === "" ? undefined : text, at: undefined })}
        />
      }
      state={panelState(
        figures,
        (list) => list.sessions.length === 0,
        options.q === undefined ? (
          <>No session did anything {period.words}. Choose a longer range, or lift a filter.</>
        ) : (
          <>
            No session {period.words} has “{options.q}” in its person, team, project, repository, branch or
            model, nor as its whole id.
          </>
        ),
      )}
      {...(data ? { sheet: () => sheetOf(columns, data.sessions) } : {})}
    >
      {() =>
        data && (
          <>
            <DataTable
              caption="Sessions"
              columns={columns}
              rows={data.sessions}
              rowKey={(row) => row.session_id}
              ordered={{
                by: order,
                columns: ORDERS,
                onOrder: (column) => change({ order: ORDERS.find((each) => each === column), at: undefined }),
              }}
            />
            <Pager
              things="sessions"
              offset={offset}
              shown={data.sessions.length}
              found={data.found}
              size={SESSION_LIMIT}
              farthest={FARTHEST}
              onPage={(at) => change({ at: at === 0 ? undefined : at })}
            />
          </>
        )
      }
    </Panel>
  );
}
