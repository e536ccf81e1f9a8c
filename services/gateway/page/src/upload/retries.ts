import { type ApiProblem, UNREACHABLE } from "../api/problem.ts";

const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);
const MAX_RETRIES = 9;
const MAX_MILLISECONDS = 30_000;

/**
 * Milliseconds to wait before a request is sent again that has failed so many times; null if it is not worth it.
 * As the server asks, or else twice as long each time: some three minutes in all.
 */
export function pauseBeforeRetry(problem: ApiProblem, failures: number): number | null {
  const passes = problem.code === UNREACHABLE || PASSING_STATUSES.has(problem.status);
  if (!passes || failures > MAX_RETRIES) return null;
  if (problem.retryAfterSeconds !== null) return 1000 * problem.retryAfterSeconds;
  return Math.min(MAX_MILLISECONDS, 1000 * 2 ** (failures - 1));
}

/** The seconds of a Retry-After; null for a date or none. */
export function retryAfterSeconds(header: string | null): number | null {
  return header !== null && /^\d{1,4}$/.test(header) ? Number(header) : null;
}
