/** What can be followed live: requests to models, and all activity. */

import { answer, api } from "./client";
import type { LiveSource } from "./live";
import type { paths } from "./schema";
import type { RecentRequest } from "./types";

const REQUESTS_KEPT = 50;
const ACTIVITIES_KEPT = 200;

/** One thing that happened, as the Live page lists it. */
export type LiveActivity =
  paths["/api/v1/live/recent"]["get"]["responses"][200]["content"]["application/json"]["activities"][number];

export const LIVE_REQUESTS: LiveSource<RecentRequest> = {
  path: "/api/v1/live",
  event: "request",
  limit: REQUESTS_KEPT,
  recent: async (signal) => {
    const query = { limit: REQUESTS_KEPT };
    const { requests } = await answer(api.GET("/api/v1/requests/recent", { params: { query }, signal }));
    return requests;
  },
  // The API gives no id; a session that makes the very same request twice in one millisecond is not expected.
  keyOf: ({ session_id, at, model, tokens }) =>
    [session_id, at, model, tokens.input, tokens.output, tokens.cache_read, tokens.cache_creation].join(" "),
  atOf: ({ at }) => at,
};

export const LIVE_ACTIVITIES: LiveSource<LiveActivity> = {
  path: "/api/v1/live/activity",
  event: "activity",
  limit: ACTIVITIES_KEPT,
  recent: async (signal) => {
    const query = { limit: ACTIVITIES_KEPT };
    const { activities } = await answer(api.GET("/api/v1/live/recent", { params: { query }, signal }));
    return activities;
  },
  keyOf: ({ session_id, at, kind, title, duration_ms, tokens }) =>
    [session_id, at, kind, title, duration_ms, tokens?.input, tokens?.output].join(" "),
  atOf: ({ at }) => at,
};
