/** The shapes of requests and answers, by names of their own. They are generated from the server's OpenAPI. */

import type { components } from "./schema.js";

type Schemas = components["schemas"];

/** One record of the Claude Code Analytics API: an actor's day at one terminal and place. */
export type UsageRecord = Schemas["ClaudeCodeUsage"];
/** One page of them. */
export type UsageReport = Schemas["ClaudeCodeUsageReport"];
/** Who a record is about. */
export type Actor = Schemas["UsageActor"];
/** An organization. */
export type Organization = Schemas["Organization"];
/** Somebody who signed in. */
export type User = Schemas["User"];
/** One page of users. */
export type UserPage = Schemas["IdPage_User"];
/** A key. */
export type ApiKey = Schemas["ApiKey"];
/** One page of keys. */
export type ApiKeyPage = Schemas["IdPage_ApiKey"];
/** A record with its exact cost. */
export type AnalyticsRecord = Schemas["AnalyticsRecord"];
/** One page of them. */
export type AnalyticsRecords = Schemas["AnalyticsRecords"];
/** Days added up. */
export type Analytics = Schemas["Analytics"];
/** Everybody's figures together. */
export type AnalyticsTotals = Schemas["AnalyticsTotals"];
/** One day of them. */
export type AnalyticsDay = Schemas["AnalyticsDay"];
/** One user. */
export type AnalyticsUser = Schemas["AnalyticsUser"];
/** What was done, and what it took. */
export type AnalyticsFigures = Schemas["AnalyticsFigures"];
/** The body of an error under `/v1/`. */
export type AnthropicErrorBody = Schemas["AnalyticsErrorBody"];
/** The body of an error under `/api/`. */
export type ApiErrorBody = Schemas["ErrorBody"];

/** A UTC day, `YYYY-MM-DD`. */
export type Day = string;

/** The versions of Anthropic's API that are spoken. */
export type ApiVersion = "2023-06-01" | "2026-10-21";

/** Which page of a list, by the ids of its entries. */
export interface IdPageQuery {
  /** Entries per page, 1 to 1,000; 20 unless told. */
  readonly limit?: number;
  /** The page that follows this entry. */
  readonly afterId?: string;
  /** The page that ends before this entry. */
  readonly beforeId?: string;
}

/** Only a part of the data; `unknown` stands for what nobody told. */
export interface Narrowing {
  readonly team?: string | readonly string[];
  readonly model?: string | readonly string[];
  readonly terminal?: string | readonly string[];
  /** Where several organizations share a server that asks for no key. */
  readonly organization?: string;
}

/** One day, or up to 30. */
export type Days = { readonly date: Day } | { readonly startDate: Day; readonly endDate: Day };
