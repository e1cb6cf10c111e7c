/**
 * The words of the server's API, by the names the dashboard uses. Everything is derived from the paths of the
 * generated document, so a component that the server renames changes nothing here.
 */

import type { paths } from "./schema";

type Json<Responses, Code extends keyof Responses> = Responses[Code] extends {
  content: { "application/json": infer Body };
}
  ? Body
  : never;

type Get<Path extends keyof paths> = paths[Path] extends { get: { responses: infer Responses } }
  ? Json<Responses, 200 & keyof Responses>
  : never;

/** Figures of a range of days, with the same number of days before it. */
export type Overview = Get<"/api/v1/overview">;
export type Totals = Overview["totals"];
/** Tokens by kind. The 5-minute and 1-hour cache writes are parts of `cache_creation`, not beside it. */
export type Tokens = Totals["tokens"];
/** Micro-dollars: what the client said, what the price book says, and the one that is shown (`settled`). */
export type Cost = Totals["cost_micros"];
export type Day = Overview["days"][number];
export type ModelRow = Overview["models"][number];
export type ToolRow = Overview["tools"][number];
export type ProjectRow = Overview["projects"][number];
export type Coverage = Overview["coverage"];
export type SourceCoverage = Coverage["sources"][number];

/** One request to a model, as the live list shows it. */
export type RecentRequest = Get<"/api/v1/requests/recent">["requests"][number];

/** What the server is doing. */
export type Status = Get<"/api/v1/status">;
export type ImportStatus = Status["import"];
export type DemoStatus = Status["demo"];

/** One block of settings to copy. */
export type Setting = Get<"/api/v1/connect">["settings"][number];
