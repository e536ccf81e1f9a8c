import type { WorkerStatus } from "../api/types.ts";
import { words, written } from "../words/words.ts";

/** Workers report themselves every two seconds; one that missed several is said to be silent. */
const SILENT_SECONDS = 10;

/** Who works, how much each has in hand, and when it was last heard of. */
export function Workers({ workers }: { readonly workers: readonly WorkerStatus[] | null }) {
  const say = words.value.system;
  return (
    <section>
      <h2>{say.workers}</h2>
      {workers === null && <p>{say.unknown}</p>}
      {workers?.length === 0 && <p>{say.noWorkers}</p>}
      {workers && workers.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{say.worker}</th>
              <th scope="col">{say.slots}</th>
              <th scope="col">{say.inHand}</th>
              <th scope="col">{say.perSecond}</th>
              <th scope="col">{say.seen}</th>
            </tr>
          </thead>
          <tbody>
            {workers.map((worker) => (
              <Worker key={worker.id} worker={worker} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Worker({ worker }: { readonly worker: WorkerStatus }) {
  const say = words.value.system;
  const { number, duration } = written.value;
  const isSilent = worker.heartbeat_age_seconds > SILENT_SECONDS;
  return (
    <tr data-worker={worker.id}>
      <th scope="row">{worker.id}</th>
      <td data-figure="slots">{number(worker.slots)}</td>
      <td data-figure="in_hand">{worker.in_hand === null ? "–" : number(worker.in_hand)}</td>
      <td data-figure="images_per_second">{number(worker.images_per_second)}</td>
      <td class={isSilent ? "has-failed" : ""}>
        {isSilent && `✗ ${say.silent} `}
        <span data-figure="heartbeat_age_seconds">{duration(worker.heartbeat_age_seconds)}</span>
      </td>
    </tr>
  );
}
