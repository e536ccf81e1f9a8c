import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { after } from "../../api/after.ts";
import { answered, api } from "../../api/client.ts";
import type { BatchStatus } from "../../api/types.ts";
import { type Choice, countOf, parametersOf } from "./choice.ts";
import { FilteredTiles } from "./filtered_tiles.ts";
import { TILES_A_PAGE, type TilePage, TilePages } from "./tile_pages.ts";

/** The tiles of a choice of images. `count` is how many can be shown, `version` changes whenever they may have. */
export function useTiles(batch: BatchStatus, choice: Choice) {
  const { batch_id: id, total_images: total } = batch;
  const changes = useSignal(0);
  const isAll = choice.outcome === null;
  const tiles = useMemo(() => {
    const changed = () => {
      changes.value += 1;
    };
    const reading = { load: (first: number) => loadTiles(id, choice, first), after, changed };
    return isAll ? new TilePages(reading) : new FilteredTiles(reading, total);
  }, [id, choice.outcome, choice.code]);
  useEffect(() => () => tiles.stop(), [tiles]);
  const filtered = tiles instanceof FilteredTiles ? tiles : null;
  return {
    tiles,
    changes: changes.value,
    count: filtered ? filtered.count : total,
    isWhole: filtered?.isWhole ?? true,
    // Of a choice, only its own images matter.
    version: filtered ? countOf(choice.outcome, batch) : batch.version,
  };
}

async function loadTiles(id: string, choice: Choice, first: number): Promise<TilePage> {
  const query = { cursor: String(first), limit: TILES_A_PAGE, ...parametersOf(choice) };
  const parameters = { params: { path: { batch_id: id }, query } };
  const { data } = await answered(api.GET("/pipeline/batch/{batch_id}/tiles", parameters));
  const images = data.images.map((tile) => ({ ...tile, output: tile.output ?? data.output }));
  return { images, next: data.next_cursor === null ? null : Number(data.next_cursor) };
}
