import { signal, useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { answered, api } from "../api/client.ts";
import { connection, returns } from "../api/connection.ts";
import { announce } from "../look/announcements.tsx";
import { Button } from "../look/button.tsx";
import { now } from "../look/clock.ts";
import { words, written } from "../words/words.ts";

const LOST_MILLISECONDS = 3000;

const ownVersion = document.documentElement.dataset.pageVersion ?? "";
const versionOfServer = signal(ownVersion);

/** Take note of the page that the server has, from the `hello` of a stream. */
export function noteServersPage(version: string | null): void {
  if (version) versionOfServer.value = version;
}

/** Ask which page the server has: not every stream says so, and one that has come back may be of another release. */
async function askForServersPage(): Promise<void> {
  const { data } = await answered(api.GET("/pipeline/system"));
  noteServersPage(data.page_version);
}

/** What is wrong with the page as a whole: its connection is lost, or the server has a newer one. */
export function StatusBar() {
  const age = useComputed(() => {
    const { state, since, knownAt } = connection.value;
    // The clock only makes this look again each second.
    const isLost = state === "lost" && now.value > 0 && Date.now() - since > LOST_MILLISECONDS;
    return isLost ? Date.now() - knownAt : null;
  }).value;
  const isLost = age !== null;
  useEffect(() => {
    // Without an answer the stream will break again, and come back again.
    if (returns.value > 0) askForServersPage().catch(() => undefined);
  }, [returns.value]);
  useEffect(() => {
    document.documentElement.toggleAttribute("data-lost", isLost);
    if (!isLost) return;
    announce(words.peek().frame.lost);
    return () => announce(words.peek().frame.connectionReturned);
  }, [isLost]);
  const say = words.value.frame;
  if (isLost) return <p class="status-bar">{say.connectionLost(written.value.duration(age / 1000))}</p>;
  if (versionOfServer.value === ownVersion) return null;
  return (
    <p class="status-bar">
      {say.newerPage} <Button act={() => location.reload()}>{say.reload}</Button>
    </p>
  );
}
