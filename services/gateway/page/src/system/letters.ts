import { answered, api } from "../api/client.ts";
import type { DeadLetterStatus } from "../api/types.ts";

/** As many letters as the API shows at a time. */
export const SHOWN_LETTERS = 100;

/** The dead letters of a queue, which stay where they are. */
export async function lettersOf(queue: string, signal: AbortSignal): Promise<readonly DeadLetterStatus[]> {
  const params = { path: { queue }, query: { limit: SHOWN_LETTERS } };
  const { data } = await answered(api.GET("/pipeline/dead/{queue}", { params, signal }));
  return data.letters;
}

/** Send letters to their queue again, or all of them without `ids`; answers how many were. Doing it twice does no harm. */
export async function replayLetters(queue: string, ids?: readonly string[]): Promise<number> {
  const body = ids ? { ids: [...ids] } : {};
  const { data } = await answered(api.POST("/pipeline/dead/{queue}/replay", { params: { path: { queue } }, body }));
  return data.replayed;
}

/** Throw letters away for good: these, or all if there are still `count`; answers how many were. */
export async function dropLetters(queue: string, chosen: { ids: string[] } | { count: number }): Promise<number> {
  const parameters = { params: { path: { queue } }, body: chosen };
  const { data } = await answered(api.POST("/pipeline/dead/{queue}/drop", parameters));
  return data.dropped;
}
