/** One person: the figures of any page, asked of this person alone, and what is known besides. */

import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ApiError } from "../../api/client";
import { personQuery } from "../../api/person";
import { PageLink } from "../../app/PageLink";
import { PanelGrid } from "../../parts/PanelGrid";
import { FixedFilters } from "../../view/FixedFilters";
import { PageHead } from "../../view/PageHead";
import { useScope } from "../../view/useQuestion";
import { CostPanel } from "../overview/CostPanel";
import { Headline } from "../overview/Headline";
import { ModelsPanel } from "../overview/ModelsPanel";
import { ProjectsPanel } from "../overview/ProjectsPanel";
import { TokensPanel } from "../overview/TokensPanel";
import { ToolsPanel } from "../overview/ToolsPanel";
import { SessionsPanel } from "../sessions/SessionsPanel";
import { factsOf } from "./facts";
import { HoursPanel } from "./HoursPanel";
import classes from "./PersonPage.module.css";

export default function PersonPage() {
  const { person = "" }: { person?: string } = useParams({ strict: false });
  const query = useQuery(personQuery(person, useScope()));
  const { data, error } = query;
  if (data === undefined && error instanceof ApiError && error.status === 404) {
    return (
      <div>
        <h1>Nothing is known of this person</h1>
        <p className="muted">No source told of anything that {person} did.</p>
        <p>
          <PageLink to="/people">Look through the people</PageLink>
        </p>
      </div>
    );
  }
  const figures = {
    data,
    error,
    stale: query.isPlaceholderData,
    retry: () => void query.refetch(),
  };
  return (
    <FixedFilters fixed={{ person: [person] }}>
      <p className={classes.way}>
        <PageLink to="/people">People</PageLink> /
      </p>
      <PageHead title={person}>
        <p className={classes.facts} data-testid="facts">
          {data ? factsOf(data).map((fact) => <span key={fact}>{fact}</span>) : "\u00a0"}
        </p>
      </PageHead>
      <PanelGrid>
        <Headline />
        <CostPanel />
        <TokensPanel />
        <ModelsPanel />
        <ToolsPanel />
        <ProjectsPanel />
        <HoursPanel figures={figures} />
        <SessionsPanel without="person" />
      </PanelGrid>
    </FixedFilters>
  );
}
