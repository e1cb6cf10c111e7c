/** All captures of the real client's transcripts together, as one Claude directory of known content. */

import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claudeHome, expected, FIXTURES } from "./expected";

export interface Captures {
  readonly claudeDir: string;
  readonly remove: () => Promise<void>;
}

/** The day on which all of them were made, as an address's parameters. */
export const CAPTURED = "range=custom&from=2026-11-21&to=2026-11-22&tz=UTC";

/** The session with most to tell: it has a subagent. */
export const [SESSION = ""] = expected(claudeHome("subagent")).session_ids;

export async function everyCapture(): Promise<Captures> {
  const claudeDir = await mkdtemp(join(tmpdir(), "pitwall-captures-"));
  for (const scenario of await readdir(join(FIXTURES, "claude-home"))) {
    await cp(join(claudeHome(scenario), "projects"), join(claudeDir, "projects"), { recursive: true });
  }
  return { claudeDir, remove: () => rm(claudeDir, { recursive: true, force: true }) };
}
