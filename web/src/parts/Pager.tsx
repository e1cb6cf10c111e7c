/** Where in a long list a page lies, and the way to the ones beside it. */

import { Button } from "@mantine/core";
import { formatCount } from "../format/counts";
import classes from "./Pager.module.css";

export interface PagerProps {
  /** What is listed, as `sessions`. */
  readonly things: string;
  /** How many come before this page, how many are on it, and how many there are. */
  readonly offset: number;
  readonly shown: number;
  readonly found: number;
  readonly size: number;
  /** The farthest that a page may begin. */
  readonly farthest?: number;
  readonly onPage: (offset: number) => void;
}

export function Pager({ things, offset, shown, found, size, farthest, onPage }: PagerProps) {
  if (offset === 0 && shown >= found) {
    return null;
  }
  const next = offset + size;
  const isEnd = next >= found || (farthest !== undefined && next > farthest);
  return (
    <nav className={classes.pager} aria-label={`Pages of ${things}`}>
      <span className="muted">
        {shown === 0 ? "None here" : `${formatCount(offset + 1)} to ${formatCount(offset + shown)}`} of{" "}
        {formatCount(found)} {things}
        {isEnd && next < found ? ": search or filter to see the rest" : ""}
      </span>
      <Button
        variant="default"
        size="compact-sm"
        disabled={offset === 0}
        onClick={() => onPage(Math.max(0, offset - size))}
      >
        Previous
      </Button>
      <Button variant="default" size="compact-sm" disabled={isEnd} onClick={() => onPage(next)}>
        Next
      </Button>
    </nav>
  );
}
