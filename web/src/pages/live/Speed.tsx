/** The figures of the moment. */

import { exactTokens, formatCount, formatTokens, formatUnit } from "../../format/counts";
import { exactMoney, formatMoney } from "../../format/money";
import { allTokens } from "../../format/tokens";
import { FigureStrip, type StripFigure } from "../../parts/FigureStrip";
import type { Figures } from "../../view/useQuestion";
import type { LiveNow } from "./queries";

const COLUMNS = 8;

export function Speed({ figures }: { readonly figures: Figures<LiveNow> }) {
  return <FigureStrip name="Figures of the moment" figures={figures} specs={SPECS} columns={COLUMNS} />;
}

const SPECS: readonly StripFigure<LiveNow>[] = [
  {
    label: "Burn rate",
    leads: true,
    value: (live) => `${formatMoney(live.burn_micros_per_hour)}/h`,
    exact: (live) => `${exactMoney(live.burn_micros_per_hour)} an hour`,
    aside: () => "by the last 15 minutes",
  },
  {
    label: "Sessions running",
    value: (live) => formatCount(live.running),
    exact: (live) => formatUnit(live.running, "session"),
    aside: () => "active in the last 15 minutes",
  },
  ofLastHour(
    "Cost",
    (hour) => formatMoney(hour.cost_micros.settled),
    (hour) => exactMoney(hour.cost_micros.settled),
  ),
  ofLastHour(
    "Tokens",
    (hour) => formatTokens(allTokens(hour.tokens)),
    (hour) => exactTokens(allTokens(hour.tokens)),
  ),
  ofLastHour(
    "Requests",
    (hour) => formatCount(hour.requests),
    (hour) => formatUnit(hour.requests, "request"),
  ),
  {
    label: "Tool calls",
    value: ({ last_hour: hour }) => formatCount(hour.tool_calls),
    exact: ({ last_hour: hour }) => formatUnit(hour.tool_calls, "tool call"),
    aside: ({ last_hour: hour }) =>
      hour.tool_failures === 0 ? "none failed in the last hour" : `${formatCount(hour.tool_failures)} failed`,
  },
  ofLastHour(
    "Failed requests",
    (hour) => formatCount(hour.api_errors),
    (hour) => formatUnit(hour.api_errors, "request"),
  ),
];

function ofLastHour(
  label: string,
  value: (hour: LiveNow["last_hour"]) => string,
  exact: (hour: LiveNow["last_hour"]) => string,
): StripFigure<LiveNow> {
  return {
    label,
    value: (live) => value(live.last_hour),
    exact: (live) => exact(live.last_hour),
    aside: () => "in the last hour",
  };
}
