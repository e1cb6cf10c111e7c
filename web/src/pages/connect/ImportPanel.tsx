/** "What about my history?": how far the import of local transcripts is. */

import { Progress } from "@mantine/core";
import type { ReactNode } from "react";
import type { Status } from "../../api/types";
import { importSentence } from "../../app/ServerState";
import { formatUnit } from "../../format/counts";
import { Panel } from "../../parts/Panel";
import classes from "./ConnectParts.module.css";

export interface ImportPanelProps {
  readonly status: Status;
  readonly span?: 6 | 12;
}

export function ImportPanel({ status, span = 12 }: ImportPanelProps) {
  const { state, bytes_done, bytes_total, lines_skipped } = status.import;
  const percent = bytes_total > 0 ? Math.min(100, (bytes_done / bytes_total) * 100) : 0;
  return (
    <Panel
      span={span}
      question="What about my history?"
      answer={importSentence(status)}
      height={0}
      state={READY}
    >
      {() => (
        <div className={classes.stack}>
          {state === "running" && (
            <Progress value={percent} aria-label="Transcripts read" transitionDuration={0} />
          )}
          {lines_skipped > 0 && (
            <p className="muted">
              {formatUnit(lines_skipped, "line")} could not be read. <code>pitwall doctor</code> names them.
            </p>
          )}
          <p className="muted">{EXPLANATIONS[state]}</p>
        </div>
      )}
    </Panel>
  );
}

const READY = { kind: "ready", stale: false } as const;

const EXPLANATIONS: Record<Status["import"]["state"], ReactNode> = {
  running: "Sessions appear as they are read. Nothing leaves this machine.",
  following: "New lines are read as Claude Code writes them.",
  failed: "Telemetry is received all the same.",
  off: (
    <>
      Start the server with <code className="nowrap">--claude-dir DIR</code>, or without{" "}
      <code className="nowrap">--no-transcripts</code>, to count past sessions as well.
    </>
  ),
};
