import { useStream } from "../api/connection.ts";
import type { BatchChange, BatchChanges, Hello } from "../api/events.ts";
import type { BatchStatus } from "../api/types.ts";
import { noteServersPage } from "../frame/status_bar.tsx";

interface LiveProps {
  readonly batchId: string;
  readonly changed: (change: BatchChange) => void;
  /** Ask for what is shown. */
  readonly ask: () => Promise<void>;
}

/** Keeps a batch up to date until it has ended; its stream ends for good then. */
export function LiveUntilItsEnd({ batchId, changed, ask }: LiveProps) {
  const follow = (status: BatchStatus): void => changed(status);
  useStream(`until the end of ${batchId}`, {
    address: `/pipeline/batch/${batchId}/events?heartbeat=true`,
    events: { progress: follow, finished: follow },
    last: "finished",
    poll: ask,
  });
  return null;
}

/** Keeps up with what becomes of a batch after its end: it may be retried or deleted elsewhere. */
export function LiveAfterItsEnd({ batchId, changed, ask }: LiveProps) {
  useStream(`after the end of ${batchId}`, {
    address: "/pipeline/events?topics=batches&heartbeat=true",
    events: {
      hello: ({ page_version }: Hello) => {
        noteServersPage(page_version);
        // The stream tells nothing of what was before.
        void ask();
      },
      batches: ({ batches, reload }: BatchChanges) => {
        if (reload) void ask();
        for (const change of batches) if (change.batch_id === batchId) changed(change);
      },
    },
    poll: ask,
  });
  return null;
}
