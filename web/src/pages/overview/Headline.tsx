/** The ten figures that are read first. Cost and tokens lead; every change names what it is compared with. */

import type { ReactNode } from "react";
import type { Overview, Totals } from "../../api/types";
import { amountChange, type Change, rateChange } from "../../format/change";
import {
  exactTokens,
  formatBrief,
  formatCount,
  formatShare,
  formatTokens,
  formatUnit,
} from "../../format/counts";
import { exactDuration, formatDuration } from "../../format/durations";
import { exactMoney, formatMoney } from "../../format/money";
import { allTokens } from "../../format/tokens";
import { FigureStrip, Minor, type StripFigure } from "../../parts/FigureStrip";
import { usePeriod } from "../../view/period";
import { useView } from "../../view/useView";
import type { FigureName } from "../../view/why";
import { useOverview } from "./useOverview";

interface TotalsFigure extends Omit<StripFigure<Totals>, "change" | "before" | "aside" | "why"> {
  readonly change: (now: Totals, before: Totals, periodBefore: string) => Change;
  readonly aside?: (data: Overview) => ReactNode;
  readonly why?: FigureName;
  /** Belongs to a model: what does not is left out where only some models are looked at. */
  readonly ofModels?: boolean;
}

/** A figure that is one count. */
function count(
  label: string,
  unit: string,
  why: FigureName,
  pick: (totals: Totals) => number,
  many?: string,
): TotalsFigure {
  return {
    label,
    why,
    value: (totals) => formatCount(pick(totals)),
    exact: (totals) => formatUnit(pick(totals), unit, many),
    change: (now, before, period) => amountChange(pick(now), pick(before), period),
  };
}

const FIGURES: readonly TotalsFigure[] = [
  {
    label: "Cost",
    leads: true,
    ofModels: true,
    why: "cost",
    value: (totals) => formatMoney(totals.cost_micros.settled),
    exact: (totals) => exactMoney(totals.cost_micros.settled),
    change: (now, before, period) =>
      amountChange(now.cost_micros.settled, before.cost_micros.settled, period),
    aside: (data) => <CoverageMark data={data} />,
  },
  {
    label: "Tokens",
    leads: true,
    ofModels: true,
    why: "tokens",
    value: (totals) => formatTokens(allTokens(totals.tokens)),
    exact: (totals) => exactTokens(allTokens(totals.tokens)),
    change: (now, before, period) => amountChange(allTokens(now.tokens), allTokens(before.tokens), period),
  },
  count("Sessions", "session", "sessions", (totals) => totals.sessions),
  { ...count("Requests", "request", "requests", (totals) => totals.requests), ofModels: true },
  {
    label: "Lines added and removed",
    why: "lines_added",
    value: (totals) => (
      <>
        +{formatBrief(totals.lines.added)} <Minor>−{formatBrief(totals.lines.removed)}</Minor>
      </>
    ),
    exact: ({ lines }) =>
      `${formatUnit(lines.added, "line")} added, ${formatUnit(lines.removed, "line")} removed`,
    change: (now, before, period) => amountChange(now.lines.added, before.lines.added, period),
  },
  count("Commits", "commit", "commits", (totals) => totals.commits),
  count("Pull requests", "pull request", "pull_requests", (totals) => totals.pull_requests),
  {
    label: "Acceptance rate of edits",
    value: ({ decisions }) =>
      decisions.acceptance_rate === null ? "–" : formatShare(decisions.acceptance_rate),
    exact: ({ decisions }) =>
      `${formatUnit(decisions.accepted, "edit")} accepted, ${formatCount(decisions.rejected)} rejected`,
    change: (now, before, period) =>
      rateChange(now.decisions.acceptance_rate, before.decisions.acceptance_rate, period),
  },
  {
    ...count("Active people", "person", "people", (totals) => totals.active_people, "people"),
    ofModels: true,
  },
  {
    label: "Active time",
    why: "active_user",
    value: (totals) => formatDuration(totals.active_time_ms.user),
    exact: ({ active_time_ms: time }) =>
      `People ${exactDuration(time.user)}, Claude ${exactDuration(time.cli)}`,
    change: (now, before, period) =>
      amountChange(now.active_time_ms.user, before.active_time_ms.user, period),
    aside: (data) => <>Claude {formatDuration(data.totals.active_time_ms.cli)}</>,
  },
];

export function Headline() {
  const figures = useOverview();
  const { before } = usePeriod();
  const [view] = useView();
  const specs = FIGURES.map((figure) =>
    view.model !== undefined && !figure.ofModels ? notOfModels(figure) : specOf(figure, before),
  );
  return <FigureStrip name="Headline figures" figures={figures} specs={specs} />;
}

function specOf({ value, exact, change, why, ...rest }: TotalsFigure, before: string): StripFigure<Overview> {
  return {
    ...rest,
    ...(why ? { why: { figure: why } } : {}),
    value: (data) => value(data.totals),
    exact: (data) => exact(data.totals),
    change: (data) => change(data.totals, data.previous, before),
    before: (data) => exact(data.previous),
  };
}

/** A session, a line or a commit is no model's; zero would be wrong. */
function notOfModels({ label }: TotalsFigure): StripFigure<Overview> {
  return {
    label,
    value: () => "–",
    exact: () => "No source tells this by model",
    aside: () => "not told by model",
  };
}

/** Below this share of unexplained cost the figure needs no remark. */
const WORTH_SAYING = 0.02;

/** Says what is missing beside the total, and leads to the panel that explains it. */
function CoverageMark({ data }: { data: Overview }) {
  const share = data.coverage.unattributed.cost_share;
  if (share === null || share <= WORTH_SAYING) {
    return null;
  }
  return <a href="#coverage">{formatShare(share)} known only from totals</a>;
}
