/** How the server is set up: keys, prices, teams, what is kept, and cards for other pages. Nothing is changed here. */

import { useQuery } from "@tanstack/react-query";
import { PanelGrid } from "../../parts/PanelGrid";
import { KeptPanel } from "./KeptPanel";
import { KeysPanel } from "./KeysPanel";
import { PricesPanel } from "./PricesPanel";
import { settingsQuery } from "./queries";
import classes from "./SettingsPage.module.css";
import { TeamsPanel } from "./TeamsPanel";
import { WidgetsPanel } from "./WidgetsPanel";

export default function SettingsPage() {
  const query = useQuery(settingsQuery());
  const figures = {
    data: query.data,
    error: query.error,
    stale: false,
    retry: () => void query.refetch(),
  };
  return (
    <>
      <div className={classes.head}>
        <h1>Settings</h1>
        <p className="muted">
          How this server is set up. Change it where it was set: in <code>pitwall.toml</code>, the
          environment, or with <code>pitwall key</code>.
        </p>
      </div>
      <PanelGrid>
        <KeysPanel figures={figures} />
        <KeptPanel figures={figures} />
        <TeamsPanel figures={figures} />
        <PricesPanel figures={figures} />
        <WidgetsPanel />
      </PanelGrid>
    </>
  );
}
