import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { answered, api } from "../api/client.ts";
import { returns } from "../api/connection.ts";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import { serverNow } from "../api/server_clock.ts";
import type { StatisticsAnswer } from "../api/types.ts";
import { now } from "../look/clock.ts";
import { beginOf, type Range } from "./ranges.ts";

const MINUTE_MILLISECONDS = 60_000;

/** The statistics of a range up to now; read again when a minute is over, as that is when there is another point. */
export function useStatistics(range: Range) {
  const found = useSignal<StatisticsAnswer | null>(null);
  const problem = useSignal<ApiProblem | null>(null);
  const minute = useComputed(() => Math.floor(now.value / MINUTE_MILLISECONDS)).value;
  useEffect(() => {
    const asking = new AbortController();
    const query = { from: beginOf(range, serverNow()) };
    answered(api.GET("/pipeline/stats", { params: { query }, signal: asking.signal }))
      .then(({ data }) => {
        found.value = data;
        problem.value = null;
      })
      .catch((thrown: unknown) => {
        if (!asking.signal.aborted) problem.value = asProblem(thrown);
      });
    return () => asking.abort();
  }, [range, minute, returns.value]);
  return { found: found.value, problem: problem.value };
}
