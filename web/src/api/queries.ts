/** The questions that pages ask, as TanStack queries. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { DateRange } from "../format/dates";
import { answer, api } from "./client";
import type { Status } from "./types";

const OVERVIEW_REFRESH_MS = 30_000;
const STATUS_REFRESH_MS = 30_000;
const STATUS_BUSY_MS = 1_500;

/** How many of the newest requests the live list keeps. */
export const RECENT_LIMIT = 50;

/** The figures of a range. Old figures stay while new ones are on the way. */
export function overviewQuery(range: DateRange, timezone: string) {
  return queryOptions({
    queryKey: ["overview", range.start, range.end, timezone],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/overview", {
          params: { query: { start: range.start, end: range.end, timezone } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: OVERVIEW_REFRESH_MS,
  });
}

/** What the server is doing; asked often while something is under way. */
export function statusQuery() {
  return queryOptions({
    queryKey: ["status"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/status", { signal })),
    refetchInterval: (query) => (isBusy(query.state.data) ? STATUS_BUSY_MS : STATUS_REFRESH_MS),
  });
}

/** The settings for Claude Code. */
export function connectQuery() {
  return queryOptions({
    queryKey: ["connect"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/connect", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The newest requests, newest first. */
export async function fetchRecent(signal: AbortSignal) {
  const { requests } = await answer(
    api.GET("/api/v1/requests/recent", { params: { query: { limit: RECENT_LIMIT } }, signal }),
  );
  return requests;
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
