/** How to get figures into Pitwall: history by itself, live by settings to copy, or demo data to look around. */

import { useQuery } from "@tanstack/react-query";
import { connectQuery, statusQuery } from "../../api/queries";
import { Panel, type PanelState } from "../../parts/Panel";
import classes from "./ConnectPage.module.css";
import { DemoPanel } from "./DemoPanel";
import { ImportPanel } from "./ImportPanel";
import { SettingBlock } from "./SettingBlock";

export interface ConnectPageProps {
  /** There is nothing to show yet: this page stands in for the Overview until there is. */
  readonly first?: boolean;
}

export function ConnectPage({ first = false }: ConnectPageProps) {
  const { data: status } = useQuery(statusQuery());
  const settings = useQuery(connectQuery());
  return (
    <>
      <div className={classes.intro}>
        <h1>{first ? "Nothing to show yet" : "Connect Claude Code"}</h1>
        <p className="muted">
          {first
            ? "Pitwall reads this machine’s transcripts by itself. For live figures, or for other machines, give Claude Code these settings and use it once."
            : "Give these settings to each Claude Code whose work should be counted here. They send counts, never prompts or code."}
        </p>
        {first && (
          <p className={classes.waiting} role="status">
            Waiting for the first event. The Overview opens by itself.
          </p>
        )}
      </div>
      <div className={classes.grid}>
        <div className={classes.settings}>
          <Panel
            question="How do I connect?"
            answer="One of these is enough"
            height={320}
            state={settingsState(settings)}
          >
            {() => (
              <ol className={classes.list}>
                {settings.data?.settings.map((setting) => (
                  <SettingBlock key={`${setting.title} ${setting.where}`} setting={setting} />
                ))}
              </ol>
            )}
          </Panel>
        </div>
        <div className={classes.side}>
          {status && <ImportPanel status={status} />}
          {status && status.data !== "demo" && <DemoPanel demo={status.demo} />}
        </div>
      </div>
    </>
  );
}

function settingsState(query: { data: unknown; error: Error | null; refetch: () => unknown }): PanelState {
  if (query.data !== undefined) {
    return { kind: "ready", stale: false };
  }
  if (query.error) {
    return { kind: "error", message: query.error.message, retry: () => void query.refetch() };
  }
  return { kind: "loading" };
}
