import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { asOptions, Select } from "../look/select.tsx";
import { RecipeLink } from "../recipes/recipe_link.tsx";
import { recipeNames } from "../recipes/recipe_names.ts";
import { words } from "../words/words.ts";
import { MAX_NAME_CHARACTERS } from "./batch_name.ts";
import type { BatchForm } from "./drafts.ts";
import { limits } from "./limits.ts";

export function newForm(batch_name: string): BatchForm {
  return { batch_name, recipe: "", priority: "normal", chunk_size: "", failure_threshold: "" };
}

interface BatchFieldsProps {
  readonly form: BatchForm;
  readonly set: (changes: Partial<BatchForm>) => void;
}

/** What a batch is called and made by; below `more`, what is rarely set. */
export function BatchFields({ form, set }: BatchFieldsProps) {
  const say = words.value.upload;
  const { batch_name, priority, chunk_size, failure_threshold } = form;
  return (
    <>
      <label>
        {say.name}
        <input
          value={batch_name}
          maxLength={MAX_NAME_CHARACTERS}
          onInput={(event) => set({ batch_name: event.currentTarget.value })}
        />
      </label>
      <RecipeChoice chosen={form.recipe} choose={(recipe) => set({ recipe })} />
      <details>
        <summary>{say.more}</summary>
        <label>
          {say.priority}
          <Select
            value={priority}
            options={Object.entries(say.priorities)}
            choose={(chosen) => set({ priority: chosen })}
          />
        </label>
        <NumberField
          label={say.chunkSize}
          value={chunk_size}
          max={limits.value.max_chunk_size}
          placeholder={String(limits.value.chunk_size)}
          set={(value) => set({ chunk_size: value })}
        />
        <NumberField
          label={say.failureThreshold}
          value={failure_threshold}
          max={100}
          set={(value) => set({ failure_threshold: value })}
        />
      </details>
    </>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly value: string;
  readonly max: number;
  readonly placeholder?: string;
  readonly set: (value: string) => void;
}

function NumberField({ label, value, max, placeholder = "", set }: NumberFieldProps) {
  return (
    <label>
      {label}
      <input
        type="number"
        min={1}
        max={max}
        value={value}
        placeholder={placeholder}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
}

interface RecipeChoiceProps {
  /** Empty for the first. */
  readonly chosen: string;
  readonly choose: (name: string) => void;
}

function RecipeChoice({ chosen, choose }: RecipeChoiceProps) {
  const names = useSignal<readonly string[]>([]);
  useEffect(() => void recipeNames().then((known) => (names.value = known)), []);
  const shown = chosen || names.value[0];
  return (
    <>
      <label>
        {words.value.upload.recipe}
        <Select value={shown ?? ""} options={asOptions(names.value)} choose={choose} />
      </label>
      {shown && <RecipeLink name={shown} />}
    </>
  );
}
