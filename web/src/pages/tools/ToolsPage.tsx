/** Tools: what people let them do, how their calls ended, how long they took. */

import { PanelGrid } from "../../parts/PanelGrid";
import { PageHead } from "../../view/PageHead";
import { AcceptancePanel } from "./AcceptancePanel";
import { DecisionsPanel } from "./DecisionsPanel";
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
        <DecisionsPanel />
        <ToolsTablePanel />
        <ToolErrorsPanel />
      </PanelGrid>
    </>
  );
}
