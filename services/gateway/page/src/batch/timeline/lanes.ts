import { momentOf } from "../../api/server_clock.ts";

/** What the timeline has to know of a chunk. */
export interface TimedChunk {
  readonly worker: string | null;
  readonly settled: boolean;
  readonly gave_up: boolean;
  readonly attempts: number;
  readonly retries: number;
  readonly losses: number;
  readonly released_at: string | null;
  readonly claimed_at: string | null;
  readonly settled_at: string | null;
}

const SECOND = 1000;

export const KINDS = ["worked", "working", "again", "gaveUp"] as const;
export type Kind = (typeof KINDS)[number];

/** A time in which a worker had a chunk; `row` is free of others for as long. Milliseconds since 1970. */
export interface Bar {
  readonly kind: Kind;
  readonly begin: number;
  readonly end: number;
  readonly row: number;
}

export interface Lane {
  readonly worker: string;
  readonly bars: readonly Bar[];
  /** As many chunks as it had at a time. */
  readonly rows: number;
}

export interface Timeline {
  readonly begin: number;
  readonly end: number;
  readonly lanes: readonly Lane[];
}

/** How long a chunk waited for the worker that had it last, and how long that one worked, in milliseconds. */
export interface Times {
  readonly waited: number | null;
  readonly worked: number | null;
}

/** Which worker had chunks when; null if no chunk has times, as those of earlier versions. */
export function timelineOf(chunks: readonly TimedChunk[], now: number): Timeline | null {
  const byWorker = new Map<string, Omit<Bar, "row">[]>();
  let [begin, end] = [Number.POSITIVE_INFINITY, 0];
  for (const chunk of chunks) {
    if (chunk.released_at) begin = Math.min(begin, momentOf(chunk.released_at));
    const bar = barOf(chunk, now);
    if (!bar || !chunk.worker) continue;
    [begin, end] = [Math.min(begin, bar.begin), Math.max(end, bar.end)];
    const bars = byWorker.get(chunk.worker);
    if (bars) bars.push(bar);
    else byWorker.set(chunk.worker, [bar]);
  }
  if (byWorker.size === 0) return null;
  const lanes = [...byWorker].map(([worker, bars]) => ({ worker, ...inRows(bars) }));
  lanes.sort((one, other) => (one.worker < other.worker ? -1 : 1));
  // The API tells times to the second, so a quick batch ends in the second in which it began.
  return { begin, end: Math.max(end, begin + SECOND), lanes };
}

/** The waiting and working time of a chunk, as far as it has times. */
export function timesOf({ released_at, claimed_at, settled_at }: TimedChunk): Times {
  return { waited: between(released_at, claimed_at), worked: between(claimed_at, settled_at) };
}

/** The mean and the longest of times; null if there is none. */
export function meanAndLongest(times: readonly (number | null)[]): { mean: number; longest: number } | null {
  const known = times.filter((time) => time !== null);
  if (known.length === 0) return null;
  const [sum, longest] = known.reduce(([all, most], time) => [all + time, Math.max(most, time)], [0, 0]);
  return { mean: sum / known.length, longest };
}

/** Whether it was given to a worker more than once. */
export function isAgain({ attempts, retries, losses }: TimedChunk): boolean {
  return attempts > 1 || retries > 0 || losses > 0;
}

function barOf(chunk: TimedChunk, now: number): Omit<Bar, "row"> | null {
  if (!chunk.claimed_at || (chunk.settled && !chunk.settled_at)) return null;
  const begin = momentOf(chunk.claimed_at);
  const end = chunk.settled_at ? momentOf(chunk.settled_at) : now;
  return { kind: kindOf(chunk), begin, end: Math.max(begin, end) };
}

function kindOf(chunk: TimedChunk): Kind {
  if (chunk.gave_up) return "gaveUp";
  if (isAgain(chunk)) return "again";
  return chunk.settled ? "worked" : "working";
}

/** Each bar in the first row that is free when it begins. */
function inRows(bars: readonly Omit<Bar, "row">[]): { bars: Bar[]; rows: number } {
  const freeFrom: number[] = [];
  const placed = bars
    .toSorted((one, other) => one.begin - other.begin)
    .map((bar) => {
      const free = freeFrom.findIndex((moment) => moment <= bar.begin);
      const row = free < 0 ? freeFrom.length : free;
      freeFrom[row] = bar.end;
      return { ...bar, row };
    });
  return { bars: placed, rows: freeFrom.length };
}

function between(from: string | null, to: string | null): number | null {
  return from && to ? Math.max(0, momentOf(to) - momentOf(from)) : null;
}
