/** The figures that say whether there is anything to look after. */

import { formatCount, formatShare, formatTokens, formatUnit } from "../../format/counts";
import { exactMoney, formatMoney } from "../../format/money";
import { FigureStrip, type StripFigure } from "../../parts/FigureStrip";
import type { Figures } from "../../view/useQuestion";
import type { Health } from "./queries";

const COLUMNS = 4;

export function Headline({ figures }: { readonly figures: Figures<Health> }) {
  return <FigureStrip name="Headline figures" figures={figures} specs={SPECS} columns={COLUMNS} />;
}

const SPECS: readonly StripFigure<Health>[] = [
  {
    label: "Known only from totals",
    value: ({ coverage: { unattributed } }) =>
      unattributed.cost_share === null ? "–" : formatShare(unattributed.cost_share),
    exact: ({ coverage }) =>
      `${exactMoney(coverage.unattributed.cost_micros.settled)} that no request accounts for`,
    aside: ({ coverage: { unattributed } }) =>
      unattributed.cost_share === null
        ? "no cost"
        : `of the cost, ${formatMoney(unattributed.cost_micros.settled)}`,
  },
  {
    label: "Events lost",
    value: ({ events }) => formatCount(events.coverage.missing),
    exact: ({ events }) => formatUnit(events.coverage.missing, "event"),
    aside: ({ events }) => `in the newest ${formatUnit(events.sessions_read, "session")}`,
  },
  {
    label: "Models without a price",
    value: ({ unpriced }) => formatCount(unpriced.length),
    exact: ({ unpriced }) => unpriced.map(({ model }) => model).join(", "),
    aside: ({ unpriced: [first] }) =>
      first ? `${formatTokens(first.tokens)} tokens of ${first.model}` : "all are priced",
  },
  {
    label: "Sources that told",
    value: ({ coverage }) => formatCount(coverage.sources.filter(({ records }) => records > 0).length),
    exact: ({ coverage }) => `of ${formatUnit(coverage.sessions, "session")}`,
    aside: ({ coverage }) => `of ${formatUnit(coverage.sessions, "session")}`,
  },
];
