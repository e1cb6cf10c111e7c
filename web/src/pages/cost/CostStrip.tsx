/** Cost, what the cache did to it, and how much of it the client itself told. */

import { amountChange } from "../../format/change";
import { formatShare } from "../../format/counts";
import { exactMoney, formatMoney } from "../../format/money";
import { FigureStrip, type StripFigure } from "../../parts/FigureStrip";
import { usePeriod } from "../../view/period";
import { type CostReport, useCost } from "./useCost";

export function CostStrip() {
  const figures = useCost();
  const { before } = usePeriod();
  const specs: readonly StripFigure<CostReport>[] = [
    {
      label: "Cost",
      leads: true,
      why: { figure: "cost" },
      value: (data) => formatMoney(data.total.settled),
      exact: (data) => exactMoney(data.total.settled),
      change: (data) => amountChange(data.total.settled, data.previous.settled, before),
      before: (data) => exactMoney(data.previous.settled),
    },
    {
      label: "Saved by the cache",
      value: (data) => formatMoney(data.cache.net),
      exact: (data) =>
        `${exactMoney(data.cache.saved_by_reads)} saved by reads, ${exactMoney(data.cache.paid_for_writes)} paid for writes`,
      aside: () => "at list prices",
    },
    {
      label: "Sent from the cache",
      value: (data) => (data.cache.hit_rate === null ? "–" : formatShare(data.cache.hit_rate)),
      exact: () => "Tokens read from the cache, of all tokens sent",
      aside: () => "of all tokens sent",
    },
    {
      label: "Reported by the client",
      value: (data) => formatMoney(data.reported.reported),
      exact: (data) => exactMoney(data.reported.reported),
      aside: (data) => `${formatMoney(data.reported.only_priced)} by the price book alone`,
    },
    {
      label: "Known only from totals",
      value: (data) => formatMoney(data.unattributed.cost_micros.settled),
      exact: (data) => exactMoney(data.unattributed.cost_micros.settled),
      why: { figure: "cost", where: { kind: ["unattributed"] } },
      aside: ({ unattributed }) =>
        unattributed.cost_share === null ? "no cost" : `${formatShare(unattributed.cost_share)} of the cost`,
    },
  ];
  return <FigureStrip name="Cost in figures" figures={figures} specs={specs} />;
}
