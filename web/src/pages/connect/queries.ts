/** The settings to copy, and whether anything arrived since. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import type { paths } from "../../api/schema";

export type Arrivals =
  paths["/api/v1/connect/arrivals"]["get"]["responses"][200]["content"]["application/json"];

const WAITING_MS = 2_000;
const ARRIVED_MS = 10_000;

/** The settings, with a team and a person in them where they are given. */
export function connectQuery(team: string, person: string) {
  const query = { ...(team === "" ? {} : { team }), ...(person === "" ? {} : { person }) };
  return queryOptions({
    queryKey: ["connect", query],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/connect", { params: { query }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
}

/** What arrived since a moment by the server's clock; asked often until something has. */
export function arrivalsQuery(since: string) {
  return queryOptions({
    queryKey: ["arrivals", since],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/connect/arrivals", { params: { query: { since } }, signal })),
    refetchInterval: (query) => (query.state.data?.sessions ? ARRIVED_MS : WAITING_MS),
  });
}
