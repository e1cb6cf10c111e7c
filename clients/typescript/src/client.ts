/** The client: a method for each request, and an iterator for each list. */

import { Http, type Options, type Query } from "./http.js";
import type {
  Analytics,
  AnalyticsRecord,
  AnalyticsRecords,
  ApiKey,
  ApiKeyPage,
  Day,
  Days,
  IdPageQuery,
  Narrowing,
  Organization,
  UsageRecord,
  UsageReport,
  User,
  UserPage,
} from "./types.js";

/** The most entries that a page can have: what iterators ask for. */
const LARGEST_PAGE = 1000;

/** Asks a Pitwall server, or for the Claude Code Analytics API any server that speaks it. */
export class Pitwall {
  readonly #http: Http;

  constructor(options: Options) {
    this.#http = new Http(options);
  }

  /** One page of a day of the Claude Code Analytics API. */
  usageReport(query: { startingAt: Day; limit?: number; page?: string }): Promise<UsageReport> {
    const { startingAt, limit, page } = query;
    return this.#http.json("/v1/organizations/usage_report/claude_code", {
      starting_at: startingAt,
      limit,
      page,
    });
  }

  /** Every record of a day, page by page: the day as it stood at the first. */
  usageRecords(query: { startingAt: Day; limit?: number }): AsyncGenerator<UsageRecord, void, undefined> {
    const limit = query.limit ?? LARGEST_PAGE;
    return byCursor((page) => this.usageReport({ ...query, limit, ...page }));
  }

  /** The organization that the key belongs to. */
  organization(): Promise<Organization> {
    return this.#http.json("/v1/organizations/me", {});
  }

  /** One page of those who signed in. */
  userPage(query: IdPageQuery & { email?: string; roles?: readonly string[] } = {}): Promise<UserPage> {
    const { email, roles } = query;
    return this.#http.json("/v1/organizations/users", { ...ofIds(query), email, "roles[]": roles });
  }

  /** Everybody who signed in. */
  users(query: { email?: string; roles?: readonly string[] } = {}): AsyncGenerator<User, void, undefined> {
    return byId((place) => this.userPage({ ...query, ...place }));
  }

  /** One user. */
  user(id: string): Promise<User> {
    return this.#http.json(`/v1/organizations/users/${encodeURIComponent(id)}`, {});
  }

  /** One page of the organization's keys. */
  apiKeyPage(query: IdPageQuery & { status?: ApiKey["status"] } = {}): Promise<ApiKeyPage> {
    return this.#http.json("/v1/organizations/api_keys", { ...ofIds(query), status: query.status });
  }

  /** The organization's keys. */
  apiKeys(query: { status?: ApiKey["status"] } = {}): AsyncGenerator<ApiKey, void, undefined> {
    return byId((place) => this.apiKeyPage({ ...query, ...place }));
  }

  /** One page of a day's records, with exact cost and without delay. */
  recordPage(query: { date: Day; limit?: number; page?: string } & Narrowing): Promise<AnalyticsRecords> {
    return this.#http.json("/api/analytics", { ...query });
  }

  /** Every record of a day, with exact cost and without delay. */
  records(
    query: { date: Day; limit?: number } & Narrowing,
  ): AsyncGenerator<AnalyticsRecord, void, undefined> {
    const limit = query.limit ?? LARGEST_PAGE;
    return byCursor((page) => this.recordPage({ ...query, limit, ...page }));
  }

  /** One day or up to 30 added up; with `users`, everybody one by one as well. */
  totals(query: Days & Narrowing & { users?: boolean }): Promise<Analytics> {
    return this.#http.json("/api/analytics", ofTotals(query));
  }

  /** The same as a table. */
  totalsAsCsv(query: Days & Narrowing & { users?: boolean }): Promise<string> {
    return this.#http.text("/api/analytics", { ...ofTotals(query), format: "csv" }, "text/csv");
  }
}

function ofIds({ limit, afterId, beforeId }: IdPageQuery): Query {
  return { limit, after_id: afterId, before_id: beforeId };
}

function ofTotals(query: Days & Narrowing & { users?: boolean }): Query {
  const { team, model, terminal, organization, users } = query;
  const days =
    "date" in query
      ? { date: query.date, aggregate: true }
      : { start_date: query.startDate, end_date: query.endDate };
  return { ...days, team, model, terminal, organization, users };
}

/** A list whose pages have a cursor. */
async function* byCursor<T>(
  ask: (page: { page?: string }) => Promise<{ data: readonly T[]; next_page: string | null }>,
): AsyncGenerator<T, void, undefined> {
  let next: string | null = null;
  do {
    const page: { data: readonly T[]; next_page: string | null } = await ask(
      next === null ? {} : { page: next },
    );
    yield* page.data;
    next = page.next_page;
  } while (next !== null);
}

/** A list whose pages are told apart by their last entry. */
async function* byId<T>(
  ask: (place: IdPageQuery) => Promise<{ data: readonly T[]; has_more: boolean; last_id: string | null }>,
): AsyncGenerator<T, void, undefined> {
  let last: string | null = null;
  for (;;) {
    const page: { data: readonly T[]; has_more: boolean; last_id: string | null } = await ask({
      limit: LARGEST_PAGE,
      ...(last !== null && { afterId: last }),
    });
    yield* page.data;
    if (!page.has_more || page.last_id === null) {
      return;
    }
    last = page.last_id;
  }
}
