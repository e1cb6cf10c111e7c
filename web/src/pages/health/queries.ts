/** What was refused; kept beside the ledger, so it is no question to it. */

import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import type { Answer } from "../../api/questions";
import type { paths } from "../../api/schema";

export type Health = Answer<"/api/v1/health/data">;
export type Rejected =
  paths["/api/v1/health/rejected"]["get"]["responses"][200]["content"]["application/json"];

const REFRESH_MS = 30_000;

export function rejectedQuery() {
  return queryOptions({
    queryKey: ["rejected"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/health/rejected", { signal })),
    refetchInterval: REFRESH_MS,
  });
}
