import { answered, api } from "../api/client.ts";
import type { BatchStatus, Tile } from "../api/types.ts";

const MOST_BATCHES = 20;
const MOST_IMAGES = 100;

/** The newest batches that have developed images; throws an `ApiProblem`, as all here. */
export async function batchesWithPrints(): Promise<readonly BatchStatus[]> {
  const query = { limit: MOST_BATCHES };
  const { data } = await answered(api.GET("/pipeline/batch", { params: { query } }));
  return data.filter(({ completed_images }) => completed_images > 0);
}

/** The first developed images of a batch. */
export async function developedImages(batch_id: string): Promise<readonly Tile[]> {
  const params = { path: { batch_id }, query: { outcome: "completed" as const, limit: MOST_IMAGES } };
  return (await answered(api.GET("/pipeline/batch/{batch_id}/tiles", { params }))).data.images;
}
