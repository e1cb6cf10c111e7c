/** How far the figures can be trusted: what each source told, what is missing, what was refused. */

import { useQuery } from "@tanstack/react-query";
import { statusQuery } from "../../api/queries";
import { PanelGrid } from "../../parts/PanelGrid";
import { PageHead } from "../../view/PageHead";
import { useQuestion } from "../../view/useQuestion";
import { ImportPanel } from "../connect/ImportPanel";
import { DaysPanel } from "./DaysPanel";
import { EventsPanel } from "./EventsPanel";
import { Headline } from "./Headline";
import { PeoplePanel } from "./PeoplePanel";
import { RejectedPanel } from "./RejectedPanel";
import { SourcesPanel } from "./SourcesPanel";
import { UnpricedPanel } from "./UnpricedPanel";

export default function HealthPage() {
  const figures = useQuestion("/api/v1/health/data");
  const { data: status } = useQuery(statusQuery());
  return (
    <>
      <PageHead title="Data health" />
      <PanelGrid>
        <Headline figures={figures} />
        <PeoplePanel />
        <SourcesPanel figures={figures} />
        <DaysPanel figures={figures} />
        <EventsPanel figures={figures} />
        <UnpricedPanel figures={figures} />
        <RejectedPanel />
        {status && <ImportPanel status={status} span={6} />}
      </PanelGrid>
    </>
  );
}
