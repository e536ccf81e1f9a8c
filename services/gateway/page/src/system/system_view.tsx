import { useEffect } from "preact/hooks";
import { useStream } from "../api/connection.ts";
import type { Hello } from "../api/events.ts";
import type { SystemStatus } from "../api/types.ts";
import { usePageTitle } from "../frame/page_title.ts";
import { noteServersPage } from "../frame/status_bar.tsx";
import { Problem } from "../look/problem.tsx";
import { words } from "../words/words.ts";
import { Parts } from "./parts.tsx";
import { Queues } from "./queues.tsx";
import { StatisticsSection } from "./statistics_section.tsx";
import { poll, problem, status, take } from "./status.ts";
import { Workers } from "./workers.tsx";
import "./system.css";

/** How the system is, live: what it depends on, who works and what waits; and what was done. */
export function SystemView() {
  const say = words.value.system;
  usePageTitle(say.title);
  const ask = (): void => void poll().catch(() => undefined);
  useEffect(ask, []);
  useStream("system", {
    address: "/pipeline/events?topics=system&heartbeat=true",
    events: { hello: ({ page_version }: Hello) => noteServersPage(page_version), system: take },
    poll,
  });
  return (
    <article class="system">
      <h1>{say.title}</h1>
      {problem.value && <Problem problem={problem.value} again={ask} />}
      {status.value ? <Shown system={status.value} /> : !problem.value && <div class="system-skeleton" />}
    </article>
  );
}

function Shown({ system }: { readonly system: SystemStatus }) {
  return (
    <>
      <Parts system={system} />
      <Workers workers={system.workers} />
      <Queues queues={system.queues} />
      <StatisticsSection />
    </>
  );
}
