/** Answers that are not the one that was asked for. */

/** An error that the server answered with, or that kept it from answering. */
export class PitwallError extends Error {
  override readonly name = "PitwallError";

  constructor(
    /** HTTP status; 0 when there was no answer. */
    readonly status: number,
    /** For programs: such as `rate_limit_error` under `/v1/`, `invalid_request` under `/api/`; `connection` without an answer. */
    readonly type: string,
    message: string,
    /** The id under which the server's log has it. */
    readonly requestId: string | null,
    /** Seconds to wait before asking again, where the server says so. */
    readonly retryAfterSeconds: number | null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether asking again may help: too many requests, a fault of the server, no connection. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The error in an answer, of either API. */
export async function errorOf(answer: Response): Promise<PitwallError> {
  const text = await answer.text().catch(() => "");
  const { type, message } = detailOf(text);
  return new PitwallError(
    answer.status,
    type ?? `http_${answer.status}`,
    message ?? `the server answered ${answer.status} without saying why`,
    answer.headers.get("request-id"),
    secondsOf(answer.headers.get("retry-after")),
  );
}

/** Errors under `/v1/` have a type, those under `/api/` a code. */
function detailOf(text: string): { type?: string; message?: string } {
  try {
    const body = JSON.parse(text) as { error?: { type?: unknown; code?: unknown; message?: unknown } } | null;
    const error = body?.error;
    const type = error?.type ?? error?.code;
    return {
      ...(typeof type === "string" && { type }),
      ...(typeof error?.message === "string" && { message: error.message }),
    };
  } catch {
    return {};
  }
}

function secondsOf(retryAfter: string | null): number | null {
  const seconds = Number(retryAfter ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
