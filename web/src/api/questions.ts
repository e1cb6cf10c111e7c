/** Questions that look at a part of the ledger: each path of the API that takes days and filters. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import type { paths } from "./schema";

const REFRESH_MS = 30_000;

type Asked<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Query } } }
  ? NonNullable<Query>
  : never;

/** Paths of questions: those that can be asked of some people or teams only. */
export type QuestionPath = {
  [Path in keyof paths]: [Asked<Path>] extends [never]
    ? never
    : "person" extends keyof Asked<Path>
      ? Path
      : never;
}[keyof paths];

/** What a question takes besides days and filters. */
export type Parameters<Path extends QuestionPath> = Omit<Asked<Path>, keyof Asked<"/api/v1/filters">>;

/** The answer to a question. */
export type Answer<Path extends QuestionPath> = paths[Path] extends {
  get: { responses: { 200: { content: { "application/json": infer Body } } } };
}
  ? Body
  : never;

/** Days and filters, by the API's names. */
export type Scope = Asked<"/api/v1/filters"> & { readonly compare?: string };

/** What every question's key begins with; invalidating it asks all of a page again. */
export const QUESTIONS = ["question"] as const;

/**
 * A question, as a TanStack query. Old figures stay while new ones are on the way. It is asked again every half
 * minute, which costs next to nothing while the ledger stands still: the server then says "not modified", and
 * the browser has the answer.
 */
export function questionQuery<Path extends QuestionPath>(
  path: Path,
  scope: Scope,
  parameters: Parameters<Path>,
) {
  const query = { ...scope, ...parameters };
  return queryOptions({
    queryKey: [...QUESTIONS, path, query],
    queryFn: ({ signal }) => {
      // The client's types cannot follow a path that is a type parameter; the types above have checked it.
      const call = api.GET(path, { params: { query }, signal } as never);
      return answer(call as never) as Promise<Answer<Path>>;
    },
    placeholderData: keepPreviousData,
    // Told from questions about one thing, which filters do not change.
    meta: { ofScope: true },
    refetchInterval: REFRESH_MS,
  });
}
