import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import type { BatchStatus, Tile } from "../api/types.ts";
import { Button } from "../look/button.tsx";
import { Problem } from "../look/problem.tsx";
import { Select } from "../look/select.tsx";
import { changeQuery } from "../routing/location.ts";
import { words } from "../words/words.ts";
import { batchesWithPrints, developedImages } from "./batch_images.ts";
import type { Sample } from "./sample.ts";

/** Takes the image for proofs from a batch: at first the newest one's first, then any of the newest batches. */
export function BatchImageChoice({ sample }: { readonly sample: Sample | null }) {
  const say = words.value.recipes.proof;
  const { batches, images, problem, take } = useBatchImages(sample && "batchId" in sample ? sample.batchId : "");
  const newest = batches.value[0];
  return (
    <>
      {sample && "batchId" in sample ? (
        <>
          <label>
            {words.value.batch.title}{" "}
            <Select
              value={sample.batchId}
              options={batches.value.map(({ batch_id, batch_name }) => [batch_id, batch_name])}
              choose={take}
            />
          </label>
          <label>
            {words.value.image.title}{" "}
            <Select
              value={sample.index}
              options={images.value.map(({ index, name }) => [String(index), name])}
              choose={(image) => changeQuery({ image })}
            />
          </label>
        </>
      ) : (
        newest && (
          <Button act={() => take(newest.batch_id)} control="choose-batch">
            {say.fromBatch}
          </Button>
        )
      )}
      {problem.value && <Problem problem={problem.value} />}
    </>
  );
}

function useBatchImages(batchId: string) {
  const batches = useSignal<readonly BatchStatus[]>([]);
  const images = useSignal<readonly Tile[]>([]);
  const problem = useSignal<ApiProblem | null>(null);
  const attempt = (act: () => Promise<void>): void => {
    problem.value = null;
    act().catch((thrown: unknown) => {
      problem.value = asProblem(thrown);
    });
  };
  const take = (batch: string): void =>
    attempt(async () => {
      const [first] = await developedImages(batch);
      if (first) changeQuery({ batch, image: String(first.index) });
    });
  useEffect(() => {
    attempt(async () => {
      batches.value = await batchesWithPrints();
    });
  }, []);
  useEffect(() => {
    images.value = [];
    if (!batchId) return;
    attempt(async () => {
      images.value = await developedImages(batchId);
    });
  }, [batchId]);
  return { batches, images, problem, take };
}
