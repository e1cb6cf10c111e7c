/** The package against the description of the API: nothing of it is missing here. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { components } from "../src/index.js";
import { Pitwall } from "../src/index.js";

const root = new URL("../../", import.meta.url);
const description = JSON.parse(
  readFileSync(fileURLToPath(new URL("../../web/openapi.json", root)), "utf8"),
) as {
  paths: Record<string, Record<string, { operationId: string; tags: string[] }>>;
  components: { schemas: Record<string, unknown> };
};

/** The methods for each operation that is tagged for clients. */
const METHODS: Record<string, (keyof Pitwall & string)[]> = {
  claude_code_usage_report: ["usageReport", "usageRecords"],
  organization: ["organization"],
  users: ["userPage", "users"],
  user: ["user"],
  api_keys: ["apiKeyPage", "apiKeys"],
  analytics: ["recordPage", "records", "totals", "totalsAsCsv"],
};

test("every operation has its methods", () => {
  const operations = Object.values(description.paths)
    .flatMap((item) => Object.values(item))
    .filter(({ tags }) => tags.includes("analytics"));
  const ids = operations.map(({ operationId }) => operationId).sort();
  assert.deepEqual(ids, Object.keys(METHODS).sort());
  for (const method of Object.values(METHODS).flat()) {
    assert.equal(typeof Pitwall.prototype[method], "function", method);
  }
});

test("every shape of records, totals and errors is exported by a name", () => {
  const types = readFileSync(fileURLToPath(new URL("src/types.ts", root)), "utf8");
  const named = [...types.matchAll(/Schemas\["(\w+)"\]/g)].map(([, name]) => name);
  const wanted: (keyof components["schemas"])[] = [
    "ClaudeCodeUsage",
    "ClaudeCodeUsageReport",
    "AnalyticsRecord",
    "AnalyticsRecords",
    "Analytics",
    "AnalyticsTotals",
    "AnalyticsDay",
    "AnalyticsUser",
    "AnalyticsFigures",
    "AnalyticsErrorBody",
    "ErrorBody",
    "Organization",
    "User",
    "ApiKey",
  ];
  for (const name of wanted) {
    assert.ok(named.includes(name), name);
    assert.ok(name in description.components.schemas, name);
  }
});
