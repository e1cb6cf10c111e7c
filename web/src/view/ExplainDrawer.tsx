/** What a figure is made of: how many postings, and the newest of them one by one. */

import { Button, Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Answer, questionQuery, type Scope } from "../api/questions";
import { PageLink } from "../app/PageLink";
import { PAGES } from "../app/pages";
import { exactTokens, formatCount, formatTokens, formatUnit } from "../format/counts";
import { formatClock, formatRange } from "../format/dates";
import { exactDuration, formatDuration } from "../format/durations";
import { modelName } from "../format/models";
import { exactMoney, formatMoney } from "../format/money";
import { projectName } from "../format/projects";
import { type Column, DataTable, sheetOf } from "../parts/DataTable";
import { ON_PANEL } from "../parts/Dialog";
import { download, fileName } from "../parts/download";
import { dollars, toCsv } from "../parts/sheet";
import classes from "./ExplainDrawer.module.css";
import { FILTER_NAMES, NOT_TOLD, valueName } from "./names";
import { type Period, usePeriod } from "./period";
import { useScope } from "./useQuestion";
import { FILTERS, type FilterName } from "./view";
import { type Explained, type FigureName, useWhy, type Where } from "./why";

type Postings = Answer<"/api/v1/postings">;
type PostingRow = Postings["postings"][number];

const LIMIT = 200;

interface FigureWords {
  readonly name: string;
  readonly short: (value: number) => string;
  readonly exact: (value: number) => string;
}

const money: Omit<FigureWords, "name"> = { short: formatMoney, exact: exactMoney };
const tokens: Omit<FigureWords, "name"> = { short: formatTokens, exact: exactTokens };
const count: Omit<FigureWords, "name"> = { short: formatCount, exact: formatCount };
const time: Omit<FigureWords, "name"> = { short: formatDuration, exact: exactDuration };

const WORDS: Record<FigureName, FigureWords> = {
  cost: { name: "Cost", ...money },
  tokens: { name: "Tokens", ...tokens },
  input: { name: "Input tokens", ...tokens },
  output: { name: "Output tokens", ...tokens },
  cache_read: { name: "Tokens read from the cache", ...tokens },
  cache_creation: { name: "Tokens written to the cache", ...tokens },
  requests: { name: "Requests", ...count },
  sessions: { name: "Sessions", ...count },
  people: { name: "Active people", ...count },
  prompts: { name: "Prompts", ...count },
  lines_added: { name: "Lines added", ...count },
  lines_removed: { name: "Lines removed", ...count },
  commits: { name: "Commits", ...count },
  pull_requests: { name: "Pull requests", ...count },
  accepted: { name: "Accepted calls", ...count },
  rejected: { name: "Rejected calls", ...count },
  succeeded: { name: "Calls that succeeded", ...count },
  failed: { name: "Calls that failed", ...count },
  api_errors: { name: "Failed requests", ...count },
  active_user: { name: "Time people were active", ...time },
  active_cli: { name: "Time Claude was active", ...time },
};

export default function ExplainDrawer({ explained }: { readonly explained: Explained }) {
  const [, explain] = useWhy();
  const words = WORDS[explained.figure];
  return (
    <Drawer
      opened
      onClose={() => explain(null)}
      position="right"
      size="min(760px, 100vw)"
      title={`What is behind it: ${words.name.toLowerCase()}`}
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ "aria-label": "Close" }}
      styles={ON_PANEL}
    >
      <Behind explained={explained} words={words} />
    </Drawer>
  );
}

