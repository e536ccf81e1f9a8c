import { memo } from "preact/compat";
import { isFinal } from "../../api/outcomes.ts";
import type { BatchStatus } from "../../api/types.ts";
import { Name } from "../../look/name.tsx";
import { ServedImage } from "../../look/served_image.tsx";
import { root } from "../../routing/location.ts";
import { isolated } from "../../words/isolated.ts";
import { words } from "../../words/words.ts";
import type { ShownTile } from "./tile_pages.ts";

interface CellProps {
  readonly batch: BatchStatus;
  readonly index: number;
  readonly tile: ShownTile | null;
  /** The name of most prints' output, for a tile that names none. */
  readonly output: string | null;
  /** Of the cell, in CSS pixels; its picture is a square of it. */
  readonly width: number;
  readonly isTabStop: boolean;
  readonly focused: () => void;
}

/** One image: its print, or what has become of it. */
export const Cell = memo(function Cell(props: CellProps) {
  const { batch, index, tile, width, isTabStop, focused } = props;
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
}, isSame);

function Picture({ batch, index, tile, output }: CellProps) {
  const print = tile?.output ?? output;
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
      src={`${batch.links.images}/${index}/${print}${made}`}
      alt=""
      width={tile.width}
      height={tile.height ?? tile.width}
      style={tile.colour ? { backgroundColor: tile.colour } : {}}
    />
  );
}

/** Functions are made anew with each drawing and do the same. */
function isSame(before: CellProps, after: CellProps): boolean {
  return (
    before.index === after.index &&
    before.tile === after.tile &&
    before.output === after.output &&
    before.width === after.width &&
    before.isTabStop === after.isTabStop
  );
}
