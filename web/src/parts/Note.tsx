/** A remark below a panel's evidence. */

import type { ReactNode } from "react";
import classes from "./Note.module.css";

export function Note({ children }: { readonly children: ReactNode }) {
  return <p className={classes.note}>{children}</p>;
}