function Behind({ explained, words }: { readonly explained: Explained; readonly words: FigureWords }) {
  const period = usePeriod();
  const scope = { ...useScope(), ...explained.where } as Scope;
  const parameters = { figure: explained.figure, limit: LIMIT, ...explained.where };
  const { data, error } = useQuery(questionQuery("/api/v1/postings", scope, parameters as never));
  const columns = useMemo(() => postingColumns(explained.figure, words, period), [explained, words, period]);
  if (!data) {
    return <p className="muted">{error ? error.message : "Loading"}</p>;
  }
  return (
    <>
      <p>
        <b title={words.exact(data.total)}>{words.short(data.total)}</b>{" "}
        <span className="muted">
          {formatRange(data.range)}
          {conditionWords(explained.where, scope)}
        </span>
      </p>
      <p className="muted">
        {formatUnit(data.count, "posting of the ledger stands", "postings of the ledger stand")} behind it
        {data.postings.length < data.count && `; the newest ${formatCount(data.postings.length)} are listed`}.
      </p>
      <p className={classes.actions}>
        <Button
          variant="default"
          size="xs"
          onClick={() =>
            download(
              `${fileName(words.name, `${data.range.start}-${data.range.end}`)}.csv`,
              new Blob([toCsv(sheetOf(columns, data.postings))], { type: "text/csv;charset=utf-8" }),
            )
          }
        >
          Save these rows as CSV
        </Button>
      </p>
      {data.postings.length > 0 && (
        <DataTable
          caption="Postings"
          columns={columns}
          rows={data.postings.map((row, index) => ({ ...row, key: `${row.at} ${row.session_id} ${index}` }))}
          rowKey={(row) => row.key}
        />
      )}
    </>
  );
}

/** ` · team web · model Opus 5.5`. */
function conditionWords(where: Where, scope: Scope): string {
  const all: Record<string, unknown> = { ...scope, ...where };
  const parts = Object.entries(all).flatMap(([name, values]) => {
    if (!Array.isArray(values)) {
      return [];
    }
    const filter = FILTERS.find((known) => known === name);
    const shown = values.map((value: string) => (filter ? valueName(filter, value) : toldName(value)));
    return [
      `${filter ? FILTER_NAMES[filter as FilterName].one.toLowerCase() : name.replaceAll("_", " ")} ${shown.join(" or ")}`,
    ];
  });
  return parts.map((part) => ` · ${part}`).join("");
}

function toldName(value: string): string {
  return value === NOT_TOLD ? "none or not told" : value;
}

function postingColumns(
  figure: FigureName,
  words: FigureWords,
  period: Period,
): Column<PostingRow & { key?: string }>[] {
  const isMoney = figure === "cost";
  return [
    {
      id: "at",
      title: "Time",
      isHeader: true,
      sortBy: (row) => row.at,
      cell: (row) => (
        <time dateTime={row.at} className="nowrap">
          {formatClock(row.at, period.zone, period.today)}
        </time>
      ),
    },
    {
      id: "value",
      title: words.name,
      numeric: true,
      sortBy: (row) => row.value,
      exported: {
        title: isMoney ? "Cost (USD)" : words.name,
        value: (row) => (isMoney ? dollars(row.value) : row.value),
      },
      cell: (row) => <span title={words.exact(row.value)}>{words.short(row.value)}</span>,
    },
    {
      id: "what",
      title: "What",
      exported: { value: (row) => row.model ?? row.subject },
      cell: (row) => <span title={row.kind}>{whatOf(row)}</span>,
    },
    {
      id: "kind",
      title: "Kind",
      priority: 3,
      exported: { value: (row) => row.kind },
      cell: (row) => row.kind.replaceAll("_", " "),
    },
    {
      id: "who",
      title: "Who",
      priority: 2,
      exported: { value: (row) => row.actor },
      cell: (row) => row.actor,
    },
    {
      id: "project",
      title: "Project",
      priority: 2,
      exported: { value: (row) => row.project },
      cell: (row) =>
        row.project === null ? (
          <span className="muted">–</span>
        ) : (
          <span title={row.project}>{projectName(row.project)}</span>
        ),
    },
    {
      id: "session",
      title: "Session",
      exported: { value: (row) => row.session_id },
      cell: (row) => <SessionLink id={row.session_id} />,
    },
  ];
}

function whatOf(row: PostingRow): string {
  const what =
    row.model === null ? (row.subject ?? row.kind.replaceAll("_", " ")) : modelName(row.model).label;
  return [what, row.agent, row.outcome].filter(Boolean).join(", ");
}

const SESSION_PAGE = "/sessions/$session";

/** The start of a session's id tells it apart on a page. */
function SessionLink({ id }: { readonly id: string }) {
  const name = <code title={id}>{id.slice(0, 8)}</code>;
  return PAGES.some((page) => page.path === SESSION_PAGE) ? (
    <PageLink to={SESSION_PAGE} params={{ session: id }}>
      {name}
    </PageLink>
  ) : (
    name
  );
}
