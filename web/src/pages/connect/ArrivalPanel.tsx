/** "Does it work?": waits for the first event since the page was opened. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { PageLink } from "../../app/PageLink";
import { formatCount } from "../../format/counts";
import { projectName } from "../../format/projects";
import { SOURCE_NAMES } from "../../format/sources";
import { Panel } from "../../parts/Panel";
import classes from "./ArrivalPanel.module.css";
import { type Arrivals, arrivalsQuery } from "./queries";

const READY = { kind: "ready", stale: false } as const;

/** `now` is the server's time when the page was opened. */
export function ArrivalPanel({ now }: { readonly now: string }) {
  const [since] = useState(now);
  const { data, error } = useQuery(arrivalsQuery(since));
  const arrived = data !== undefined && data.sessions > 0;
  return (
    <Panel
      question="Does it work?"
      answer={
        arrived ? "Yes: this arrived since the page was opened" : "Start Claude Code and ask it something"
      }
      height={0}
      state={READY}
    >
      {() => (
        <>
          <p role="status" className={arrived ? classes.arrived : classes.waiting}>
            {statusOf(data, error)}
          </p>
          {arrived && (
            <ul className={classes.list}>
              {data.newest.map((arrival) => (
                <li key={arrival.session_id}>
                  <PageLink to="/sessions/$session" params={{ session: arrival.session_id }}>
                    {arrival.actor}
                  </PageLink>
                  {arrival.project !== null && ` in ${projectName(arrival.project)}`}:{" "}
                  <span className="muted">
                    {arrival.sources.map((source) => SOURCE_NAMES[source].toLowerCase()).join(" and ")}
                  </span>
                </li>
              ))}
            </ul>
          )}
          {!arrived && (
            <p className="muted">
              Events come within five seconds, metrics within a minute. If nothing does,{" "}
              <code>pitwall doctor</code> says which hop is broken.
            </p>
          )}
        </>
      )}
    </Panel>
  );
}

function statusOf(data: Arrivals | undefined, error: Error | null): string {
  if (data === undefined) {
    return error ? error.message : "Looking";
  }
  if (data.sessions === 0) {
    return "Waiting for the first event";
  }
  return data.sessions === 1
    ? "First event received"
    : `Events of ${formatCount(data.sessions)} sessions received`;
}
