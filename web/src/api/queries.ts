/** What pages ask besides the figures (see `questions.ts`), as TanStack queries. */

import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import type { Status } from "./types";

const STATUS_REFRESH_MS = 30_000;
const STATUS_BUSY_MS = 1_500;

/** What the server is doing; asked often while something is under way. */
export function statusQuery() {
  return queryOptions({
    queryKey: ["status"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/status", { signal })),
    refetchInterval: (query) => (isBusy(query.state.data) ? STATUS_BUSY_MS : STATUS_REFRESH_MS),
  });
}

/** Starts filling the demo; its progress is part of the status. */
export function startDemo() {
  return answer(api.POST("/api/v1/demo"));
}

function isBusy(status: Status | undefined): boolean {
  return (
    status === undefined ||
    status.empty ||
    status.import.state === "running" ||
    status.demo.state === "filling"
  );
}
