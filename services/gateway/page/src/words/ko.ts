import type { Words } from "./en.ts";
import { controls } from "./ko/controls.ts";
import { frame } from "./ko/frame.ts";
import { list } from "./ko/list.ts";
import { look } from "./ko/look.ts";
import { upload } from "./ko/upload.ts";

export const ko: Words = { controls, frame, list, look, upload };
