/** The rail's foot: what the server is doing, in words. Nothing here is needed to read the figures. */

import type { Status } from "../api/types";
import { formatCount, formatUnit } from "../format/counts";
import classes from "./ServerState.module.css";

export function ServerState({ status }: { status: Status }) {
  return (
    <div className={classes.state}>
      <p data-testid="import-state">{importSentence(status)}</p>
      <p>Version {status.version}</p>
    </div>
  );
}

/** What the transcript import is doing, in one sentence. */
export function importSentence(status: Status): string {
  const { state, files_done, files_total, lines_skipped, message } = status.import;
  const skipped = lines_skipped > 0 ? `, ${formatUnit(lines_skipped, "line")} skipped` : "";
  switch (state) {
    case "running":
      return `Importing transcripts: ${formatCount(files_done)} of ${formatUnit(files_total, "file")}`;
    case "following":
      return `Following ${formatUnit(files_total, "transcript")}${skipped}`;
    case "failed":
      return `Transcripts are not read: ${message ?? "run pitwall doctor to see why"}`;
    case "off":
      return "Transcripts are not read";
  }
}
