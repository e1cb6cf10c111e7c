/** The first page: what a range of days amounted to, what is happening now, and how complete the figures are. */

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { statusQuery } from "../../api/queries";
import { PanelGrid } from "../../parts/PanelGrid";
import { PageHead } from "../../view/PageHead";
import { CalendarPanel } from "./CalendarPanel";
import { CostPanel } from "./CostPanel";
import { CoveragePanel } from "./CoveragePanel";
import { Headline } from "./Headline";
import { LivePanel } from "./LivePanel";
import { ModelsPanel } from "./ModelsPanel";
import { MoversPanel } from "./MoversPanel";
import { PeoplePanel } from "./PeoplePanel";
import { ProjectsPanel } from "./ProjectsPanel";
import { TokensPanel } from "./TokensPanel";
import { ToolsPanel } from "./ToolsPanel";

/** Most never see it. */
const Connect = lazy(async () => ({ default: (await import("../connect/ConnectPage")).Connect }));

/** With nothing to show yet the page teaches how to get there, and turns into the Overview by itself. */
export default function OverviewPage() {
  const { data: status } = useQuery(statusQuery());
  return status?.empty ? (
    <Suspense>
      <Connect first />
    </Suspense>
  ) : (
    <Overview />
  );
}

function Overview() {
  return (
    <>
      <PageHead title="Overview" />
      <PanelGrid>
        <Headline />
        <CostPanel />
        <TokensPanel />
        <MoversPanel />
        <PeoplePanel />
        <ModelsPanel />
        <ToolsPanel />
        <ProjectsPanel />
        <CoveragePanel />
        <CalendarPanel />
        <LivePanel />
      </PanelGrid>
    </>
  );
}
