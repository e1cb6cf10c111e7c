/** What is going on: how fast money is spent, which sessions run, and everything as it happens. */

import { useQuery } from "@tanstack/react-query";
import { PanelGrid } from "../../parts/PanelGrid";
import { ActivityPanel } from "./ActivityPanel";
import classes from "./LivePage.module.css";
import { liveNowQuery } from "./queries";
import { RunningPanel } from "./RunningPanel";
import { Speed } from "./Speed";
import { SpeedPanel } from "./SpeedPanel";

export default function LivePage() {
  const query = useQuery(liveNowQuery());
  const figures = {
    data: query.data,
    error: query.error,
    stale: false,
    retry: () => void query.refetch(),
  };
  return (
    <>
      <div className={classes.head}>
        <h1>Live</h1>
        <p className="muted">What is going on now, whatever days and filters other pages show</p>
      </div>
      <PanelGrid>
        <Speed figures={figures} />
        <SpeedPanel figures={figures} />
        <RunningPanel figures={figures} />
        <ActivityPanel />
      </PanelGrid>
    </>
  );
}
