/** The figures that are read first, in a strip: the ones that lead are larger, and every change names its base. */

import type { ReactNode } from "react";
import type { Change } from "../format/change";
import type { Figures } from "../view/useQuestion";
import type { FigureName, Where } from "../view/why";
import classes from "./FigureStrip.module.css";
import { Why } from "./Why";

export interface StripFigure<Data> {
  readonly label: string;
  readonly leads?: boolean;
  readonly value: (data: Data) => ReactNode;
  /** Every digit, on hover. */
  readonly exact: (data: Data) => string;
  readonly change?: (data: Data) => Change;
  /** What the compared figure was, on hover over the change. */
  readonly before?: (data: Data) => string;
  /** A remark below. */
  readonly aside?: (data: Data) => ReactNode;
  /** The figure's postings, where it is one that has them. */
  readonly why?: { readonly figure: FigureName; readonly where?: Where };
}

export interface FigureStripProps<Data> {
  readonly name: string;
  readonly figures: Figures<Data>;
  readonly specs: readonly StripFigure<Data>[];
  /** How many stand side by side where there is room; those that lead take two places. */
  readonly columns?: number;
}

export function FigureStrip<Data>({ name, figures, specs, columns = 6 }: FigureStripProps<Data>) {
  return (
    <section
      className={classes.panel}
      aria-label={name}
      aria-busy={figures.data === undefined || figures.stale}
    >
      <dl className={classes.grid} data-stale={figures.stale} style={{ "--columns": columns } as never}>
        {specs.map((spec) => (
          <div key={spec.label} className={classes.figure} data-leads={spec.leads === true}>
            <dt>{spec.label}</dt>
            <FigureText spec={spec} figures={figures} />
          </div>
        ))}
      </dl>
    </section>
  );
}

function FigureText<Data>({ spec, figures }: { spec: StripFigure<Data>; figures: Figures<Data> }) {
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
  const change = spec.change?.(data);
  return (
    <>
      <dd className={classes.value} title={spec.exact(data)}>
        {spec.why ? (
          <Why figure={spec.why.figure} where={spec.why.where ?? {}}>
            {spec.value(data)}
          </Why>
        ) : (
          spec.value(data)
        )}
      </dd>
      <dd className={classes.change} title={spec.before && `Before: ${spec.before(data)}`}>
        {change && (
          <>
            <span className={classes.amount}>{change.amount}</span> {change.base}
          </>
        )}
        {spec.aside && <span className={classes.aside}>{spec.aside(data)}</span>}
      </dd>
    </>
  );
}

/** The smaller half of a figure that has two. */
export function Minor({ children }: { readonly children: ReactNode }) {
  return <span className={classes.minor}>{children}</span>;
}
