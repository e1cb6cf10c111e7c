/** The head of a page: its name, what it shows as a sentence, and the controls that change it. */

import { Button } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { CalendarIcon, CloseIcon, FilterIcon } from "../app/icons";
import { daysIn, formatRange } from "../format/dates";
import { FILTER_NAMES, PRESET_NAMES, valueName } from "./names";
import classes from "./PageHead.module.css";
import { type Period, usePeriod } from "./period";
import { useView } from "./useView";
import { FILTERS, type FilterName, filterCount, type View, withFilter, withoutFilters } from "./view";

const FilterMenu = lazy(() => import("./FilterMenu"));
const RangeMenu = lazy(() => import("./RangeMenu"));

export interface PageHeadProps {
  readonly title: ReactNode;
  /** More about what is shown, after the sentence. */
  readonly children?: ReactNode;
}

export function PageHead({ title, children }: PageHeadProps) {
  const [view, change] = useView();
  const period = usePeriod();
  const [open, setOpen] = useState<"days" | "filters" | null>(null);
  const [filter, setFilter] = useState<FilterName | null>(null);
  const close = () => setOpen(null);
  const openFilter = (name: FilterName | null) => {
    setFilter(name);
    setOpen("filters");
  };

  return (
    <div className={classes.head}>
      <div className={classes.words}>
        <h1>{title}</h1>
        <p className="muted" data-testid="period">
          {sentence(period)}
        </p>
        {children}
      </div>
      <search className={classes.controls} aria-label="What is shown">
        <Chips view={view} change={change} onOpen={openFilter} />
        <Button
          id="choose-filters"
          variant="default"
          size="xs"
          leftSection={<FilterIcon />}
          aria-haspopup="dialog"
          aria-expanded={open === "filters"}
          onClick={() => openFilter(null)}
        >
          Filter
        </Button>
        <Button
          id="choose-days"
          variant="default"
          size="xs"
          leftSection={<CalendarIcon />}
          aria-haspopup="dialog"
          aria-expanded={open === "days"}
          onClick={() => setOpen("days")}
        >
          {view.range === "custom" ? formatRange(period.range) : PRESET_NAMES[view.range]}
        </Button>
      </search>
      <Suspense>
        {open === "days" && <RangeMenu onClose={close} />}
        {open === "filters" && <FilterMenu first={filter} onClose={close} />}
      </Suspense>
    </div>
  );
}

/** `24 Oct to 22 Nov 2026, today so far · Europe/Berlin · compared with 24 Sep to 23 Oct 2026`. */
function sentence({ range, compared, zone, today }: Period): string {
  const running = range.end >= today && range.start <= today ? ", today so far" : "";
  const days = daysIn(range) === 1 ? "" : ` (${daysIn(range)} days)`;
  return `${formatRange(range)}${running === "" ? days : running} · ${zone} · compared with ${formatRange(compared)}`;
}

interface ChipsProps {
  readonly view: View;
  readonly change: (view: View) => void;
  readonly onOpen: (name: FilterName) => void;
}

/** What the page is narrowed to, one chip a filter: `Team platform or web`. */
function Chips({ view, change, onOpen }: ChipsProps) {
  if (filterCount(view) === 0) {
    return null;
  }
  return (
    <ul className={classes.chips} aria-label="Filters">
      {FILTERS.map((name) => {
        const values = view[name];
        const { one } = FILTER_NAMES[name];
        return (
          values && (
            <li key={name} className={classes.chip}>
              <button type="button" className={classes.chipName} onClick={() => onOpen(name)}>
                {one} <b>{chipText(name, values)}</b>
              </button>
              <button
                type="button"
                className={classes.chipRemove}
                aria-label={`Remove the filter: ${one} ${chipText(name, values)}`}
                onClick={() => change(withFilter(view, name, []))}
              >
                <CloseIcon />
              </button>
            </li>
          )
        );
      })}
      {filterCount(view) > 1 && (
        <li>
          <button type="button" className={classes.clear} onClick={() => change(withoutFilters(view))}>
            Clear all
          </button>
        </li>
      )}
    </ul>
  );
}

function chipText(name: FilterName, values: readonly string[]): string {
  const names = values.map((value) => valueName(name, value));
  return names.length > 2 ? `${names[0]} or ${names.length - 1} others` : names.join(" or ");
}
