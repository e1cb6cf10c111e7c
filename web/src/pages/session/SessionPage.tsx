/** One session: what happened in it, how its context and cost grew, what its subagents did, how complete it is. */

import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ApiError } from "../../api/client";
import { storyQuery } from "../../api/story";
import { PageLink } from "../../app/PageLink";
import { PanelGrid } from "../../parts/PanelGrid";
import { CoveragePanel } from "./CoveragePanel";
import { EntriesPanel } from "./EntriesPanel";
import { Headline } from "./Headline";
import { ModelsPanel } from "./ModelsPanel";
import { SessionHead } from "./SessionHead";
import { SubagentsPanel } from "./SubagentsPanel";
import { TimelinePanel } from "./TimelinePanel";

export default function SessionPage() {
  const { session = "" }: { session?: string } = useParams({ strict: false });
  const { data: story, error, refetch } = useQuery(storyQuery(session));
  if (story === undefined && error instanceof ApiError && error.status === 404) {
    return <NotThere session={session} />;
  }
  const figures = { data: story, error, stale: false, retry: () => void refetch() };
  return (
    <>
      <SessionHead session={session} story={story} />
      <PanelGrid>
        <Headline figures={figures} />
        <TimelinePanel figures={figures} />
        <EntriesPanel figures={figures} />
        {story && story.subagents.length > 0 && <SubagentsPanel story={story} />}
        <ModelsPanel figures={figures} />
        <CoveragePanel figures={figures} />
      </PanelGrid>
    </>
  );
}

function NotThere({ session }: { readonly session: string }) {
  return (
    <div>
      <h1>Nothing is known of this session</h1>
      <p className="muted">
        No source told of <code>{session}</code>. It may not have been imported yet, or belong to another
        server.
      </p>
      <p>
        <PageLink to="/sessions">Look through the sessions</PageLink>
      </p>
    </div>
  );
}
