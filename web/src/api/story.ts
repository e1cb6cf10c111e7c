/** One session from its beginning to its end. */

import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import { QUESTIONS } from "./questions";
import type { paths } from "./schema";

export type Story = paths["/api/v1/session"]["get"]["responses"][200]["content"]["application/json"];
export type TimelineEntry = Story["entries"][number];
export type Subagent = Story["subagents"][number];

const REFRESH_MS = 10_000;

/** The session's story. It is asked again while it may go on, which costs nothing while nothing happens. */
export function storyQuery(session: string) {
  return queryOptions({
    queryKey: [...QUESTIONS, "/api/v1/session", session],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/session", { params: { query: { session } }, signal })),
    refetchInterval: REFRESH_MS,
  });
}
