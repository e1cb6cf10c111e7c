/** Projects: directories and repositories, with their worktrees folded in. */

import { PageHead } from "../../view/PageHead";
import { ProjectsPanel } from "./ProjectsPanel";

export default function ProjectsPage() {
  return (
    <>
      <PageHead title="Projects" />
      <ProjectsPanel />
    </>
  );
}
