import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { after } from "../../api/after.ts";
import { answered, api } from "../../api/client.ts";
import type { BatchStatus, ChunkStatus } from "../../api/types.ts";
import { status } from "../batch.ts";
import { KnownChunks } from "./known_chunks.ts";
import { PacedReading, REST_MILLISECONDS } from "./paced_reading.ts";

const FIRST_PAGE = 1000;
/** Of chunks that are read again, of which few are in work. */
const PAGE = 200;
/** Between pages of a batch that stands still, as then nothing else is asked for. */
const STILL_MILLISECONDS = 250;

/** How a batch goes on, as far as it is known yet. */
export interface Course {
  /** Those of all generations, in their order. */
  readonly chunks: ReadonlySignal<readonly ChunkStatus[]>;
  /** Whether each chunk was read once. */
  readonly isWhole: ReadonlySignal<boolean>;
  /** The state of each image; only of a batch whose images fit into one page. */
  readonly states: ReadonlySignal<readonly string[] | null>;
}

/**
 * The course of a batch, read again when it has moved.
 *
 * Chunks tell that of 100,000 images in a twentieth of the bytes that their tiles would take, and once settled they are
 * not read again. Which of its images failed a chunk does not tell: where one page of tiles tells of them all, it is
 * read as well, and both half as often.
 */
export function useCourse(batch: BatchStatus): Course {
  const id = batch.batch_id;
  const isSmall = batch.total_images <= FIRST_PAGE;
  const chunks = useSignal<readonly ChunkStatus[]>([]);
  const isWhole = useSignal(false);
  const states = useSignal<readonly string[] | null>(null);
  const reading = useMemo(() => {
    const known = new KnownChunks<ChunkStatus>();
    const readChunks = async (): Promise<number | null> => {
      const query = { cursor: known.cursor, limit: known.isWhole ? PAGE : FIRST_PAGE, all: true };
      const { data } = await answered(
        api.GET("/pipeline/batch/{batch_id}/chunks", { params: { path: { batch_id: id }, query } }),
      );
      known.take(data.chunks, data.next_cursor);
      chunks.value = known.all();
      isWhole.value = known.isWhole;
      if (known.isWhole) return null;
      return status.peek()?.finished_at ? STILL_MILLISECONDS : REST_MILLISECONDS;
    };
    const readTiles = async (): Promise<void> => {
      const query = { limit: FIRST_PAGE };
      const { data } = await answered(
        api.GET("/pipeline/batch/{batch_id}/tiles", { params: { path: { batch_id: id }, query } }),
      );
      states.value = data.images.map(({ state }) => state);
    };
    const read = async (): Promise<number | null> => {
      if (isSmall) await readTiles();
      return readChunks();
    };
    return new PacedReading({ read, after, restMilliseconds: isSmall ? 2 * REST_MILLISECONDS : REST_MILLISECONDS });
  }, [id]);
  useEffect(() => reading.look(batch.version), [reading, batch.version]);
  useEffect(() => () => reading.stop(), [reading]);
  return { chunks, isWhole, states };
}
