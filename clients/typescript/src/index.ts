/** Typed client of Pitwall's Analytics API, and of Anthropic's Claude Code Analytics API. */

export { Pitwall } from "./client.js";
export { PitwallError } from "./error.js";
export type { Options } from "./http.js";
export type { components, paths } from "./schema.js";
export type * from "./types.js";
