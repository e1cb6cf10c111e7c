/** A horizontal bar from zero, on a track that is the largest of its kind. Always stands beside its figure. */

import classes from "./Bar.module.css";

export interface BarPart {
  readonly value: number;
  readonly color: string;
  /** Told apart without colour. */
  readonly hatched?: boolean;
}

export interface BarProps {
  readonly parts: readonly BarPart[];
  /** What fills the whole track. */
  readonly whole: number;
}

export function Bar({ parts, whole }: BarProps) {
  return (
    <span className={classes.track} aria-hidden="true">
      {parts.map((part) => (
        <span
          key={part.color}
          className={classes.part}
          data-hatched={part.hatched === true}
          style={{ width: `${percent(part.value, whole)}%`, backgroundColor: part.color }}
        />
      ))}
    </span>
  );
}

function percent(value: number, whole: number): number {
  return whole <= 0 ? 0 : Math.min(100, Math.max(0, (value / whole) * 100));
}
