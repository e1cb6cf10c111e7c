/** Requests: address, key, and trying again. */

import { errorOf, PitwallError } from "./error.js";
import type { ApiVersion } from "./types.js";

/** What a client is made of. */
export interface Options {
  /** The server's address, such as `http://localhost:4318`. */
  readonly baseUrl: string;
  /** An admin key; for `/api/analytics` a viewer key is enough, or none where the server asks for none. */
  readonly apiKey?: string;
  /** The version of Anthropic's API; the server's default when left out. */
  readonly version?: ApiVersion;
  /** How often a request is tried again after a passing error; twice unless told. */
  readonly maxRetries?: number;
  /** Sends requests; the platform's `fetch` unless told. */
  readonly fetch?: typeof globalThis.fetch;
  /** Waits; a timer unless told. */
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

/** Parameters of a request; those that are undefined are left out. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** How long to wait before the first try again, in milliseconds; twice as long before each further one. */
const FIRST_PAUSE_MS = 500;
/** The longest that a server's wish is followed, in milliseconds. */
const LONGEST_PAUSE_MS = 60_000;

/** Sends requests of one client. */
export class Http {
  readonly #options: Options;
  readonly #base: string;

  constructor(options: Options) {
    this.#options = options;
    this.#base = options.baseUrl.replace(/\/+$/, "");
  }

  /** An answer's JSON. */
  async json<T>(path: string, query: Query): Promise<T> {
    const answer = await this.#get(path, query, "application/json");
    return (await answer.json()) as T;
  }

  /** An answer's text. */
  async text(path: string, query: Query, accept: string): Promise<string> {
    return (await this.#get(path, query, accept)).text();
  }

  async #get(path: string, query: Query, accept: string): Promise<Response> {
    const retries = this.#options.maxRetries ?? 2;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#once(path, query, accept);
      } catch (error) {
        if (!(error instanceof PitwallError) || !error.isPassing || attempt >= retries) {
          throw error;
        }
        await (this.#options.sleep ?? sleep)(pause(error, attempt));
      }
    }
  }

  async #once(path: string, query: Query, accept: string): Promise<Response> {
    const { apiKey, version } = this.#options;
    const headers: Record<string, string> = { accept };
    if (apiKey !== undefined) {
      headers["x-api-key"] = apiKey;
    }
    if (version !== undefined) {
      headers["anthropic-version"] = version;
    }
    const send = this.#options.fetch ?? globalThis.fetch;
    const answer = await send(this.#base + path + textOf(query), { headers }).catch((cause: unknown) => {
      throw new PitwallError(0, "connection", `no answer from ${this.#base}`, null, null, { cause });
    });
    if (!answer.ok) {
      throw await errorOf(answer);
    }
    return answer;
  }
}

function textOf(query: Query): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) {
        pairs.append(name, String(one));
      }
    }
  }
  const text = pairs.toString();
  return text === "" ? "" : `?${text}`;
}

function pause(error: PitwallError, attempt: number): number {
  const wished = error.retryAfterSeconds === null ? null : error.retryAfterSeconds * 1000;
  return Math.min(wished ?? FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
