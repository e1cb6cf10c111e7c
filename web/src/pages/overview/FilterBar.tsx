/** Range and time zone, and the sentence that they make. Both live in the address. */

import { SegmentedControl, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { isRange, PRESETS, type Preset, without } from "../../app/search";
import { addDays, type DateRange, daysIn, formatRange } from "../../format/dates";
import { allZones } from "../../format/zones";
import classes from "./FilterBar.module.css";
import { type Period, usePeriod } from "./period";
import { useOverviewSearch } from "./useOverviewSearch";

const CHOICES: { value: Preset | "custom"; label: string }[] = [
  { value: "today", label: "Today" },
  { value: "7d", label: "7 days" },
  { value: "30d", label: "30 days" },
  { value: "90d", label: "90 days" },
  { value: "custom", label: "Custom" },
];

const ZONES = allZones();

export function FilterBar() {
  const [search, change] = useOverviewSearch();
  const period = usePeriod();

  function chooseRange(choice: string) {
    const preset = PRESETS.find((each) => each === choice);
    if (preset) {
      change({ ...without(without(search, "from"), "to"), range: preset });
    } else {
      change({ ...search, range: "custom", from: period.range.start, to: period.range.end });
    }
  }

  return (
    <div className={classes.bar}>
      <div className={classes.words}>
        <h1>Overview</h1>
        <p className="muted" data-testid="period">
          {sentence(period)}
        </p>
      </div>
      <search className={classes.controls} aria-label="What is shown">
        <SegmentedControl
          aria-label="Range"
          size="xs"
          value={search.range}
          onChange={chooseRange}
          data={CHOICES}
          className={classes.range ?? ""}
          transitionDuration={0}
        />
        {search.range === "custom" && (
          <CustomRange
            key={`${period.range.start} ${period.range.end}`}
            range={period.range}
            today={period.today}
            onChange={(range) => change({ ...search, range: "custom", from: range.start, to: range.end })}
          />
        )}
        <Select
          aria-label="Time zone"
          size="xs"
          value={search.tz}
          onChange={(tz) => tz && change({ ...search, tz })}
          data={ZONES.includes(search.tz) ? ZONES : [search.tz, ...ZONES]}
          searchable
          limit={60}
          allowDeselect={false}
          nothingFoundMessage="No zone of this name"
          className={classes.zone ?? ""}
          comboboxProps={{ transitionProps: { duration: 0 } }}
        />
      </search>
    </div>
  );
}

/** `24 Oct to 22 Nov 2026 · Europe/Berlin · compared with 24 Sep to 23 Oct 2026`. */
function sentence(period: Period): string {
  const { range, zone, today } = period;
  const length = daysIn(range);
  const before = { start: addDays(range.start, -length), end: addDays(range.end, -length) };
  const running = range.end >= today && range.start <= today ? ", today so far" : "";
  return `${formatRange(range)}${running} · ${zone} · compared with ${formatRange(before)}`;
}

interface CustomRangeProps {
  readonly range: DateRange;
  readonly today: string;
  readonly onChange: (range: DateRange) => void;
}

/** Two dates; the figures follow as soon as they make a range. */
function CustomRange({ range, today, onChange }: CustomRangeProps) {
  const [draft, setDraft] = useState(range);
  const valid = isRange(draft.start, draft.end);

  function edit(next: DateRange) {
    setDraft(next);
    if (isRange(next.start, next.end)) {
      onChange(next);
    }
  }

  return (
    <fieldset className={classes.dates} aria-describedby={valid ? undefined : "range-error"}>
      <legend className="visually-hidden">Custom range</legend>
      <TextInput
        type="date"
        size="xs"
        aria-label="First day"
        value={draft.start}
        max={today}
        error={!valid}
        onChange={(event) => edit({ ...draft, start: event.currentTarget.value })}
      />
      <span aria-hidden="true">to</span>
      <TextInput
        type="date"
        size="xs"
        aria-label="Last day"
        value={draft.end}
        max={today}
        error={!valid}
        onChange={(event) => edit({ ...draft, end: event.currentTarget.value })}
      />
      {!valid && (
        <span id="range-error" role="alert" className={classes.error}>
          Choose a first day before the last, at most 366 days.
        </span>
      )}
    </fieldset>
  );
}
