/** "Who works with it?": everybody with anything in the range, by name unless somebody asks otherwise. */

import { useMemo } from "react";
import type { Answer } from "../../api/questions";
import { PageLink } from "../../app/PageLink";
import { formatCount, formatShare, formatUnit } from "../../format/counts";
import { formatAgo } from "../../format/dates";
import { allTokens } from "../../format/tokens";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money, TokenCount } from "../../parts/Figure";
import { Pager } from "../../parts/Pager";
import { Panel } from "../../parts/Panel";
import { SearchBox } from "../../parts/SearchBox";
import { Sparkbars } from "../../parts/Sparkbars";
import { dollars } from "../../parts/sheet";
import { usePeriod } from "../../view/period";
import { panelState, useQuestion } from "../../view/useQuestion";
import { ORDERS, type Order, usePeopleOptions } from "./options";
import classes from "./PeoplePanel.module.css";

const SIZE = 100;

type Person = Answer<"/api/v1/people">["people"][number];

const FIRST: Record<Order, string> = {
  name: "by name",
  cost: "the highest cost first",
  tokens: "most tokens first",
  sessions: "most sessions first",
  requests: "most requests first",
  lines: "most lines added first",
  commits: "most commits first",
};

export function PeoplePanel() {
  const [options, change] = usePeopleOptions();
  const period = usePeriod();
  const order = options.order ?? "name";
  const offset = options.at ?? 0;
  const figures = useQuestion("/api/v1/people", {
    order,
    offset,
    limit: SIZE,
    ...(options.q === undefined ? {} : { search: options.q }),
  });
  const days = figures.data?.people[0]?.daily_cost_micros.length ?? 0;
  const columns = useMemo(() => personColumns(days), [days]);
  const { data } = figures;
  return (
    <Panel
      question="Who works with it?"
      answer={
        data && (
          <>
            <b>{formatUnit(data.found, "person", "people")}</b> {period.words}, {FIRST[order]}
          </>
        )
      }
      height={280}
      actions={
        <SearchBox
          label="Search people"
          placeholder="Name or team"
          value={options.q ?? ""}
          onSearch={(text) => change({ q: text === "" ? undefined : text, at: undefined })}
        />
      }
      state={panelState(
        figures,
        (all) => all.people.length === 0,
        options.q === undefined
          ? `Nobody did anything ${period.words}.`
          : `Nobody whose name or team contains “${options.q}” did anything ${period.words}.`,
      )}
      {...(data ? { sheet: () => sheetOf(columns, data.people) } : {})}
    >
      {() =>
        data && (
          <>
            <DataTable
              caption="People"
              columns={columns}
              rows={data.people}
              rowKey={(row) => row.actor}
              ordered={{
                by: order,
                columns: ORDERS,
                onOrder: (column) => change({ order: ORDERS.find((each) => each === column), at: undefined }),
              }}
            />
            <Pager
              things="people"
              offset={offset}
              shown={data.people.length}
              found={data.found}
              size={SIZE}
              onPage={(at) => change({ at: at === 0 ? undefined : at })}
            />
          </>
        )
      }
    </Panel>
  );
}

const STANDINGS: Record<NonNullable<Person["standing"]>, string> = {
  new: "new",
  steady: "steady",
  returning: "returning",
  silent: "silent",
};

function personColumns(days: number): readonly Column<Person>[] {
  return [
    {
      id: "name",
      title: "Who",
      isHeader: true,
      width: "20%",
      exported: { value: (row) => row.actor },
      cell: (row) => (
        <>
          <PageLink to="/people/$person" params={{ person: row.actor }} className={classes.name}>
            {row.actor}
          </PageLink>
          <span className={classes.under}>
            {[row.team, row.standing === null ? null : STANDINGS[row.standing]]
              .filter((text) => text !== null)
              .join(", ")}
          </span>
        </>
      ),
    },
    {
      id: "trend",
      title: "Cost by day",
      width: "12%",
      priority: 2,
      cell: (row) => <Sparkbars values={row.daily_cost_micros} color="var(--muted)" />,
    },
    {
      id: "days",
      title: "Active days",
      numeric: true,
      priority: 3,
      exported: { value: (row) => row.active_days },
      cell: (row) => (
        <span title={`${formatUnit(row.active_days, "day")} of ${formatCount(days)}`}>
          {formatCount(row.active_days)}
        </span>
      ),
    },
    count("sessions", "Sessions", 2, (row) => row.sessions),
    count("requests", "Requests", 3, (row) => row.requests),
    {
      id: "tokens",
      title: "Tokens",
      numeric: true,
      priority: 2,
      exported: { value: (row) => allTokens(row.tokens) },
      cell: (row) => <TokenCount tokens={allTokens(row.tokens)} />,
    },
    {
      id: "lines",
      title: "Lines",
      numeric: true,
      priority: 3,
      exported: { title: "Lines added", value: (row) => row.lines.added },
      cell: ({ lines }) => (
        <>
          +{formatCount(lines.added)} <span className="muted">−{formatCount(lines.removed)}</span>
        </>
      ),
    },
    count("commits", "Commits", 3, (row) => row.commits),
    {
      id: "accepted",
      title: "Edits accepted",
      numeric: true,
      priority: 3,
      exported: { value: (row) => row.decisions.acceptance_rate },
      cell: ({ decisions }) =>
        decisions.acceptance_rate === null ? (
          <span className="muted">–</span>
        ) : (
          <span
            title={`${formatUnit(decisions.accepted, "edit")} accepted, ${formatCount(decisions.rejected)} rejected`}
          >
            {formatShare(decisions.acceptance_rate)}
          </span>
        ),
    },
    {
      id: "seen",
      title: "Last seen",
      numeric: true,
      priority: 3,
      exported: { value: (row) => row.last_seen },
      cell: (row) => <time dateTime={row.last_seen}>{formatAgo(row.last_seen, new Date())}</time>,
    },
    {
      id: "cost",
      title: "Cost",
      numeric: true,
      exported: { title: "Cost (USD)", value: (row) => dollars(row.cost_micros.settled) },
      cell: (row) => <Money micros={row.cost_micros.settled} />,
    },
  ];
}

function count(id: string, title: string, priority: 2 | 3, pick: (row: Person) => number): Column<Person> {
  return {
    id,
    title,
    numeric: true,
    priority,
    exported: { value: pick },
    cell: (row) => formatCount(pick(row)),
  };
}
