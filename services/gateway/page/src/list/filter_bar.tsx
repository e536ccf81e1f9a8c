import { useRef } from "preact/hooks";
import { useShortcuts } from "../keys/keys.ts";
import { changeQuery } from "../routing/location.ts";
import { words } from "../words/words.ts";
import { type Filter, STATUSES } from "./filter.ts";

/** The filter; what is chosen is in the address, so that it can be kept and shared. */
export function FilterBar({ filter }: { readonly filter: Filter }) {
  const say = words.value.list;
  const field = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: "Slash", label: words.value.frame.keys.find, act: () => field.current?.focus() }]);
  return (
    <search class="filter">
      <select
        aria-label={say.status}
        value={filter.status ?? ""}
        onChange={(event) => changeQuery({ status: event.currentTarget.value })}
      >
        <option value="">{say.anyStatus}</option>
        {STATUSES.map((status) => (
          <option key={status} value={status}>
            {words.value.controls.statuses[status]}
          </option>
        ))}
      </select>
      <input
        ref={field}
        type="search"
        aria-label={say.find}
        placeholder={say.find}
        value={filter.name}
        maxLength={200}
        onInput={(event) => changeQuery({ q: event.currentTarget.value })}
      />
    </search>
  );
}
