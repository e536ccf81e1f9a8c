import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { returns } from "../api/connection.ts";
import type { PrintLink } from "../api/types.ts";
import { ServedImage } from "../look/served_image.tsx";
import { words } from "../words/words.ts";
import "./comparison.css";

interface ComparisonProps {
  readonly print: PrintLink;
  /** The original's address. */
  readonly original: string;
  readonly name: string;
}

const MIDDLE_PERCENT = 50;

/** Print and original over each other; a slider moves the edge between them. */
export function Comparison({ print, original, name }: ComparisonProps) {
  const say = words.value.image;
  const edge = useSignal(MIDDLE_PERCENT);
  const isLoaded = useSignal(false);
  const canCompare = useSignal(true);
  useEffect(() => {
    // It may have been the connection.
    canCompare.value = true;
  }, [returns.value]);
  return (
    <figure class="comparison">
      <div class="layers" style={{ aspectRatio: `${print.width} / ${print.height}`, "--edge": `${edge.value}%` }}>
        {canCompare.value && (
          <img
            class="before"
            src={original}
            alt={say.originalOf(name)}
            onLoad={() => (isLoaded.value = true)}
            onError={() => (canCompare.value = false)}
          />
        )}
        <ServedImage
          class={isLoaded.value && canCompare.value ? "after cut" : "after"}
          src={print.url}
          alt={say.printOf(name)}
          width={print.width}
          height={print.height}
        />
      </div>
      {canCompare.value ? (
        <label class="edge">
          <span>{say.print}</span>
          <input
            type="range"
            min="0"
            max="100"
            value={edge.value}
            aria-label={say.edge}
            onInput={(event) => (edge.value = Number(event.currentTarget.value))}
          />
          <span>{say.original}</span>
        </label>
      ) : (
        <figcaption class="soft">{say.cannotCompare}</figcaption>
      )}
    </figure>
  );
}
