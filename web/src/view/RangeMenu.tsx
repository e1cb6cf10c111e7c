/** Which days, compared with which, in which time zone. */

import { SegmentedControl, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import type { DateRange } from "../format/dates";
import { allZones } from "../format/zones";
import { Dialog } from "../parts/Dialog";
import { PRESET_NAMES } from "./names";
import { usePeriod } from "./period";
import classes from "./RangeMenu.module.css";
import { useView } from "./useView";
import { isRange, PRESETS, withRange } from "./view";

const ZONES = allZones();

export default function RangeMenu({ onClose }: { readonly onClose: () => void }) {
  const [view, change] = useView();
  const period = usePeriod();
  const { compare: _, ...plain } = view;
  return (
    <Dialog onClose={onClose} title="Which days?" size="sm">
      <div className={classes.menu}>
        <ul className={classes.presets} aria-label="Ranges">
          {PRESETS.map((preset) => (
            <li key={preset}>
              <button
                type="button"
                aria-pressed={view.range === preset}
                {...(view.range === preset ? { "data-autofocus": true } : {})}
                onClick={() => {
                  change(withRange(view, preset));
                  onClose();
                }}
              >
                {PRESET_NAMES[preset]}
              </button>
            </li>
          ))}
        </ul>
        <CustomRange
          range={period.range}
          today={period.today}
          onChange={(range) => change(withRange(view, range))}
        />
        <div className={classes.row}>
          <span id="compare-label">Compared with</span>
          <SegmentedControl
            aria-labelledby="compare-label"
            size="xs"
            fullWidth
            transitionDuration={0}
            value={view.compare ?? "before"}
            data={[
              { value: "before", label: "The days before" },
              { value: "year", label: "A year before" },
            ]}
            onChange={(compare) => change(compare === "year" ? { ...view, compare } : plain)}
          />
        </div>
        <Select
          label="Time zone"
          size="xs"
          value={view.tz}
          onChange={(tz) => tz && change({ ...view, tz })}
          data={ZONES.includes(view.tz) ? ZONES : [view.tz, ...ZONES]}
          searchable
          limit={60}
          allowDeselect={false}
          nothingFoundMessage="No zone of this name"
          comboboxProps={{ transitionProps: { duration: 0 } }}
        />
      </div>
    </Dialog>
  );
}

interface CustomRangeProps {
  readonly range: DateRange;
  readonly today: string;
  readonly onChange: (range: DateRange) => void;
}

/** Two dates; the figures follow as soon as they make a range. */
function CustomRange({ range, today, onChange }: CustomRangeProps) {
  const [draft, setDraft] = useState<DateRange | null>(null);
  const { start, end } = draft ?? range;
  const valid = isRange(start, end);

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
        label="First day"
        value={start}
        max={today}
        error={!valid}
        onChange={(event) => edit({ start: event.currentTarget.value, end })}
      />
      <TextInput
        type="date"
        size="xs"
        label="Last day"
        value={end}
        max={today}
        error={!valid}
        onChange={(event) => edit({ start, end: event.currentTarget.value })}
      />
      {!valid && (
        <span id="range-error" role="alert" className={classes.error}>
          Choose a first day before the last, at most 366 days.
        </span>
      )}
    </fieldset>
  );
}
