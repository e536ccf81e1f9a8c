import { batch } from "./en/batch.ts";
import { controls } from "./en/controls.ts";
import { failures } from "./en/failures.ts";
import { frame } from "./en/frame.ts";
import { image } from "./en/image.ts";
import { images } from "./en/images.ts";
import { list } from "./en/list.ts";
import { look } from "./en/look.ts";
import { recipes } from "./en/recipes.ts";
import { strip } from "./en/strip.ts";
import { system } from "./en/system.ts";
import { timeline } from "./en/timeline.ts";
import { upload } from "./en/upload.ts";

export const en = {
  batch,
  controls,
  failures,
  frame,
  image,
  images,
  list,
  look,
  recipes,
  strip,
  system,
  timeline,
  upload,
};

/** What every language has to say: a word that one lacks does not compile. */
export type Words = typeof en;
