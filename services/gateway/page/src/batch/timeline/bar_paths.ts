import { SPACE } from "../../charts/paths.ts";
import { type Bar, KINDS, type Kind, type Lane, type Timeline } from "./lanes.ts";

/** A row with the gap to the next, in the units of the picture's height. */
export const ROW_HEIGHT = 10;
const BAR_HEIGHT = 8;
/** A bar ends a little before the next begins, and the shortest is still seen; of the picture's width. */
const GAP = 1;
const MIN_WIDTH = 2;
/** A lane of more bars shows where there were some, and no longer each of them. */
const MAX_BARS = 500;

type Drawn = { readonly kind: Kind; readonly row: number; readonly left: number; right: number };

/** A surface for each kind of bars of a lane, over the whole time of the picture. */
export function barPaths({ bars }: Lane, timeline: Timeline): Record<Kind, string> {
  const drawn = bars.map((bar) => drawnBar(bar, timeline));
  const paths: Record<Kind, string> = { worked: "", working: "", again: "", gaveUp: "" };
  for (const kind of KINDS) {
    const ofKind = drawn.filter((bar) => bar.kind === kind);
    paths[kind] = (bars.length > MAX_BARS ? joined(ofKind) : ofKind).map(box).join("");
  }
  return paths;
}

function drawnBar({ kind, row, begin, end }: Bar, timeline: Timeline): Drawn {
  const scale = SPACE.width / (timeline.end - timeline.begin);
  const left = rounded((begin - timeline.begin) * scale);
  const right = Math.max(left + MIN_WIDTH, rounded((end - timeline.begin) * scale - GAP));
  return { kind, row, left, right };
}

/** Bars of a row that all but touch as one. */
function joined(bars: readonly Drawn[]): Drawn[] {
  const last = new Map<number, Drawn>();
  const found: Drawn[] = [];
  for (const bar of bars) {
    const before = last.get(bar.row);
    if (before && bar.left - before.right <= 2 * GAP) {
      before.right = Math.max(before.right, bar.right);
      continue;
    }
    const copy = { ...bar };
    last.set(bar.row, copy);
    found.push(copy);
  }
  return found;
}

function box({ row, left, right }: Drawn): string {
  const top = row * ROW_HEIGHT + (ROW_HEIGHT - BAR_HEIGHT) / 2;
  return `M${left} ${top}H${right}v${BAR_HEIGHT}H${left}Z`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
