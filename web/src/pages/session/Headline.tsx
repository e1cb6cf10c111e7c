/** The session's figures that are read first. */

import type { Story } from "../../api/story";
import { exactTokens, formatCount, formatShare, formatTokens, formatUnit } from "../../format/counts";
import { exactDuration, formatDuration } from "../../format/durations";
import { exactMoney, formatMoney } from "../../format/money";
import { allTokens } from "../../format/tokens";
import { FigureStrip, Minor, type StripFigure } from "../../parts/FigureStrip";
import type { StoryProps } from "./figures";

const COLUMNS = 8;

export function Headline({ figures }: StoryProps) {
  return <FigureStrip name="Figures of the session" figures={figures} specs={SPECS} columns={COLUMNS} />;
}

const SPECS: readonly StripFigure<Story>[] = [
  {
    label: "Cost",
    leads: true,
    value: ({ session }) => formatMoney(session.cost_micros.settled),
    exact: ({ session }) => exactMoney(session.cost_micros.settled),
    aside: ({ coverage }) => {
      const share = coverage.unattributed.cost_share;
      return share === null || share === 0 ? null : `${formatShare(share)} known only from totals`;
    },
  },
  {
    label: "Tokens",
    value: ({ session }) => formatTokens(allTokens(session.tokens)),
    exact: ({ session }) => exactTokens(allTokens(session.tokens)),
  },
  {
    label: "Requests",
    value: ({ session }) => formatCount(session.requests),
    exact: ({ session }) => formatUnit(session.requests, "request"),
    aside: ({ session }) => failed(session.api_errors),
  },
  {
    label: "Prompts",
    value: ({ session }) => formatCount(session.prompts),
    exact: ({ session }) => formatUnit(session.prompts, "prompt"),
    aside: ({ commands }) => (commands === 0 ? null : formatUnit(commands, "command")),
  },
  {
    label: "Tool calls",
    value: ({ session }) => formatCount(session.tool_calls),
    exact: ({ session }) => formatUnit(session.tool_calls, "tool call"),
    aside: ({ session }) => failed(session.tool_failures),
  },
  {
    label: "Lines",
    value: ({ session }) => (
      <>
        +{formatCount(session.lines.added)} <Minor>−{formatCount(session.lines.removed)}</Minor>
      </>
    ),
    exact: ({ session: { lines } }) =>
      `${formatUnit(lines.added, "line")} added, ${formatUnit(lines.removed, "line")} removed`,
    aside: ({ decisions }) =>
      decisions.acceptance_rate === null
        ? null
        : `${formatShare(decisions.acceptance_rate)} of edits accepted`,
  },
  {
    label: "Active time",
    value: ({ active_time_ms: time }) => formatDuration(time.user),
    exact: ({ active_time_ms: time }) =>
      `Person ${exactDuration(time.user)}, Claude ${exactDuration(time.cli)}`,
    aside: ({ active_time_ms: time }) => `Claude ${formatDuration(time.cli)}`,
  },
];

function failed(count: number): string {
  return count === 0 ? "none failed" : `${formatCount(count)} failed`;
}
