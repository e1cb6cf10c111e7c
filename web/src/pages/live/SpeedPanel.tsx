/** "How fast?": the cost of the last hour, five minutes a bar. */

import { useElementSize } from "@mantine/hooks";
import { formatUnit } from "../../format/counts";
import { formatClock, formatTime } from "../../format/dates";
import { axisMoney, formatMoney } from "../../format/money";
import { type Column, DataTable, sheetOf } from "../../parts/DataTable";
import { Money } from "../../parts/Figure";
import { Panel } from "../../parts/Panel";
import { dollars } from "../../parts/sheet";
import { usePeriod } from "../../view/period";
import { type Figures, panelState } from "../../view/useQuestion";
import type { LiveNow } from "./queries";
import classes from "./SpeedPanel.module.css";

const HEIGHT = 150;
const FOOT = 20;
const LEFT = 48;
const TOP = 8;

type Step = LiveNow["steps"][number];

export function SpeedPanel({ figures }: { readonly figures: Figures<LiveNow> }) {
  const period = usePeriod();
  const { data } = figures;
  const columns = stepColumns(period.zone, period.today);
  return (
    <Panel
      question="How fast is it spent?"
      answer={
        data && (
          <>
            <b>{formatMoney(data.last_hour.cost_micros.settled)}</b> in the last hour, five minutes a bar
          </>
        )
      }
      height={HEIGHT + FOOT}
      state={panelState(
        figures,
        ({ last_hour }) => last_hour.requests === 0 && last_hour.cost_micros.settled === 0,
        "Nothing was spent in the last hour.",
      )}
      hasChart
      {...(data ? { sheet: () => sheetOf(columns, data.steps) } : {})}
    >
      {() =>
        data && (
          <>
            <div aria-hidden="true">
              <Steps steps={data.steps} zone={period.zone} today={period.today} />
            </div>
            <DataTable
              caption="Cost by five minutes"
              columns={columns}
              rows={data.steps}
              rowKey={(step) => step.from}
              unseen
            />
          </>
        )
      }
    </Panel>
  );
}

interface StepsProps {
  readonly steps: readonly Step[];
  readonly zone: string;
  readonly today: string;
}

function Steps({ steps, zone, today }: StepsProps) {
  const { ref, width } = useElementSize();
  const highest = Math.max(...steps.map((step) => step.cost_micros.settled), 1);
  const room = (Math.max(width, 200) - LEFT) / steps.length;
  const every = Math.max(1, Math.ceil(48 / room));
  return (
    <div ref={ref} data-chart style={{ height: HEIGHT + FOOT }}>
      {width > 0 && (
        <svg width={width} height={HEIGHT + FOOT} className={classes.chart}>
          <title>Cost of the last hour</title>
          <text className={classes.axis} x={LEFT - 8} y={TOP + 4} textAnchor="end">
            {axisMoney(highest)}
          </text>
          <text className={classes.axis} x={LEFT - 8} y={HEIGHT} textAnchor="end">
            $0
          </text>
          <line className={classes.rule} x1={LEFT} x2={width} y1={TOP} y2={TOP} />
          <line className={classes.rule} x1={LEFT} x2={width} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
          {steps.map((step, place) => {
            const height = (step.cost_micros.settled / highest) * (HEIGHT - TOP);
            const x = LEFT + place * room;
            const isRunning = place === steps.length - 1;
            return (
              <g key={step.from}>
                <rect
                  className={isRunning ? classes.running : classes.bar}
                  x={x + room * 0.12}
                  y={HEIGHT - height}
                  width={room * 0.76}
                  height={height}
                >
                  <title>{noteOf(step, zone, today)}</title>
                </rect>
                {(steps.length - 1 - place) % every === 0 && (
                  <text
                    className={classes.axis}
                    // The last one would not fit below the middle of a narrow bar.
                    x={isRunning && every > 1 ? width : x + room / 2}
                    y={HEIGHT + 15}
                    textAnchor={isRunning && every > 1 ? "end" : "middle"}
                  >
                    {formatTime(step.from, zone)}
                  </text>
                )}
              </g>
            );
          })}
        </svg>
      )}
    </div>
  );
}

function noteOf(step: Step, zone: string, today: string): string {
  const from = formatClock(step.from, zone, today);
  return `${from}: ${formatMoney(step.cost_micros.settled)}, ${formatUnit(step.requests, "request")}`;
}

function stepColumns(zone: string, today: string): readonly Column<Step>[] {
  return [
    {
      id: "from",
      title: "From",
      isHeader: true,
      exported: { value: (step) => step.from },
      cell: (step) => formatClock(step.from, zone, today),
    },
    {
      id: "requests",
      title: "Requests",
      numeric: true,
      exported: { value: (step) => step.requests },
      cell: (step) => step.requests,
    },
    {
      id: "cost",
      title: "Cost",
      numeric: true,
      exported: { title: "Cost (USD)", value: (step) => dollars(step.cost_micros.settled) },
      cell: (step) => <Money micros={step.cost_micros.settled} />,
    },
  ];
}
