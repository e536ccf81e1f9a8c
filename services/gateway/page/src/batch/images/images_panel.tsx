import { useSignal } from "@preact/signals";
import type { BatchStatus } from "../../api/types.ts";
import { Button } from "../../look/button.tsx";
import { changeQuery, query } from "../../routing/location.ts";
import { words, written } from "../../words/words.ts";
import { Grid } from "./grid.tsx";
import type { CellSize } from "./layout.ts";
import "./images.css";

/** All images of a batch as thumbnails, however many. */
export function ImagesPanel({ batch }: { readonly batch: BatchStatus }) {
  const say = words.value.images;
  const size = useSignal<CellSize>("large");
  return (
    <section class="images" aria-label={say.title}>
      <div class="images-bar">
        <GoTo total={batch.total_images} />
        <Button
          act={() => {
            size.value = size.peek() === "large" ? "small" : "large";
          }}
        >
          {size.value === "large" ? say.smaller : say.larger}
        </Button>
      </div>
      <Grid batch={batch} size={size.value} wanted={wantedIndex(batch.total_images)} />
    </section>
  );
}

/** A field that leads to an image by its number, which people count from one. */
function GoTo({ total }: { readonly total: number }) {
  const say = words.value.images;
  const go = (event: Event): void => {
    event.preventDefault();
    const form = event.currentTarget instanceof HTMLFormElement ? event.currentTarget : null;
    const number = Number(new FormData(form ?? undefined).get("number"));
    if (Number.isInteger(number) && number >= 1 && number <= total) changeQuery({ image: String(number - 1) });
  };
  return (
    <form class="go-to" onSubmit={go}>
      <label>
        {say.goTo} <input name="number" type="number" min="1" max={total} inputMode="numeric" required />
      </label>
      <span class="soft">{say.of(written.value.number(total))}</span>
      <button type="submit" class="button">
        {say.go}
      </button>
    </form>
  );
}

function wantedIndex(total: number): number | null {
  const text = query.value.get("image");
  const index = text === null ? Number.NaN : Number(text);
  return Number.isInteger(index) && index >= 0 && index < total ? index : null;
}
