/** One project: the figures of any page, asked of this project alone, by branch and by directory. */

import { useParams } from "@tanstack/react-router";
import { ApiError } from "../../api/client";
import { PageLink } from "../../app/PageLink";
import { formatUnit } from "../../format/counts";
import { projectName } from "../../format/projects";
import { PanelGrid } from "../../parts/PanelGrid";
import { FixedFilters } from "../../view/FixedFilters";
import { NOT_TOLD } from "../../view/names";
import { PageHead } from "../../view/PageHead";
import { useQuestion } from "../../view/useQuestion";
import { CostPanel } from "../overview/CostPanel";
import { Headline } from "../overview/Headline";
import { ModelsPanel } from "../overview/ModelsPanel";
import { TokensPanel } from "../overview/TokensPanel";
import { ToolsPanel } from "../overview/ToolsPanel";
import { SessionsPanel } from "../sessions/SessionsPanel";
import { BranchesPanel } from "./BranchesPanel";
import { DirectoriesPanel } from "./DirectoriesPanel";
import { PeoplePanel } from "./PeoplePanel";
import classes from "./ProjectPage.module.css";
import type { Parts } from "./parts";

export default function ProjectPage() {
  const { project = "" }: { project?: string } = useParams({ strict: false });
  const figures = useQuestion("/api/v1/project", { name: project });
  const { data, error } = figures;
  // Old figures stay while new ones are on the way; another project's must not.
  const own = data?.project.project === project ? data : undefined;
  const isEmpty = error instanceof ApiError && error.status === 404;
  return (
    <>
      <p className={classes.way}>
        <PageLink to="/projects">Projects</PageLink> /
      </p>
      <PageHead title={project === NOT_TOLD ? "No project known" : projectName(project)}>
        <p className={classes.facts} data-testid="facts">
          <code>{project}</code>
          {own && factsOf(own).map((fact) => <span key={fact}>{fact}</span>)}
        </p>
      </PageHead>
      {isEmpty ? (
        <p className="muted">
          Nothing was done in this project on these days. Choose a longer range, or lift a filter.
        </p>
      ) : (
        <FixedFilters fixed={{ project: own?.project.members ?? [project] }}>
          <PanelGrid>
            <Headline />
            <CostPanel />
            <TokensPanel />
            <BranchesPanel figures={{ ...figures, data: own }} />
            <PeoplePanel />
            <DirectoriesPanel figures={{ ...figures, data: own }} />
            <ModelsPanel />
            <ToolsPanel />
            <SessionsPanel without="project" />
          </PanelGrid>
        </FixedFilters>
      )}
    </>
  );
}

function factsOf({ project }: Parts): readonly string[] {
  const others = project.repositories.filter((repository) => repository !== project.project);
  return [
    ...others,
    ...(project.worktrees.length === 0 ? [] : [formatUnit(project.worktrees.length, "worktree")]),
  ];
}
