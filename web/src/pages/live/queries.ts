/** What is going on at this moment; asked again every few seconds while the page is looked at. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import { QUESTIONS } from "../../api/questions";
import type { paths } from "../../api/schema";

export type LiveNow = paths["/api/v1/live/now"]["get"]["responses"][200]["content"]["application/json"];
export type RunningSession = LiveNow["sessions"][number];

const REFRESH_MS = 5_000;

export function liveNowQuery() {
  return queryOptions({
    queryKey: [...QUESTIONS, "/api/v1/live/now"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/live/now", { signal })),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}
