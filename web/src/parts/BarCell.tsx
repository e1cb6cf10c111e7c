/** A bar in a table's cell, on the line of the row's text. */

import { Bar, type BarProps } from "./Bar";
import classes from "./BarCell.module.css";

export function BarCell(props: BarProps) {
  return (
    <span className={classes.bar}>
      <Bar {...props} />
    </span>
  );
}
