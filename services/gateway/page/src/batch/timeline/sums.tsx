import type { ChunkStatus } from "../../api/types.ts";
import { words, written } from "../../words/words.ts";
import { isAgain, meanAndLongest, timesOf } from "./lanes.ts";

const MINUTE_MILLISECONDS = 60_000;

/** A time in milliseconds as people read it; below a minute with tenths of a second. */
export function spanOf(milliseconds: number): string {
  const { number, duration } = written.value;
  if (milliseconds >= MINUTE_MILLISECONDS) return duration(milliseconds / 1000);
  return words.value.timeline.seconds(number(Math.round(milliseconds / 100) / 10));
}

/** How long chunks waited and how long they were worked on, and how many had to be begun again. */
export function Sums({ chunks }: { readonly chunks: readonly ChunkStatus[] }) {
  const say = words.value.timeline;
  const { number } = written.value;
  const times = chunks.map(timesOf);
  const waited = meanAndLongest(times.map((time) => time.waited));
  const worked = meanAndLongest(times.map((time) => time.worked));
  const settled = chunks.filter((chunk) => chunk.settled).length;
  const rare = {
    again: chunks.filter(isAgain).length,
    retries: sumOf(chunks, "retries"),
    losses: sumOf(chunks, "losses"),
    gaveUp: chunks.filter((chunk) => chunk.gave_up).length,
  };
  return (
    <dl class="figures">
      <Sum label={say.settled} text={say.of(number(settled), number(chunks.length))} />
      {waited && <Sum label={say.waited} text={say.meanAndLongest(spanOf(waited.mean), spanOf(waited.longest))} />}
      {worked && <Sum label={say.worked} text={say.meanAndLongest(spanOf(worked.mean), spanOf(worked.longest))} />}
      {RARE.map((name) => rare[name] > 0 && <Sum key={name} label={say[name]} text={number(rare[name])} />)}
    </dl>
  );
}

const RARE = ["again", "retries", "losses", "gaveUp"] as const;

function Sum({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <div>
      <dt class="soft">{label}</dt>
      <dd>{text}</dd>
    </div>
  );
}

function sumOf(chunks: readonly ChunkStatus[], field: "retries" | "losses"): number {
  return chunks.reduce((sum, chunk) => sum + chunk[field], 0);
}
