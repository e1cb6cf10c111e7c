/** The package against the real server. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Analytics, Pitwall, PitwallError, type UsageRecord } from "../src/index.js";
import { DAY, expected, Server, somebodyElse } from "./server.js";

let server: Server;
let client: Pitwall;

before(async () => {
  server = await Server.start();
  await server.send();
  for (let number = 0; number < 7; number += 1) {
    await server.send(somebodyElse(number));
  }
  client = new Pitwall({ baseUrl: server.address, apiKey: server.key("admin") });
});

after(() => server.stop());

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const entries: T[] = [];
  for await (const entry of list) {
    entries.push(entry);
  }
  return entries;
}

function name({ actor }: Pick<UsageRecord, "actor">): string {
  return actor.type === "user_actor" ? actor.email_address : actor.api_key_name;
}

test("a record has the truth about the session", async () => {
  const records = await all(client.usageRecords({ startingAt: DAY }));
  const record = records.find((record) => name(record) === "person-003@example.org");
  assert.ok(record);
  assert.equal(record.date, `${DAY}T00:00:00Z`);
  assert.equal(record.organization_id, (await client.organization()).id);
  assert.deepEqual(record.core_metrics.lines_of_code, expected.lines);
  const [model, tokens] = Object.entries(expected.tokens)[0] ?? assert.fail();
  const [breakdown, ...others] = record.model_breakdown;
  assert.ok(breakdown);
  assert.equal(others.length, Object.keys(expected.tokens).length - 1);
  assert.equal(breakdown.model, model);
  assert.deepEqual(breakdown.tokens, {
    input: tokens.input,
    output: tokens.output,
    cache_read: tokens.cacheRead,
    cache_creation: tokens.cacheCreation,
  });
  assert.deepEqual(breakdown.estimated_cost, {
    currency: "USD",
    amount: Math.round(expected.cost_usd * 100),
  });
});

test("an iterator reads every page, whatever their size", async () => {
  const whole = await all(client.usageRecords({ startingAt: DAY }));
  assert.equal(whole.length, 8);
  for (const limit of [1, 3, 8]) {
    assert.deepEqual(await all(client.usageRecords({ startingAt: DAY, limit })), whole);
  }
  assert.deepEqual(await all(client.usageRecords({ startingAt: "2020-01-01" })), []);
});

test("users and keys are listed", async () => {
  const users = await all(client.users());
  assert.deepEqual(users.map((user) => user.email).sort(), users.map(({ name }) => name).sort());
  assert.equal(users.length, 7);
  const [first] = users;
  assert.ok(first);
  assert.deepEqual(await client.user(first.id), first);
  assert.deepEqual(await all(client.users({ email: first.email })), [first]);
  const page = await client.userPage({ limit: 2, afterId: first.id });
  assert.deepEqual(page.data, users.slice(1, 3));
  const keys = await all(client.apiKeys({ status: "active" }));
  assert.deepEqual(
    keys.map((key) => [key.name, key.workspace_id, key.scope]),
    [["admin of the tests", null, undefined]],
  );
  const newer = new Pitwall({
    baseUrl: server.address,
    apiKey: server.key("admin", "another"),
    version: "2026-10-21",
  });
  assert.deepEqual((await newer.apiKeyPage()).data[0]?.scope, { type: "organization" });
});

test("records and totals of one's own API", async () => {
  const records = await all(client.records({ date: DAY, limit: 3 }));
  assert.equal(records.length, 8);
  const micros = Math.round(expected.cost_usd * 1e6);
  assert.ok(records.every((record) => Math.abs(record.cost_micros.settled - micros) <= 1));

  const day: Analytics = await client.totals({ date: DAY, users: true });
  assert.equal(day.totals.active_users, 8);
  assert.equal(day.totals.lines?.added, 8 * expected.lines.added);
  assert.equal(day.users?.length, 8);
  const range = await client.totals({ startDate: "2026-11-01", endDate: "2026-11-30" });
  assert.equal(range.days.length, 30);
  assert.deepEqual(range.totals, day.totals);
  assert.equal((await client.totals({ date: DAY, terminal: ["tmux", "iTerm.app"] })).totals.sessions, 0);
  const ofModel = await client.totals({ date: DAY, model: Object.keys(expected.tokens) });
  assert.equal(ofModel.totals.lines, null);
  assert.equal(ofModel.totals.sessions, 8);

  const [head, ...lines] = (await client.totalsAsCsv({ date: DAY })).trim().split("\r\n");
  assert.match(head ?? "", /^scope,date,/);
  assert.match(lines[0] ?? "", /^range,/);
});

test("errors say what happened, in either API", async () => {
  const refused = async (call: Promise<unknown>) => {
    const error: unknown = await call.then(
      () => null,
      (error: unknown) => error,
    );
    assert.ok(error instanceof PitwallError);
    assert.match(error.requestId ?? "", /^req_/);
    return [error.status, error.type, error.message];
  };
  assert.deepEqual(await refused(client.usageReport({ startingAt: "soon" })), [
    400,
    "invalid_request_error",
    "starting_at: must be a date in the form YYYY-MM-DD, such as 2026-11-20",
  ]);
  assert.deepEqual(await refused(client.user("user_nobody")), [
    404,
    "not_found_error",
    "there is no user with this id",
  ]);
  const viewer = new Pitwall({ baseUrl: server.address, apiKey: server.key("viewer") });
  assert.deepEqual((await refused(viewer.organization())).slice(0, 2), [403, "permission_error"]);
  const nobody = new Pitwall({ baseUrl: server.address });
  assert.deepEqual((await refused(nobody.organization())).slice(0, 2), [401, "authentication_error"]);
  assert.deepEqual(await refused(viewer.totals({ startDate: "2026-11-02", endDate: "2026-11-01" })), [
    400,
    "invalid_request",
    "the range ends on 2026-11-01, before it starts on 2026-11-02",
  ]);
});
