import { computed } from "@preact/signals";
import { language } from "../preferences/preferences.ts";
import { en } from "./en.ts";
import { formats } from "./formats.ts";
import { ko } from "./ko.ts";

/** Everything that the page says, in the chosen language: `words.value.list.title`. */
export const words = computed(() => (language.value === "en" ? en : ko));

/** How numbers, sizes and times are written in it: `written.value.bytes(5_100_000_000)`. */
export const written = computed(() => formats(language.value));
