import { decodeBlurHash } from "fast-blurhash";
import type { ShownTile } from "./tile_pages.ts";

/** Of a placeholder's longer side, in pixels: the browser blurs it as it makes it larger. */
const SIDE = 32;

/** What stands in a print's place until it has come, as a CSS background. */
export function backgroundOf({ placeholder, colour, width, height }: ShownTile): string {
  if (!placeholder || !width || !height) return colour ?? "";
  const scale = SIDE / Math.max(width, height);
  const address = pictureOf(placeholder, Math.ceil(width * scale), Math.ceil(height * scale));
  return address && `url(${address}) center / contain no-repeat`;
}

/** A BlurHash as the address of a picture; empty for one that this page cannot read. */
function pictureOf(hash: string, width: number, height: number): string {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  try {
    const pixels = new Uint8ClampedArray(decodeBlurHash(hash, width, height));
    canvas.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
  } catch {
    return "";
  }
  return canvas.toDataURL();
}
