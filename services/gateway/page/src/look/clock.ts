import { type ReadonlySignal, signal } from "@preact/signals";
import { serverNow } from "../api/server_clock.ts";

const ticking = signal(serverNow());

/** The present second by the server's clock, in milliseconds since 1970; whoever reads it is drawn anew each second. */
export const now: ReadonlySignal<number> = ticking;

setInterval(() => {
  if (!document.hidden) ticking.value = serverNow();
}, 1000);
