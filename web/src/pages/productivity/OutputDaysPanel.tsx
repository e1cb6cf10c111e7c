/** "What came out, day by day?": one of lines, commits, pull requests, sessions and time. */

import { Select, useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { partColor, type Scheme } from "../../charts/palette";
import { formatBrief, formatCount, formatTokens, formatUnit } from "../../format/counts";
import { exactDuration, formatDuration } from "../../format/durations";
import { axisDuration } from "../../format/rates";
import {
  CHART_HEIGHT,
  DaysEvidence,
  type EvidenceSeries,
  sheetOfDays,
  type ValueText,
} from "../../parts/DaysEvidence";
import { Panel } from "../../parts/Panel";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { useOptions } from "../../view/useView";
import type { RawSearch } from "../../view/view";
import { type Output, type Productivity, useProductivity } from "./useProductivity";

type Day = Productivity["days"][number];

interface SeriesSpec {
  readonly id: string;
  readonly label: string;
  readonly broken?: boolean;
  readonly of: (day: Day) => number;
  /** Of the whole range, for what can be added up over days. */
  readonly total?: (output: Output) => number;
}

interface Kind {
  readonly label: string;
  readonly text: ValueText;
  readonly unit: string;
  readonly series: readonly SeriesSpec[];
}

const COUNTS: ValueText = { short: formatCount, exact: formatCount, axis: formatTokens };

const KINDS = {
  lines: {
    label: "Lines",
    text: { short: formatBrief, exact: formatCount, axis: formatTokens },
    unit: "lines",
    series: [
      { id: "added", label: "Added", of: (day) => day.lines.added, total: (output) => output.lines.added },
      {
        id: "removed",
        label: "Removed",
        broken: true,
        of: (day) => day.lines.removed,
        total: (output) => output.lines.removed,
      },
    ],
  },
  commits: {
    label: "Commits",
    text: COUNTS,
    unit: "commits",
    series: [
      { id: "commits", label: "Commits", of: (day) => day.commits, total: (output) => output.commits },
    ],
  },
  pull_requests: {
    label: "Pull requests",
    text: COUNTS,
    unit: "pull requests",
    series: [
      {
        id: "pull_requests",
        label: "Pull requests",
        of: (day) => day.pull_requests,
        total: (output) => output.pull_requests,
      },
    ],
  },
  time: {
    label: "Active time",
    text: { short: formatDuration, exact: exactDuration, axis: axisDuration },
    unit: "ms",
    series: [
      {
        id: "user",
        label: "People",
        of: (day) => day.active_time_ms.user,
        total: (output) => output.active_time_ms.user,
      },
      {
        id: "cli",
        label: "Claude",
        broken: true,
        of: (day) => day.active_time_ms.cli,
        total: (output) => output.active_time_ms.cli,
      },
    ],
  },
  sessions: {
    label: "Sessions",
    text: COUNTS,
    unit: "sessions",
    // A session taken up on two days counts on both, so days do not add up to the range's figure.
    series: [{ id: "sessions", label: "Sessions", of: (day) => day.sessions }],
  },
  people: {
    label: "Active people",
    text: COUNTS,
    unit: "people",
    series: [{ id: "people", label: "Active people", of: (day) => day.people }],
  },
} as const satisfies Record<string, Kind>;
type KindName = keyof typeof KINDS;

interface Options {
  readonly by: KindName | undefined;
}

function optionsOf(raw: RawSearch): Options {
  const known = typeof raw.by === "string" && raw.by in KINDS ? (raw.by as KindName) : undefined;
  return { by: known === "lines" ? undefined : known };
}

export function OutputDaysPanel() {
  const figures = useProductivity();
  const [options, change] = useOptions(optionsOf);
  const period = usePeriod();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { data } = figures;
  const name = options.by ?? "lines";
  const kind: Kind = KINDS[name];
  const series = useMemo(() => (data ? seriesOf(data, kind, scheme) : []), [data, kind, scheme]);
  return (
    <Panel
      span={8}
      question="What came out, day by day?"
      answer={data && <Words data={data} />}
      height={CHART_HEIGHT + 24}
      hasChart
      sheet={() => sheetOfDays(data?.days ?? [], series, kind.unit)}
      state={panelState(figures, isNothing, `Nothing came out ${period.words}.`)}
      actions={
        <Select
          aria-label="What is counted"
          size="xs"
          value={name}
          data={Object.entries(KINDS).map(([value, { label }]) => ({ value, label }))}
          onChange={(chosen) => change({ by: chosen === "lines" ? undefined : (chosen as KindName) })}
          allowDeselect={false}
          comboboxProps={{ transitionProps: { duration: 0 } }}
        />
      }
    >
      {() =>
        data && (
          <DaysEvidence
            days={data.days}
            series={series}
            text={kind.text}
            caption={`${kind.label} by day`}
            labels="Parts of the bars, from the top"
          />
        )
      }
    </Panel>
  );
}

function isNothing({ total }: Productivity): boolean {
  const { lines, commits, pull_requests: pulls, sessions, active_time_ms: time, people } = total;
  return [lines.added, lines.removed, commits, pulls, sessions, time.user, time.cli, people].every(
    (value) => value === 0,
  );
}

function Words({ data: { total } }: { readonly data: Productivity }) {
  return (
    <>
      <b>{formatUnit(total.commits, "commit")}</b> and {formatUnit(total.pull_requests, "pull request")},{" "}
      {formatUnit(total.lines.added, "line")} added
    </>
  );
}

function seriesOf(data: Productivity, kind: Kind, scheme: Scheme): EvidenceSeries[] {
  return kind.series.map((spec, index) => ({
    id: spec.id,
    label: spec.label,
    color: partColor(index, scheme),
    broken: spec.broken === true,
    ...(spec.total ? { total: spec.total(data.total) } : {}),
    values: data.days.map(spec.of),
  }));
}
