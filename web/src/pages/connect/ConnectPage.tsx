/** How to get figures into Pitwall: history by itself, live by settings to copy, or demo data to look around. */

import { useQuery } from "@tanstack/react-query";
import { statusQuery } from "../../api/queries";
import { ArrivalPanel } from "./ArrivalPanel";
import classes from "./ConnectPage.module.css";
import { DemoPanel } from "./DemoPanel";
import { GuidePanel } from "./GuidePanel";
import { ImportPanel } from "./ImportPanel";

export default function ConnectPage() {
  return <Connect />;
}

export interface ConnectProps {
  /** There is nothing to show yet: this page stands in for the Overview until there is. */
  readonly first?: boolean;
}

export function Connect({ first = false }: ConnectProps) {
  const { data: status } = useQuery(statusQuery());
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
          <GuidePanel />
        </div>
        <div className={classes.side}>
          {status && !first && <ArrivalPanel now={status.now} />}
          {status && <ImportPanel status={status} />}
          {status && status.data !== "demo" && <DemoPanel demo={status.demo} />}
        </div>
      </div>
    </>
  );
}
