/** The panels of a page, in twelve columns that become one on a phone. */

import type { ReactNode } from "react";
import classes from "./PanelGrid.module.css";

export function PanelGrid({ children }: { readonly children: ReactNode }) {
  return <div className={classes.grid}>{children}</div>;
}
