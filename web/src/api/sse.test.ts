import { describe, expect, it } from "vitest";
import { EventParser } from "./sse";

describe("server-sent events", () => {
  it("puts events together from pieces cut anywhere", () => {
    const text = 'event: request\ndata: {"a":1}\n\n: keep-alive\n\nevent: lagged\ndata: 3\n\n';
    for (let cut = 0; cut <= text.length; cut += 1) {
      const parser = new EventParser();
      const events = [...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))];
      expect(events).toEqual([
        { event: "request", data: '{"a":1}' },
        { event: "lagged", data: "3" },
      ]);
    }
  });

  it("takes every kind of line end, also when it is cut in two", () => {
    const parser = new EventParser();
    expect(parser.push("data: one\r\n\r")).toEqual([]);
    expect(parser.push("\ndata: two\r\rdata: x")).toEqual([
      { event: "message", data: "one" },
      { event: "message", data: "two" },
    ]);
  });

  it("joins lines of data and keeps all but the first space", () => {
    expect(new EventParser().push("data:a\ndata:  b\n\n")).toEqual([{ event: "message", data: "a\n b" }]);
  });

  it("ignores comments, unknown fields and events without data", () => {
    expect(new EventParser().push(": hello\nid: 7\nretry: 10\n\nevent: request\n\n")).toEqual([]);
  });

  it("drops an event that is too large and goes on", () => {
    const parser = new EventParser();
    const huge = "x".repeat(600_000);
    expect(parser.push(`data: ${huge}\ndata: ${huge}\n\ndata: next\n\n`)).toEqual([
      { event: "message", data: "next" },
    ]);
  });
});
