/** Passing errors are tried again, and nothing else is. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pitwall, PitwallError } from "../src/index.js";
import { Server } from "./server.js";

/** A client whose server answers these one after the other, and what it waited for. */
function against(answers: (Response | Error)[], maxRetries?: number) {
  const waited: number[] = [];
  const client = new Pitwall({
    baseUrl: "http://pitwall.example/",
    ...(maxRetries !== undefined && { maxRetries }),
    fetch: async () => {
      const next = answers.shift() ?? assert.fail("asked too often");
      if (next instanceof Error) {
        throw next;
      }
      return next;
    },
    sleep: async (milliseconds) => {
      waited.push(milliseconds);
    },
  });
  return { client, waited };
}

const me = () => Response.json({ id: "acme", type: "organization", name: "Acme" });
const busy = (headers: Record<string, string> = {}) =>
  Response.json(
    { type: "error", error: { type: "rate_limit_error", message: "wait" }, request_id: "req_1" },
    { status: 429, headers },
  );

test("waits as long as the server wishes, else longer each time", async () => {
  const { client, waited } = against([busy({ "retry-after": "7" }), new TypeError("gone"), me()]);
  assert.equal((await client.organization()).id, "acme");
  assert.deepEqual(waited, [7_000, 1_000]);
});

test("gives up after as many tries as it was told", async () => {
  const { client, waited } = against([busy(), busy(), busy()]);
  await assert.rejects(client.organization(), (error: unknown) => {
    assert.ok(error instanceof PitwallError && error.isPassing);
    assert.deepEqual([error.status, error.type], [429, "rate_limit_error"]);
    return true;
  });
  assert.deepEqual(waited, [500, 1_000]);
  const once = against([new TypeError("gone")], 0);
  await assert.rejects(once.client.organization(), { status: 0, type: "connection" });
  assert.deepEqual(once.waited, []);
});

test("does not try again what would be refused again", async () => {
  const { client, waited } = against([new Response("<h1>no</h1>", { status: 404 })]);
  await assert.rejects(client.organization(), { status: 404, type: "http_404" });
  assert.deepEqual(waited, []);
});

test("a real server's limit is kept by waiting", async () => {
  const server = await Server.start({
    PITWALL_ANALYTICS_REQUESTS_PER_MINUTE: "120",
    PITWALL_ANALYTICS_BURST: "1",
  });
  try {
    const client = new Pitwall({ baseUrl: server.address, apiKey: server.key("admin"), maxRetries: 5 });
    const names = await Promise.all([1, 2, 3].map(() => client.organization()));
    assert.equal(new Set(names.map(({ id }) => id)).size, 1);
  } finally {
    await server.stop();
  }
});
