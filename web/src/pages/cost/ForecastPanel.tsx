/** "What will the month cost?": the month so far, what is expected of the rest, and the budget. */

import { useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { type Scheme, SURFACES } from "../../charts/palette";
import { formatShare, formatUnit } from "../../format/counts";
import { formatDay, formatMonth } from "../../format/dates";
import { axisMoney, exactMoney, formatMoney } from "../../format/money";
import { CHART_HEIGHT, DaysEvidence, type EvidenceSeries } from "../../parts/DaysEvidence";
import { Note } from "../../parts/Note";
import { Panel } from "../../parts/Panel";
import { dollars, type Sheet } from "../../parts/sheet";
import { panelState } from "../../view/useQuestion";
import { type Forecast, useForecast } from "./useCost";

const TEXT = { short: formatMoney, exact: exactMoney, axis: axisMoney };
const HEIGHT = 220;

export function ForecastPanel() {
  const figures = useForecast();
  const { data } = figures;
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const series = useMemo(() => (data ? seriesOf(data, scheme) : []), [data, scheme]);
  const days = useMemo(() => data?.days.map(({ date }) => ({ date, complete: true })) ?? [], [data]);
  return (
    <Panel
      span={8}
      question="What will the month cost?"
      answer={data && <Words data={data} />}
      height={HEIGHT + 40}
      hasChart
      sheet={() => sheetOf(data)}
      state={panelState(
        figures,
        (all) => all.so_far === 0 && all.end_of_month === null,
        "Nothing was spent this month, and nothing in the weeks before that a forecast could rest on.",
      )}
    >
      {() =>
        data && (
          <>
            <DaysEvidence
              days={days}
              series={series}
              text={TEXT}
              caption="The month by day"
              labels="Lines in the chart"
              height={Math.min(HEIGHT, CHART_HEIGHT)}
            />
            <Note>
              <Rests data={data} />
            </Note>
          </>
        )
      }
    </Panel>
  );
}

function Words({ data }: { readonly data: Forecast }) {
  const { end_of_month: estimate } = data;
  if (estimate === null) {
    return (
      <>
        <b title={exactMoney(data.so_far)}>{formatMoney(data.so_far)}</b> so far in {formatMonth(data.start)}
      </>
    );
  }
  return (
    <>
      About <b title={exactMoney(estimate.expected)}>{formatMoney(estimate.expected)}</b> by the end of{" "}
      {formatMonth(data.end)}, likely {formatMoney(estimate.low)} to {formatMoney(estimate.high)}; the month
      before cost {formatMoney(data.month_before)}
    </>
  );
}

/** What the estimate rests on, and how the budget stands. */
function Rests({ data }: { readonly data: Forecast }) {
  const history = formatUnit(data.history_days, "day");
  const basis =
    data.end_of_month === null
      ? `A forecast needs two weeks of history; there are ${history}.`
      : `An estimate from ${history} of history: each weekday to come as it was on average, eight of ten months within the band.`;
  const { budget } = data;
  if (!budget) {
    return <>{basis}</>;
  }
  const used = budget.used === null ? "" : `, ${formatShare(budget.used)} used`;
  const end =
    budget.used_up_on === null
      ? data.end_of_month === null
        ? ""
        : "It is expected to last."
      : budget.used_up_on <= data.today
        ? `Used up on ${formatDay(budget.used_up_on)}.`
        : `Expected to be used up on ${formatDay(budget.used_up_on)}.`;
  return (
    <>
      Budget <b title={exactMoney(budget.amount)}>{formatMoney(budget.amount)}</b>
      {used}. {end} {basis}
    </>
  );
}

function seriesOf(data: Forecast, scheme: Scheme): EvidenceSeries[] {
  const surface = SURFACES[scheme];
  const series: EvidenceSeries[] = [
    {
      id: "so far",
      label: "So far",
      color: surface.accent,
      line: true,
      total: data.so_far,
      values: data.days.map((day) => day.month_so_far),
    },
  ];
  if (data.end_of_month) {
    series.unshift({
      id: "expected",
      label: "Expected",
      color: surface.muted,
      line: true,
      broken: true,
      total: data.end_of_month.expected,
      values: data.days.map((day) => day.expected?.expected ?? null),
      band: {
        low: data.days.map((day) => day.expected?.low ?? null),
        high: data.days.map((day) => day.expected?.high ?? null),
      },
    });
  }
  const { budget } = data;
  if (budget) {
    series.push({
      id: "budget",
      label: "Budget",
      color: surface.bad,
      line: true,
      broken: true,
      total: budget.amount,
      values: data.days.map(() => budget.amount),
    });
  }
  return series;
}

function sheetOf(data: Forecast | undefined): Sheet {
  const money = (micros: number | null | undefined) => (micros == null ? null : dollars(micros));
  return {
    columns: ["Day", "Cost (USD)", "Month so far (USD)", "Expected (USD)", "Low (USD)", "High (USD)"],
    rows: (data?.days ?? []).map(({ date, cost, month_so_far: soFar, expected }) => [
      date,
      money(cost),
      money(soFar),
      money(expected?.expected),
      money(expected?.low),
      money(expected?.high),
    ]),
  };
}
