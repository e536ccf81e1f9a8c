import type { SystemStatus } from "../api/types.ts";
import { words } from "../words/words.ts";

/** Whether the system is ready, and what is wrong with each part that is not. */
export function Parts({ system }: { readonly system: SystemStatus }) {
  const say = words.value.system;
  return (
    <section class="parts" aria-label={say.parts}>
      <p>
        <strong class={system.ready ? "is-ready" : "has-failed"} data-figure="ready">
          {system.ready ? `✓ ${say.ready}` : `✗ ${say.notReady}`}
        </strong>{" "}
        <span class="soft">
          Darkroom <span data-figure="version">{system.version}</span>
        </span>
      </p>
      <ul>
        {Object.entries(system.parts).map(([name, trouble]) => (
          <li key={name} data-part={name} class={trouble === null ? "" : "has-failed"}>
            {trouble === null ? "✓" : "✗"} {name}
            <span class="soft">: {trouble ?? say.works}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
