/** Why a request was not served, in the API's own words; `unreachable` is the page's only code of its own. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly code: string;
  /** 0 if no answer came. */
  readonly status: number;
  readonly details: unknown;
  /** After how long the server asks to be asked again. */
  readonly retryAfterSeconds: number | null;

  constructor(
    code: string,
    message: string,
    status: number,
    details: unknown = null,
    retryAfterSeconds: number | null = null,
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export const UNREACHABLE = "unreachable";

/** Whether it may pass by itself: nothing answered, or a server that cannot serve at present. */
export function mayPass({ status }: ApiProblem): boolean {
  return status === 0 || status >= 500;
}

/** The problem in the body of an answer that is none of success, also of a proxy that has no envelope. */
export function readProblem(body: unknown, status: number, retryAfterSeconds: number | null = null): ApiProblem {
  const error = isRecord(body) ? body.error : undefined;
  if (isRecord(error) && typeof error.code === "string" && typeof error.message === "string") {
    return new ApiProblem(error.code, error.message, status, error.details ?? null, retryAfterSeconds);
  }
  return new ApiProblem(`http_${status}`, "", status, null, retryAfterSeconds);
}

/** What was thrown, as a problem; a fetch without an answer throws a TypeError. */
export function asProblem(thrown: unknown): ApiProblem {
  if (thrown instanceof ApiProblem) return thrown;
  return new ApiProblem(UNREACHABLE, "", 0, String(thrown));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
