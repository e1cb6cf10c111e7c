/** Tools: what people let them do, how their calls ended, how long they took. */

import { PanelGrid } from "../../parts/PanelGrid";
import { PageHead } from "../../view/PageHead";
import { AcceptancePanel } from "./AcceptancePanel";
import { DecidersPanel } from "./DecidersPanel";
import { LanguagesPanel } from "./LanguagesPanel";
import { ToolErrorsPanel } from "./ToolErrorsPanel";
import { ToolsStrip } from "./ToolsStrip";
import { ToolsTablePanel } from "./ToolsTablePanel";

export default function ToolsPage() {
  return (
    <>
      <PageHead title="Tools" />
      <PanelGrid>
        <ToolsStrip />
        <AcceptancePanel />
        <DecidersPanel />
        <ToolsTablePanel />
        <LanguagesPanel />
        <ToolErrorsPanel />
      </PanelGrid>
    </>
  );
}
