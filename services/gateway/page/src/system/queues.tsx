import type { QueueStatus } from "../api/types.ts";
import { words, written } from "../words/words.ts";

/** What waits, for how long, and who takes it; and what was given up. */
export function Queues({ queues }: { readonly queues: readonly QueueStatus[] | null }) {
  const say = words.value.system;
  return (
    <section>
      <h2>{say.queues}</h2>
      {queues === null ? (
        <p>{say.unknown}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{say.queue}</th>
              <th scope="col">{say.waiting}</th>
              <th scope="col">{say.oldest}</th>
              <th scope="col">{say.consumers}</th>
              <th scope="col">{say.deadLetters}</th>
            </tr>
          </thead>
          <tbody>
            {queues.map((queue) => (
              <Queue key={queue.name} queue={queue} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Queue({ queue }: { readonly queue: QueueStatus }) {
  const { number, duration } = written.value;
  return (
    <tr data-queue={queue.name}>
      <th scope="row">{queue.name}</th>
      <td data-figure="ready">{number(queue.ready)}</td>
      <td data-figure="oldest_seconds">{queue.oldest_seconds === null ? "–" : duration(queue.oldest_seconds)}</td>
      <td data-figure="consumers">{number(queue.consumers)}</td>
      <td class={queue.dead_letters > 0 ? "has-failed" : ""} data-figure="dead_letters">
        {number(queue.dead_letters)}
      </td>
    </tr>
  );
}
