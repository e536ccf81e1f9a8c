import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { answered, api } from "../api/client.ts";
import { returns } from "../api/connection.ts";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import { serverNow } from "../api/server_clock.ts";
import type { StatisticsAnswer } from "../api/types.ts";
import { NewPoints } from "./new_points.ts";
import { beginOf, type Range } from "./ranges.ts";
import { status } from "./status.ts";

/** The statistics of a range up to now; read again when the system's events show that there is another point. */
export function useStatistics(range: Range) {
  const found = useSignal<StatisticsAnswer | null>(null);
  const problem = useSignal<ApiProblem | null>(null);
  const points = useMemo(() => new NewPoints(), []);
  const news = useSignal(0);
  useSignalEffect(() => {
    const developed = status.value?.workers?.reduce((sum, worker) => sum + worker.developed_images, 0);
    if (developed !== undefined && points.note(developed, serverNow())) news.value = news.peek() + 1;
  });
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
  }, [range, news.value, returns.value]);
  return { found: found.value, problem: problem.value };
}
