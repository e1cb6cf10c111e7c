/** "What did the cache save?": what the same would have cost without it. */

import { formatShare } from "../../format/counts";
import { exactMoney, formatMoney } from "../../format/money";
import { BarCell } from "../../parts/BarCell";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money } from "../../parts/Figure";
import { Note } from "../../parts/Note";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { type CostReport, useCost } from "./useCost";

interface Step {
  readonly label: string;
  readonly micros: number;
  /** What is taken away, rather than given. */
  readonly minus?: boolean;
}

export function CacheSavingsPanel() {
  const figures = useCost();
  const period = usePeriod();
  const { data } = figures;
  const steps = data ? stepsOf(data) : [];
  const columns = stepColumns(steps);
  return (
    <Panel
      span={6}
      question="What did the cache save?"
      answer={data && <Words data={data} />}
      height={160}
      sheet={() => sheetOf(columns, steps)}
      state={panelState(
        figures,
        ({ tokens }) => tokens.cache_read === 0 && tokens.cache_creation === 0,
        `Nothing was read from the cache or written to it ${period.words}.`,
      )}
    >
      {() => (
        <>
          <DataTable
            caption="What the cache saved"
            columns={columns}
            rows={steps}
            rowKey={(step) => step.label}
          />
          <Note>
            At list prices, compared with sending the same tokens as plain input. Models without a price are
            left out.
          </Note>
        </>
      )}
    </Panel>
  );
}

function Words({ data: { cache } }: { readonly data: CostReport }) {
  return (
    <>
      <b title={exactMoney(cache.net)}>{formatMoney(cache.net)}</b>
      {cache.net < 0 ? ": writing cost more than reading saved" : " less than without it"}
      {cache.hit_rate !== null && `; ${formatShare(cache.hit_rate)} of what was sent came from it`}
    </>
  );
}

function stepsOf({ cache }: CostReport): Step[] {
  return [
    { label: "Saved by reading", micros: cache.saved_by_reads },
    { label: "Paid more for writing", micros: cache.paid_for_writes, minus: true },
    { label: "Saved in the end", micros: cache.net },
  ];
}

function stepColumns(steps: readonly Step[]): Column<Step>[] {
  const largest = Math.max(...steps.map((step) => Math.abs(step.micros)), 0);
  return [
    {
      id: "step",
      title: "",
      isHeader: true,
      exported: { title: "What", value: (step) => step.label },
      cell: (step) => step.label,
    },
    {
      id: "bar",
      title: "",
      width: "40%",
      cell: (step) => (
        <BarCell
          whole={largest}
          parts={[{ value: Math.abs(step.micros), color: "var(--muted)", hatched: step.minus === true }]}
        />
      ),
    },
    {
      id: "amount",
      title: "Amount",
      numeric: true,
      exported: { title: "Amount (USD)", value: (step) => dollars(step.minus ? -step.micros : step.micros) },
      cell: (step) => <Money micros={step.minus ? -step.micros : step.micros} />,
    },
  ];
}
