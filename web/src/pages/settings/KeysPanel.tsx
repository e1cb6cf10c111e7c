/** "Who may look, and who may send?" */

import { formatUnit } from "../../format/counts";
import { formatAgo } from "../../format/dates";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import { type Figures, panelState } from "../../view/useQuestion";
import type { Shown } from "./queries";

type Key = Shown["keys"][number];

export function KeysPanel({ figures }: { readonly figures: Figures<Shown> }) {
  const { data } = figures;
  const keys = data?.keys ?? [];
  return (
    <Panel
      span={8}
      question="Who may look, and who may send?"
      answer={data && <Answer shown={data} />}
      height={120}
      state={panelState(
        figures,
        (shown) => shown.keys.length === 0,
        <>
          No key was made yet. Make one with <code>pitwall key create --kind viewer --name NAME</code>; kinds
          are viewer, ingest and admin.
        </>,
      )}
      sheet={() => sheetOf(COLUMNS, keys)}
    >
      {() => (
        <DataTable caption="Keys" columns={COLUMNS} rows={keys} rowKey={(key) => key.id} maxHeight={360} />
      )}
    </Panel>
  );
}

function Answer({ shown }: { readonly shown: Shown }) {
  const usable = shown.keys.filter(({ state }) => state === "usable").length;
  return (
    <>
      <b>{formatUnit(usable, "usable key")}</b>.{" "}
      {shown.keys_required
        ? "Everything asks for one."
        : "On this machine the dashboard is open until the first viewer key, and intake until the first ingest key."}
    </>
  );
}

const KINDS: Record<string, string> = {
  admin: "Analytics API and dashboard",
  viewer: "Dashboard",
  ingest: "Sending telemetry",
};

const COLUMNS: readonly Column<Key>[] = [
  {
    id: "name",
    title: "Name",
    isHeader: true,
    sortBy: (key) => key.name,
    cell: (key) => (
      <>
        {key.name} <code className="muted">{key.hint}</code>
      </>
    ),
  },
  {
    id: "kind",
    title: "Opens",
    sortBy: (key) => key.kind,
    cell: (key) => KINDS[key.kind] ?? key.kind,
  },
  {
    id: "state",
    title: "State",
    sortBy: (key) => key.state,
    cell: (key) => (key.state === "usable" ? "usable" : <span className="muted">{key.state}</span>),
  },
  {
    id: "created",
    title: "Made",
    numeric: true,
    priority: 3,
    sortBy: (key) => key.created_at,
    cell: (key) => <time dateTime={key.created_at}>{formatAgo(key.created_at, new Date())}</time>,
  },
  {
    id: "used",
    title: "Last used",
    numeric: true,
    priority: 2,
    sortBy: (key) => key.last_used_at ?? "",
    cell: (key) =>
      key.last_used_at === null ? (
        <span className="muted">never</span>
      ) : (
        <time dateTime={key.last_used_at}>{formatAgo(key.last_used_at, new Date())}</time>
      ),
  },
];
