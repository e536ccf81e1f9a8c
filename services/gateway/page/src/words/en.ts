import { controls } from "./en/controls.ts";
import { frame } from "./en/frame.ts";
import { list } from "./en/list.ts";
import { look } from "./en/look.ts";
import { upload } from "./en/upload.ts";

export const en = { controls, frame, list, look, upload };

/** What every language has to say: a word that one lacks does not compile. */
export type Words = typeof en;
