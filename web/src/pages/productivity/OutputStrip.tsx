/** What came out of the range, and what it cost for each commit and pull request. */

import { amountChange } from "../../format/change";
import { formatBrief, formatCount, formatUnit } from "../../format/counts";
import { exactDuration, formatDuration } from "../../format/durations";
import { exactMoney, formatMoney } from "../../format/money";
import { FigureStrip, Minor, type StripFigure } from "../../parts/FigureStrip";
import { usePeriod } from "../../view/period";
import type { FigureName } from "../../view/why";
import { type Output, type Productivity, useProductivity } from "./useProductivity";

export function OutputStrip() {
  const { before } = usePeriod();
  const count = (
    label: string,
    unit: string,
    figure: FigureName,
    pick: (output: Output) => number,
  ): StripFigure<Productivity> => ({
    label,
    why: { figure },
    value: ({ total }) => formatCount(pick(total)),
    exact: ({ total }) => formatUnit(pick(total), unit),
    change: ({ total, previous }) => amountChange(pick(total), pick(previous), before),
    before: ({ previous }) => formatUnit(pick(previous), unit),
  });
  const price = (
    label: string,
    each: string,
    pick: (output: Output) => number | null,
  ): StripFigure<Productivity> => ({
    label,
    value: ({ total }) => priceText(pick(total)),
    exact: ({ total }) => {
      const micros = pick(total);
      return micros === null ? `No ${each}s` : exactMoney(micros);
    },
    change: ({ total, previous }) => amountChange(pick(total) ?? 0, pick(previous) ?? 0, before),
    before: ({ previous }) => priceText(pick(previous)),
  });
  const specs: readonly StripFigure<Productivity>[] = [
    {
      label: "Lines added and removed",
      leads: true,
      why: { figure: "lines_added" },
      value: ({ total }) => (
        <>
          +{formatBrief(total.lines.added)} <Minor>−{formatBrief(total.lines.removed)}</Minor>
        </>
      ),
      exact: ({ total }) =>
        `${formatUnit(total.lines.added, "line")} added, ${formatUnit(total.lines.removed, "line")} removed`,
      change: ({ total, previous }) => amountChange(total.lines.added, previous.lines.added, before),
    },
    count("Commits", "commit", "commits", (output) => output.commits),
    count("Pull requests", "pull request", "pull_requests", (output) => output.pull_requests),
    count("Sessions", "session", "sessions", (output) => output.sessions),
    {
      label: "Active time",
      why: { figure: "active_user" },
      value: ({ total }) => formatDuration(total.active_time_ms.user),
      exact: ({ total: { active_time_ms: time } }) =>
        `People ${exactDuration(time.user)}, Claude ${exactDuration(time.cli)}`,
      change: ({ total, previous }) =>
        amountChange(total.active_time_ms.user, previous.active_time_ms.user, before),
      aside: ({ total }) => <>Claude {formatDuration(total.active_time_ms.cli)}</>,
    },
    {
      label: "Days of people",
      value: ({ total }) => formatCount(total.person_days),
      exact: ({ total }) =>
        `${formatUnit(total.person_days, "day")} on which one of ${formatUnit(total.people, "person", "people")} made a request`,
      change: ({ total, previous }) => amountChange(total.person_days, previous.person_days, before),
      aside: ({ total }) => formatUnit(total.people, "person", "people"),
    },
    price("Cost for a commit", "commit", (output) => output.cost_per_commit),
    price("Cost for a pull request", "pull request", (output) => output.cost_per_pull_request),
    price("Cost for 100 lines added", "line", (output) => output.cost_per_hundred_lines),
  ];
  return <FigureStrip name="Output in figures" figures={useProductivity()} specs={specs} columns={5} />;
}

function priceText(micros: number | null): string {
  return micros === null ? "–" : formatMoney(micros);
}
