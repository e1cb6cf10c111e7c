/** Models: which did how much, what a request cost, how long it took, how often it failed. */

import { PanelGrid } from "../../parts/PanelGrid";
import { PageHead } from "../../view/PageHead";
import { ErrorsPanel } from "./ErrorsPanel";
import { LatencyPanel } from "./LatencyPanel";
import { MixPanel } from "./MixPanel";
import { ModelsStrip } from "./ModelsStrip";
import { ModelsTablePanel } from "./ModelsTablePanel";

export default function ModelsPage() {
  return (
    <>
      <PageHead title="Models" />
      <PanelGrid>
        <ModelsStrip />
        <MixPanel />
        <ModelsTablePanel />
        <LatencyPanel />
        <ErrorsPanel />
      </PanelGrid>
    </>
  );
}
