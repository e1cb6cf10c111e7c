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
import classes from "./Headline.module.css";
import { usePeriod } from "./period";
import { type OverviewFigures, useOverview } from "./useOverview";

interface FigureSpec {
  readonly label: string;
  readonly leads?: boolean;
  readonly value: (totals: Totals) => ReactNode;
  readonly exact: (totals: Totals) => string;
  readonly change: (now: Totals, before: Totals, periodBefore: string) => Change;
}

/** A figure that is one count. */
function count(label: string, unit: string, pick: (totals: Totals) => number, many?: string): FigureSpec {
  return {
    label,
    value: (totals) => formatCount(pick(totals)),
    exact: (totals) => formatUnit(pick(totals), unit, many),
    change: (now, before, period) => amountChange(pick(now), pick(before), period),
  };
}

const FIGURES: readonly FigureSpec[] = [
  {
    label: "Cost",
    leads: true,
    value: (totals) => formatMoney(totals.cost_micros.settled),
    exact: (totals) => exactMoney(totals.cost_micros.settled),
    change: (now, before, period) =>
      amountChange(now.cost_micros.settled, before.cost_micros.settled, period),
  },
  {
    label: "Tokens",
    leads: true,
    value: (totals) => formatTokens(allTokens(totals.tokens)),
    exact: (totals) => exactTokens(allTokens(totals.tokens)),
    change: (now, before, period) => amountChange(allTokens(now.tokens), allTokens(before.tokens), period),
  },
  count("Sessions", "session", (totals) => totals.sessions),
  count("Requests", "request", (totals) => totals.requests),
  {
    label: "Lines added and removed",
    value: (totals) => (
      <>
        +{formatBrief(totals.lines.added)}{" "}
        <span className={classes.minor}>−{formatBrief(totals.lines.removed)}</span>
      </>
    ),
    exact: ({ lines }) =>
      `${formatUnit(lines.added, "line")} added, ${formatUnit(lines.removed, "line")} removed`,
    change: (now, before, period) => amountChange(now.lines.added, before.lines.added, period),
  },
  count("Commits", "commit", (totals) => totals.commits),
  count("Pull requests", "pull request", (totals) => totals.pull_requests),
  {
    label: "Acceptance rate of edits",
    value: ({ decisions }) =>
      decisions.acceptance_rate === null ? "–" : formatShare(decisions.acceptance_rate),
    exact: ({ decisions }) =>
      `${formatUnit(decisions.accepted, "edit")} accepted, ${formatCount(decisions.rejected)} rejected`,
    change: (now, before, period) =>
      rateChange(now.decisions.acceptance_rate, before.decisions.acceptance_rate, period),
  },
  count("Active people", "person", (totals) => totals.active_people, "people"),
  {
    label: "Active time",
    value: (totals) => formatDuration(totals.active_time_ms.user),
    exact: ({ active_time_ms: time }) =>
      `People ${exactDuration(time.user)}, Claude ${exactDuration(time.cli)}`,
    change: (now, before, period) =>
      amountChange(now.active_time_ms.user, before.active_time_ms.user, period),
  },
];

export function Headline() {
  const figures = useOverview();
  const period = usePeriod();
  return (
    <section
      className={classes.panel}
      aria-label="Headline figures"
      aria-busy={figures.data === undefined || figures.stale}
    >
      <dl className={classes.grid} data-stale={figures.stale}>
        {FIGURES.map((spec) => (
          <div key={spec.label} className={classes.figure} data-leads={spec.leads === true}>
            <dt>{spec.label}</dt>
            <FigureText spec={spec} figures={figures} before={period.before} />
          </div>
        ))}
      </dl>
    </section>
  );
}

function FigureText({
  spec,
  figures,
  before,
}: {
  spec: FigureSpec;
  figures: OverviewFigures;
  before: string;
}) {
  const { data, error } = figures;
  if (data === undefined) {
    return (
      <>
        <dd className={classes.value} data-loading={!error}>
          {error ? "–" : "\u00a0"}
        </dd>
        <dd className={classes.change}>{error ? "not loaded" : "\u00a0"}</dd>
      </>
    );
  }
  const change = spec.change(data.totals, data.previous, before);
  return (
    <>
      <dd className={classes.value} title={spec.exact(data.totals)}>
        {spec.value(data.totals)}
      </dd>
      <dd className={classes.change} title={`Before: ${spec.exact(data.previous)}`}>
        <span className={classes.amount}>{change.amount}</span> {change.base}
        {spec.label === "Cost" && <CoverageMark data={data} />}
        {spec.label === "Active time" && (
          <span className={classes.aside}>Claude {formatDuration(data.totals.active_time_ms.cli)}</span>
        )}
      </dd>
    </>
  );
}

/** Below this share of unexplained cost the figure needs no remark. */
const WORTH_SAYING = 0.02;

/** Says what is missing beside the total, and leads to the panel that explains it. */
function CoverageMark({ data }: { data: Overview }) {
  const share = data.coverage.unattributed.cost_share;
  if (share === null || share <= WORTH_SAYING) {
    return null;
  }
  return (
    <a className={classes.aside} href="#coverage">
      {formatShare(share)} known only from totals
    </a>
  );
}
