/** The first page: what a range of days amounted to, what is happening now, and how complete the figures are. */

import { useQuery } from "@tanstack/react-query";
import { statusQuery } from "../../api/queries";
import { ConnectPage } from "../connect/ConnectPage";
import { CostPanel } from "./CostPanel";
import { CoveragePanel } from "./CoveragePanel";
import { FilterBar } from "./FilterBar";
import { Headline } from "./Headline";
import { LivePanel } from "./LivePanel";
import { ModelsPanel } from "./ModelsPanel";
import classes from "./OverviewPage.module.css";
import { ProjectsPanel } from "./ProjectsPanel";
import { TokensPanel } from "./TokensPanel";
import { ToolsPanel } from "./ToolsPanel";
import { useFreshFigures } from "./useFreshFigures";

/** With nothing to show yet the page teaches how to get there, and turns into the Overview by itself. */
export function OverviewPage() {
  const { data: status } = useQuery(statusQuery());
  return status?.empty ? <ConnectPage first /> : <Overview />;
}

function Overview() {
  useFreshFigures();
  return (
    <>
      <FilterBar />
      <div className={classes.grid}>
        <Headline />
        <CostPanel />
        <TokensPanel />
        <ModelsPanel />
        <ToolsPanel />
        <ProjectsPanel />
        <CoveragePanel />
        <LivePanel />
      </div>
    </>
  );
}
