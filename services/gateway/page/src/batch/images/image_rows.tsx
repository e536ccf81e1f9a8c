import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { after } from "../../api/after.ts";
import { answered, api } from "../../api/client.ts";
import type { BatchStatus, ImageList, ImageStatus } from "../../api/types.ts";
import { Name } from "../../look/name.tsx";
import { Pages } from "../../look/pages.tsx";
import { changeQuery, root } from "../../routing/location.ts";
import { words, written } from "../../words/words.ts";
import { PacedReading, REST_MILLISECONDS } from "../course/paced_reading.ts";
import { type Choice, parametersOf } from "./choice.ts";
import "../../look/table.css";

const ROWS = 100;

interface ImageRowsProps {
  readonly batch: BatchStatus;
  readonly choice: Choice;
  /** The index from which images are listed. */
  readonly first: number;
}

/** A hundred images as rows, with what pictures do not say. */
export function ImageRows({ batch, choice, first }: ImageRowsProps) {
  const say = words.value.images;
  const page = useRows(batch, choice, first).value;
  if (!page) return <div class="batch-skeleton" aria-hidden="true" />;
  const { images, next_cursor: next } = page;
  return (
    <>
      <Turning choice={choice} first={first} next={next} total={batch.total_images} />
      {images.length === 0 ? (
        <p>{say.none}</p>
      ) : (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{say.number}</th>
              <th scope="col" class="text">
                {say.name}
              </th>
              <th scope="col" class="text">
                {say.state}
              </th>
              <th scope="col">{say.dimensions}</th>
              <th scope="col">{say.size}</th>
              <th scope="col">{say.time}</th>
            </tr>
          </thead>
          <tbody>
            {images.map((image) => (
              <Row key={image.index} batchId={batch.batch_id} image={image} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function Row({ batchId, image }: { readonly batchId: string; readonly image: ImageStatus }) {
  const say = words.value.images;
  const { number, bytes } = written.value;
  const { original, outcome } = image;
  const milliseconds = Object.values(image.timings_ms).reduce((sum, stage) => sum + stage, 0);
  return (
    <tr data-image={image.index} class={outcome}>
      <td>{number(image.index + 1)}</td>
      <th scope="row" class="text">
        <a href={`${root}/batches/${batchId}/images/${image.index}`}>
          <Name text={image.name} />
        </a>
      </th>
      <td class="text" data-figure="outcome">
        {say.states[outcome]}
        {image.message && `: ${image.message}`}
      </td>
      <td data-figure="original">{original && `${number(original.width)} × ${number(original.height)}`}</td>
      <td data-figure="size_bytes">{bytes(image.size_bytes)}</td>
      <td data-figure="timings_ms">{milliseconds > 0 && `${number(milliseconds)} ms`}</td>
    </tr>
  );
}

interface TurningProps {
  readonly choice: Choice;
  readonly first: number;
  readonly next: string | null;
  readonly total: number;
}

/** From one page to the next; back through a choice only to its beginning, as it has no known pages. */
function Turning({ choice, first, next, total }: TurningProps) {
  const { number } = written.value;
  const before = choice.outcome === null ? Math.max(0, first - ROWS) : 0;
  const show = (index: number): void => changeQuery({ image: String(index) });
  const end = next === null ? total : Number(next);
  return (
    <Pages
      text={words.value.images.part(number(first + 1), number(end), number(total))}
      earlier={first > 0 ? () => show(before) : null}
      later={next === null ? null : () => show(Number(next))}
    />
  );
}

/** The page of images that begins at an index, read again when the batch has moved. */
function useRows(batch: BatchStatus, choice: Choice, first: number) {
  const id = batch.batch_id;
  const page = useSignal<ImageList | null>(null);
  const reading = useMemo(() => {
    const query = { cursor: String(first), limit: ROWS, ...parametersOf(choice) };
    const read = async (): Promise<null> => {
      const parameters = { params: { path: { batch_id: id }, query } };
      page.value = (await answered(api.GET("/pipeline/batch/{batch_id}/images", parameters))).data;
      return null;
    };
    return new PacedReading({ read, after, restMilliseconds: REST_MILLISECONDS });
  }, [id, first, choice.outcome, choice.code, words.value]);
  useEffect(() => reading.look(batch.version), [reading, batch.version]);
  useEffect(() => () => reading.stop(), [reading]);
  return page;
}
