/** A figure that can be asked what it is made of: pressing it lists its postings. */

import type { ReactNode } from "react";
import { type FigureName, useWhy, type Where } from "../view/why";
import classes from "./Why.module.css";

export interface WhyProps {
  readonly figure: FigureName;
  /** What the figure is of, besides what the page shows. */
  readonly where?: Where;
  /** The exact figure, on hover. */
  readonly exact?: string;
  readonly children: ReactNode;
}

export function Why({ figure, where = {}, exact, children }: WhyProps) {
  const [, explain] = useWhy();
  return (
    <button type="button" className={classes.why} title={exact} onClick={() => explain({ figure, where })}>
      {children}
    </button>
  );
}
