import { useRef } from "preact/hooks";
import { useShortcuts } from "../keys/keys.ts";
import { Select } from "../look/select.tsx";
import { changeQuery } from "../routing/location.ts";
import { words } from "../words/words.ts";
import type { Filter } from "./filter.ts";

/** The filter; what is chosen is in the address, so that it can be kept and shared. */
export function FilterBar({ filter }: { readonly filter: Filter }) {
  const say = words.value.list;
  const { statuses, priorities } = words.value.controls;
  const field = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: "Slash", label: words.value.frame.keys.find, act: () => field.current?.focus() }]);
  return (
    <search class="filter">
      <Choice name="status" label={say.status} any={say.anyStatus} chosen={filter.status} names={statuses} />
      <Choice name="priority" label={say.priority} any={say.anyPriority} chosen={filter.priority} names={priorities} />
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

interface ChoiceProps {
  /** Of the value in the address. */
  readonly name: string;
  readonly label: string;
  /** What no choice is called. */
  readonly any: string;
  readonly chosen: string | null;
  readonly names: Readonly<Record<string, string>>;
}

function Choice({ name, label, any, chosen, names }: ChoiceProps) {
  return (
    <Select
      aria-label={label}
      value={chosen ?? ""}
      options={[["", any], ...Object.entries(names)]}
      choose={(value) => changeQuery({ [name]: value })}
    />
  );
}
