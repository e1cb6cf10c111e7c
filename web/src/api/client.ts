/** The typed client of our own API. Requests go to the page's own origin and nowhere else. */

import createClient from "openapi-fetch";
import { askForKey, viewerKey } from "./key";
import type { paths } from "./schema";

/** An answer that is not the one that was asked for. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    /** HTTP status; 0 when the server could not be reached. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The typed client; use it through `answer`, which turns refusals into errors. */
export const api = createClient<paths>({ baseUrl: "/" });

api.use({
  onRequest({ request }) {
    const key = viewerKey();
    if (key !== null && !request.headers.has("authorization")) {
      request.headers.set("authorization", `Bearer ${key}`);
    }
    return request;
  },
});

/** Awaits a call of the client and gives its data, or throws an `ApiError` that says what happened. */
export async function answer<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === "AbortError") {
      throw cause;
    }
    throw new ApiError(0, "Pitwall does not answer. Check that it is still running.");
  });
  if (response.status === 401) {
    askForKey();
  }
  if (!response.ok || data === undefined) {
    throw new ApiError(response.status, refusal(error, response.status));
  }
  return data;
}

/** What the server said went wrong, as a sentence; never the raw body. */
function refusal(error: unknown, status: number): string {
  const said =
    typeof error === "object" && error !== null && "error" in error
      ? (error.error as { message?: unknown })
      : null;
  if (typeof said?.message === "string" && said.message !== "") {
    const sentence = said.message.charAt(0).toUpperCase() + said.message.slice(1);
    return /[.?]$/.test(sentence) ? sentence : `${sentence}.`;
  }
  return `The server answered ${status} without saying why.`;
}
