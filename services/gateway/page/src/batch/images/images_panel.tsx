import { useSignal } from "@preact/signals";
import type { BatchStatus } from "../../api/types.ts";
import { Button } from "../../look/button.tsx";
import { changeQuery, query } from "../../routing/location.ts";
import { words } from "../../words/words.ts";
import { choiceOf } from "./choice.ts";
import { Grid } from "./grid.tsx";
import { ImageRows } from "./image_rows.tsx";
import { ImagesBar } from "./images_bar.tsx";
import type { CellSize } from "./layout.ts";
import "./images.css";

/** The images of a batch, all or those that have come to something, as thumbnails or as a list, however many. */
export function ImagesPanel({ batch }: { readonly batch: BatchStatus }) {
  const say = words.value.images;
  const size = useSignal<CellSize>("large");
  const choice = choiceOf(query.value);
  const isList = query.value.get("as") === "list";
  const wanted = wantedIndex(batch.total_images);
  const key = `${choice.outcome} ${choice.code}`;
  return (
    <section class="images" aria-label={say.title}>
      <div class="images-bar">
        <ImagesBar batch={batch} choice={choice} />
        <span class="images-look">
          <Button act={() => changeQuery({ as: isList ? null : "list" })} control="as-list">
            {isList ? say.asThumbnails : say.asList}
          </Button>
          {!isList && (
            <Button act={() => (size.value = size.peek() === "large" ? "small" : "large")}>
              {size.value === "large" ? say.smaller : say.larger}
            </Button>
          )}
        </span>
      </div>
      {isList ? (
        <ImageRows batch={batch} choice={choice} first={wanted ?? 0} />
      ) : (
        <Grid key={key} batch={batch} choice={choice} size={size.value} wanted={choice.outcome ? null : wanted} />
      )}
    </section>
  );
}

function wantedIndex(total: number): number | null {
  const text = query.value.get("image");
  const index = text === null ? Number.NaN : Number(text);
  return Number.isInteger(index) && index >= 0 && index < total ? index : null;
}
