/** One person: since when, with what, and at which hours. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import { QUESTIONS, type Scope } from "./questions";
import type { paths } from "./schema";

export type Person = paths["/api/v1/person"]["get"]["responses"][200]["content"]["application/json"];

/** The person over the days; filters do not change who somebody is. */
export function personQuery(name: string, { start, end, timezone }: Scope) {
  const query = { name, ...(start && { start }), ...(end && { end }), ...(timezone && { timezone }) };
  return queryOptions({
    queryKey: [...QUESTIONS, "/api/v1/person", query],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/person", { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}
