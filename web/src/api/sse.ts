/** Server-sent events out of a byte stream, as the HTML standard's event stream format defines them. */

export interface ServerEvent {
  /** `message` when the stream names none. */
  readonly event: string;
  readonly data: string;
}

/** An event larger than this is not one of ours; it is dropped instead of filling memory. */
const MAX_EVENT_CHARS = 1 << 20;

/** Takes text in pieces of any size and gives the events that are complete. */
export class EventParser {
  private pending = "";
  private event = "";
  private data: string[] = [];
  private size = 0;

  /** Events that `text` completed, in order. */
  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const lines = (this.pending + text).split(/\r\n|\n|\r(?!$)/);
    this.pending = lines.pop() ?? "";
    if (this.pending.length > MAX_EVENT_CHARS) {
      this.pending = "";
    }
    for (const line of lines) {
      const complete = this.line(line);
      if (complete) {
        events.push(complete);
      }
    }
    return events;
  }

  private line(line: string): ServerEvent | null {
    if (line === "") {
      return this.dispatch();
    }
    if (line.startsWith(":")) {
      return null;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") {
      this.event = value;
    } else if (field === "data") {
      this.size += value.length;
      if (this.size <= MAX_EVENT_CHARS) {
        this.data.push(value);
      }
    }
    return null;
  }

  private dispatch(): ServerEvent | null {
    const whole = this.data.length > 0 && this.size <= MAX_EVENT_CHARS;
    const complete = whole ? { event: this.event || "message", data: this.data.join("\n") } : null;
    this.event = "";
    this.data = [];
    this.size = 0;
    return complete;
  }
}
