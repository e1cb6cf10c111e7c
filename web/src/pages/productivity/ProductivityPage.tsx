/** What came out: lines, commits, pull requests and time, for each day a person was active, and for the money. */

import { PanelGrid } from "../../parts/PanelGrid";
import { PageHead } from "../../view/PageHead";
import { useView } from "../../view/useView";
import { OutputByPanel } from "./OutputByPanel";
import { OutputDaysPanel } from "./OutputDaysPanel";
import { OutputStrip } from "./OutputStrip";
import { PerPersonDayPanel } from "./PerPersonDayPanel";

export default function ProductivityPage() {
  const [view] = useView();
  return (
    <>
      <PageHead title="Productivity">
        {view.model && (
          <p role="note" className="muted">
            No source tells lines, commits, sessions or time by model: without the filter of models this page
            has more to say.
          </p>
        )}
      </PageHead>
      <PanelGrid>
        <OutputStrip />
        <OutputDaysPanel />
        <PerPersonDayPanel />
        <OutputByPanel of="team" />
        <OutputByPanel of="project" />
      </PanelGrid>
    </>
  );
}
