/**
 * A panel: the question it answers, the answer in words, and the evidence. It keeps its height while it loads,
 * and keeps old figures, dimmed, while new ones are on the way.
 */

import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { loadDaysChart } from "../charts/load";
import ExportMenu from "./ExportMenu";
import classes from "./Panel.module.css";
import type { Sheet } from "./sheet";

export type PanelState =
  | { readonly kind: "loading" }
  | { readonly kind: "error"; readonly message: string; readonly retry: () => void }
  | { readonly kind: "empty"; readonly message: ReactNode }
  | { readonly kind: "ready"; readonly stale: boolean };

export interface PanelProps {
  readonly question: string;
  /** The answer in one sentence; nothing until there is one. */
  readonly answer?: ReactNode;
  readonly actions?: ReactNode;
  readonly state: PanelState;
  /** Height of the evidence while there is none yet, in pixels; the loaded panel is not smaller. */
  readonly height: number;
  /** How many of the twelve columns it takes where there are twelve. */
  readonly span?: 4 | 6 | 8 | 12;
  readonly id?: string;
  /** The rows of the evidence, for saving; only asked for when there are any. */
  readonly sheet?: () => Sheet;
  /** Whether the evidence has a chart, which can be saved as a picture. */
  readonly hasChart?: boolean;
  readonly children: () => ReactNode;
}

export function Panel({
  question,
  answer,
  actions,
  state,
  height,
  span = 12,
  id,
  sheet,
  hasChart = false,
  children,
}: PanelProps) {
  const heading = useId();
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    if (hasChart) {
      void loadDaysChart();
    }
  }, [hasChart]);
  const saves = state.kind === "ready" ? sheet : undefined;
  return (
    <section
      ref={section}
      id={id}
      className={classes.panel}
      data-span={span}
      aria-labelledby={heading}
      aria-busy={state.kind === "loading" || (state.kind === "ready" && state.stale)}
    >
      <div className={classes.head}>
        <div className={classes.words}>
          <h2 id={heading}>{question}</h2>
          <p className={classes.answer} data-stale={state.kind === "ready" && state.stale}>
            {state.kind === "ready" && answer ? answer : "\u00a0"}
          </p>
        </div>
        {(actions || sheet) && (
          <div className={classes.actions}>
            {actions}
            {saves && <ExportMenu question={question} sheet={saves} panel={section} hasChart={hasChart} />}
          </div>
        )}
      </div>
      <div className={classes.body} style={{ minHeight: isFilled(state) ? height : undefined }}>
        <PanelBody state={state} height={height}>
          {children}
        </PanelBody>
      </div>
    </section>
  );
}

/** Only evidence, there or on its way, keeps its room; a sentence needs none. */
function isFilled(state: PanelState): boolean {
  return state.kind === "loading" || state.kind === "ready";
}

function PanelBody({ state, height, children }: Pick<PanelProps, "state" | "height" | "children">) {
  switch (state.kind) {
    case "loading":
      return (
        <div className={classes.skeleton} style={{ height }}>
          <span className="visually-hidden">Loading</span>
        </div>
      );
    case "error":
      return (
        <div className={classes.message} role="alert">
          <p>{state.message}</p>
          <Button variant="default" size="xs" onClick={state.retry}>
            Try again
          </Button>
        </div>
      );
    case "empty":
      return (
        <div className={classes.message}>
          <p>{state.message}</p>
        </div>
      );
    case "ready":
      return (
        <div className={classes.ready} data-stale={state.stale}>
          {children()}
        </div>
      );
  }
}
