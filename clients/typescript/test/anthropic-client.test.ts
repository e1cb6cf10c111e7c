/** A client that somebody wrote for Anthropic's API, with nothing changed but its base address. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DAY, expected, Server, somebodyElse } from "./server.js";

/** What the client's author read in Anthropic's documentation. */
interface TheirRecord {
  date: string;
  actor: { type: "user_actor"; email_address: string } | { type: "api_actor"; api_key_name: string };
  organization_id: string;
  customer_type: "api" | "subscription";
  subscription_type?: "enterprise" | "team" | null;
  terminal_type: string;
  is_remote: boolean;
  core_metrics: {
    num_sessions: number;
    lines_of_code: { added: number; removed: number };
    commits_by_claude_code: number;
    pull_requests_by_claude_code: number;
  };
  tool_actions: Record<string, { accepted: number; rejected: number }>;
  model_breakdown: {
    model: string;
    tokens: { input: number; output: number; cache_read: number; cache_creation: number };
    estimated_cost: { currency: string; amount: number };
  }[];
}

/** Their client: a day's figures per person, in dollars. It knows nothing of Pitwall. */
class TheirClient {
  constructor(
    private readonly adminKey: string,
    private readonly base = "https://api.anthropic.com",
  ) {
    if (!adminKey.startsWith("sk-ant-admin")) {
      throw new Error("this is not an Admin API key");
    }
  }

  private async page(day: string, cursor?: string) {
    const url = new URL("/v1/organizations/usage_report/claude_code", this.base);
    url.searchParams.set("starting_at", day);
    url.searchParams.set("limit", "3");
    if (cursor !== undefined) {
      url.searchParams.set("page", cursor);
    }
    const response = await fetch(url, {
      headers: {
        "x-api-key": this.adminKey,
        "anthropic-version": "2023-06-01",
        "content-type": "application/json",
        "user-agent": "TheirDashboard/1.2.3 (https://dashboard.example)",
      },
    });
    if (!response.ok) {
      const { error, request_id } = await response.json();
      throw new Error(`${response.status} ${error.type}: ${error.message} (${request_id})`);
    }
    return (await response.json()) as { data: TheirRecord[]; has_more: boolean; next_page: string | null };
  }

  async dollarsByPerson(day: string): Promise<Map<string, number>> {
    const dollars = new Map<string, number>();
    let cursor: string | undefined;
    for (;;) {
      const { data, has_more, next_page } = await this.page(day, cursor);
      for (const { actor, model_breakdown } of data) {
        const who = actor.type === "user_actor" ? actor.email_address : actor.api_key_name;
        const cents = model_breakdown.reduce((sum, { estimated_cost }) => sum + estimated_cost.amount, 0);
        dollars.set(who, (dollars.get(who) ?? 0) + cents / 100);
      }
      if (!has_more || next_page === null) {
        return dollars;
      }
      cursor = next_page;
    }
  }
}

let server: Server;
before(async () => {
  server = await Server.start();
  for (let number = 0; number < 7; number += 1) {
    await server.send(somebodyElse(number));
  }
});
after(() => server.stop());

test("it works by changing the base address", async () => {
  const dollars = await new TheirClient(server.key("admin"), server.address).dollarsByPerson(DAY);
  const person = (number: number) => `person-00${number}@example.org`;
  const cost = Math.round(expected.cost_usd * 100) / 100;
  assert.deepEqual(
    [...dollars],
    [0, 1, 2, 3, 4, 5, 6].map((number) => [person(number), cost]),
  );
});

test("its errors are Anthropic's", async () => {
  const client = new TheirClient("sk-ant-admin01-of-somebody-else", server.address);
  await assert.rejects(client.dollarsByPerson(DAY), /^Error: 401 authentication_error: .+ \(req_\w+\)$/);
  const theirs = new TheirClient(server.key("admin", "second"), server.address);
  await assert.rejects(theirs.dollarsByPerson("20261122"), /^Error: 400 invalid_request_error: /);
});
