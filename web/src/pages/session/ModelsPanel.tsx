/** "Which models worked?" */

import type { Story } from "../../api/story";
import { formatCount } from "../../format/counts";
import { modelName } from "../../format/models";
import { allTokens } from "../../format/tokens";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money, TokenCount } from "../../parts/Figure";
import { ModelLabel } from "../../parts/ModelLabel";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { panelState } from "../../view/useQuestion";
import type { StoryProps } from "./figures";

type Model = Story["models"][number];

export function ModelsPanel({ figures }: StoryProps) {
  const models = figures.data?.models ?? [];
  const [first] = models;
  return (
    <Panel
      span={6}
      question="Which models worked?"
      answer={first && <>{modelName(first.model).label} cost most</>}
      height={120}
      state={panelState(figures, (story) => story.models.length === 0, "No request to a model is known.")}
      sheet={() => sheetOf(COLUMNS, models)}
    >
      {() => <DataTable caption="Models" columns={COLUMNS} rows={models} rowKey={(row) => row.model} />}
    </Panel>
  );
}

const COLUMNS: readonly Column<Model>[] = [
  {
    id: "model",
    title: "Model",
    isHeader: true,
    sortBy: (row) => row.model,
    cell: (row) => <ModelLabel id={row.model} />,
  },
  {
    id: "requests",
    title: "Requests",
    numeric: true,
    sortBy: (row) => row.requests,
    cell: (row) => formatCount(row.requests),
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
