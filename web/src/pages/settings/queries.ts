/** How the server is set up, and what can be embedded. */

import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import type { paths } from "../../api/schema";

export type Shown = paths["/api/v1/settings"]["get"]["responses"][200]["content"]["application/json"];
export type Widgets = paths["/api/v1/widgets"]["get"]["responses"][200]["content"]["application/json"];

const REFRESH_MS = 60_000;

export function settingsQuery() {
  return queryOptions({
    queryKey: ["settings"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/settings", { signal })),
    refetchInterval: REFRESH_MS,
  });
}

export function widgetsQuery() {
  return queryOptions({
    queryKey: ["widgets"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/widgets", { signal })),
  });
}
