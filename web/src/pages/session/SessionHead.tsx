/** Which session this is: where, whose, when. */

import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import type { Story } from "../../api/story";
import { PageLink } from "../../app/PageLink";
import { formatClock } from "../../format/dates";
import { formatDuration } from "../../format/durations";
import { projectName } from "../../format/projects";
import { type Period, usePeriod } from "../../view/period";
import classes from "./SessionHead.module.css";

const COPIED_MS = 2_000;

export interface SessionHeadProps {
  readonly session: string;
  readonly story: Story | undefined;
}

export function SessionHead({ session, story }: SessionHeadProps) {
  const period = usePeriod();
  const clipboard = useClipboard({ timeout: COPIED_MS });
  const listed = story?.session;
  return (
    <div className={classes.head}>
      <p className={classes.way}>
        <PageLink to="/sessions">Sessions</PageLink> /
      </p>
      <h1>
        {listed ? nameOf(listed) : "Session"}
        {listed?.branch && <span className={classes.branch}> on {listed.branch}</span>}
      </h1>
      <p className="muted" data-testid="when">
        {listed ? whenOf(listed, period) : "\u00a0"}
      </p>
      <p className={classes.facts}>
        {listed && (
          <PageLink to="/people/$person" params={{ person: listed.actor }}>
            {listed.actor}
          </PageLink>
        )}
        {story && factsOf(story).map((fact) => <span key={fact}>{fact}</span>)}
        <span className={classes.id}>
          <code>{session}</code>
          <Button variant="default" size="compact-xs" onClick={() => clipboard.copy(session)}>
            {clipboard.copied ? "Copied" : "Copy id"}
          </Button>
        </span>
      </p>
      {story && story.relatives.length > 0 && (
        <p className={classes.facts}>
          <span>Shares requests with</span>
          {story.relatives.map((relative) => (
            <PageLink key={relative} to="/sessions/$session" params={{ session: relative }}>
              <code>{relative.slice(0, 8)}</code>
            </PageLink>
          ))}
        </p>
      )}
    </div>
  );
}

function nameOf({ project, repository }: Story["session"]): string {
  return project === null ? (repository ?? "Session without a project") : projectName(project);
}

function whenOf(session: Story["session"], { zone, today }: Period): string {
  const start = formatClock(session.started_at, zone, today);
  const end = formatClock(session.ended_at, zone, today);
  return `${start} to ${end} · ${formatDuration(session.duration_ms)} from first to last · ${zone}`;
}

function factsOf(story: Story): readonly string[] {
  const { team, terminal } = story.session;
  const versions = story.client_versions;
  return [
    ...(team === null ? [] : [`team ${team}`]),
    ...(terminal === null ? [] : [terminal]),
    ...story.entrypoints.filter((entrypoint) => entrypoint !== terminal),
    ...(versions.length === 0 ? [] : [`Claude Code ${versions.join(", ")}`]),
  ];
}
