/** What the work cost: what it went to, what it consists of, and where the month is heading. */

import { PanelGrid } from "../../parts/PanelGrid";
import { PageHead } from "../../view/PageHead";
import { BreakdownPanel } from "./BreakdownPanel";
import { CacheSavingsPanel } from "./CacheSavingsPanel";
import { CostStrip } from "./CostStrip";
import { ForecastPanel } from "./ForecastPanel";
import { ReportedPanel } from "./ReportedPanel";
import { TokenKindsPanel } from "./TokenKindsPanel";

export default function CostPage() {
  return (
    <>
      <PageHead title="Cost" />
      <PanelGrid>
        <CostStrip />
        <BreakdownPanel />
        <ForecastPanel />
        <TokenKindsPanel />
        <CacheSavingsPanel />
        <ReportedPanel />
      </PanelGrid>
    </>
  );
}
