import type { Words } from "./en.ts";
import { batch } from "./ko/batch.ts";
import { controls } from "./ko/controls.ts";
import { failures } from "./ko/failures.ts";
import { frame } from "./ko/frame.ts";
import { image } from "./ko/image.ts";
import { images } from "./ko/images.ts";
import { list } from "./ko/list.ts";
import { look } from "./ko/look.ts";
import { recipes } from "./ko/recipes.ts";
import { strip } from "./ko/strip.ts";
import { system } from "./ko/system.ts";
import { timeline } from "./ko/timeline.ts";
import { upload } from "./ko/upload.ts";

export const ko: Words = {
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
