/** What a page asks first: on its way while the page itself is still being fetched, or before it is drawn anew. */

import { statusQuery } from "../api/queries";
import { queryClient } from "../api/queryClient";
import { QUESTIONS, type QuestionPath, questionQuery, type Scope } from "../api/questions";
import { todayIn } from "../format/dates";
import type { Fixed } from "../view/FixedFilters";
import { rescoped, scopeOf } from "../view/useQuestion";
import { type RawSearch, viewOf } from "../view/view";

/** Questions that take nothing but days and filters. */
export type FirstQuestion = Extract<
  QuestionPath,
  | "/api/v1/overview"
  | "/api/v1/movers"
  | "/api/v1/activity"
  | "/api/v1/cost"
  | "/api/v1/forecast"
  | "/api/v1/productivity"
  | "/api/v1/tools"
  | "/api/v1/adoption"
  | "/api/v1/teams"
  | "/api/v1/projects"
  | "/api/v1/models"
  | "/api/v1/health/data"
>;

/** Asks the questions of what the address shows, and how the server is. The panels that ask the same get the same answers. */
export function askFirst(questions: readonly FirstQuestion[], search: RawSearch, fixed: Fixed): void {
  const scope = scopeOfSearch(search, fixed);
  void queryClient.prefetchQuery(statusQuery());
  for (const path of questions) {
    void queryClient.prefetchQuery(questionQuery(path, scope, {}));
  }
}

/**
 * Asks what a page asks of one address of another, at once. Its panels will ask the same when they are drawn with the
 * other's days and filters; until then the server can work.
 */
export function askAgain(before: RawSearch, after: RawSearch): void {
  const [old, next] = [scopeOfSearch(before), scopeOfSearch(after)];
  if (JSON.stringify(old) === JSON.stringify(next)) {
    return;
  }
  const shown = queryClient
    .getQueryCache()
    .findAll({ queryKey: QUESTIONS, type: "active", predicate: ({ meta }) => meta?.ofScope === true });
  for (const { queryKey } of shown) {
    const [, path, asked] = queryKey as unknown as readonly [
      string,
      QuestionPath,
      Readonly<Record<string, unknown>>,
    ];
    void queryClient.prefetchQuery(questionQuery(path, rescoped(asked, old, next), {} as never));
  }
}

function scopeOfSearch(search: RawSearch, fixed?: Fixed): Scope {
  const view = viewOf(search);
  return scopeOf(view, todayIn(view.tz, new Date()), fixed);
}
