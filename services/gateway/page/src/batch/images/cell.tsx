import { useMemo } from "preact/hooks";
import { isFinal } from "../../api/outcomes.ts";
import type { BatchStatus } from "../../api/types.ts";
import { Name } from "../../look/name.tsx";
import { ServedImage } from "../../look/served_image.tsx";
import { root } from "../../routing/location.ts";
import { isolated } from "../../words/isolated.ts";
import { words } from "../../words/words.ts";
import { backgroundOf } from "./placeholder.ts";
import type { ShownTile } from "./tile_pages.ts";

interface CellProps {
  readonly batch: BatchStatus;
  /** Among those that are shown; without a choice, its place in the batch. */
  readonly place: number;
  readonly tile: ShownTile | null;
  /** Of the cell, in CSS pixels; its picture is a square of it. */
  readonly width: number;
  readonly isTabStop: boolean;
  readonly focused: () => void;
}

/** One image; drawn anew only if something of it is another. */
export function Cell(props: CellProps) {
  const { place, tile, width, isTabStop } = props;
  return useMemo(() => <Drawn {...props} />, [place, tile, width, isTabStop]);
}

/** Its print, or what has become of it. */
function Drawn(props: CellProps) {
  const { batch, place, tile, width, isTabStop, focused } = props;
  const index = tile?.index ?? place;
  const say = words.value.images;
  const state = tile?.state ?? "loading";
  const text = tile ? say.cell(isolated(tile.name), say.states[state] ?? state, tile.code ?? "") : say.loading;
  return (
    <div class={`cell ${state}`} role="gridcell" style={{ width: `${width}px` }}>
      <a
        href={`${root}/batches/${batch.batch_id}/images/${index}`}
        aria-label={text}
        tabIndex={isTabStop ? 0 : -1}
        data-index={index}
        data-place={place}
        data-state={state}
        onFocus={focused}
      >
        <span class="picture" style={{ height: `${width}px` }}>
          <Picture {...props} />
        </span>
        <span class="caption soft">{tile ? <Name text={tile.name} /> : ""}</span>
      </a>
    </div>
  );
}

function Picture({ batch, tile }: CellProps) {
  const print = tile?.output;
  if (!tile || tile.state === "pending") return null;
  if (!isFinal(tile.state)) return <code>{tile.state}</code>;
  if (tile.state === "failed") {
    return (
      <>
        <span class="sign">✗</span>
        <code>{tile.code}</code>
      </>
    );
  }
  if (tile.state !== "completed" || !print || !tile.width) return <span class="sign">⊘</span>;
  // The name of a print stays when it is made again; its generation tells the browser's copies apart.
  const made = tile.generation ? `?generation=${tile.generation}` : "";
  return (
    <ServedImage
      src={`${batch.links.images}/${tile.index}/${print}${made}`}
      alt=""
      width={tile.width}
      height={tile.height ?? tile.width}
      style={{ background: backgroundOf(tile) }}
      onLoad={(event) => {
        // A print with holes is not to be filled by what stood in its place.
        event.currentTarget.style.background = "";
      }}
    />
  );
}
