import { useId } from "preact/hooks";
import { words } from "../words/words.ts";
import { type Editing, shownAt, wordFor } from "./editing.ts";
import { INPUTS } from "./inputs.tsx";
import type { Place } from "./json.ts";
import { mistakesAt, placeName } from "./mistakes.ts";
import { kindOf, type Schema, tagOf } from "./schema.ts";

interface FieldProps {
  readonly name: string;
  readonly schema: Schema;
  readonly place: Place;
  readonly editing: Editing;
}

/** One value of a recipe under its name, and what is wrong with it. */
export function Field({ name, schema, place, editing }: FieldProps) {
  const id = useId();
  const kind = kindOf(schema);
  if (kind === "part") return <Group name={name} schema={schema} place={place} editing={editing} />;
  const mistake = editing.mistakes.get(placeName(place));
  const Input = INPUTS[kind];
  return (
    <div class="field" data-kind={kind} data-field={placeName(place)} title={schema.description}>
      <label for={id}>
        <Called name={name} />
      </label>
      {Input ? (
        <Input
          schema={schema}
          value={shownAt(editing, place)}
          set={(value) => editing.change(place, value)}
          id={id}
          label={wordFor(name)}
          mistake={mistake && `${id}-mistake`}
        />
      ) : (
        <span class="soft">{words.value.recipes.onlyJson}</span>
      )}
      {mistake && (
        <p class="mistake" id={`${id}-mistake`}>
          {mistake}
        </p>
      )}
    </div>
  );
}

/** What it is called for people, and in the JSON. */
function Called({ name }: { readonly name: string }) {
  const word = wordFor(name);
  return (
    <>
      {word}{" "}
      {word.toLowerCase() !== name && (
        <code class="soft" aria-hidden="true">
          {name}
        </code>
      )}
    </>
  );
}

/** Values that belong together, such as a width and a height. */
function Group({ name, schema, place, editing }: FieldProps) {
  return (
    <fieldset class="group" data-field={placeName(place)}>
      <legend>
        <Called name={name} />
      </legend>
      <PartFields schema={schema} place={place} editing={editing} />
    </fieldset>
  );
}

/** All values of a part, and what is wrong with it as a whole. */
export function PartFields({ schema, place, editing }: Omit<FieldProps, "name">) {
  const tag = tagOf(schema)?.[0];
  return (
    <>
      <WholeMistakes schema={schema} place={place} editing={editing} />
      <div class="fields">
        {Object.entries(schema.properties ?? {}).map(
          ([name, field]) =>
            name !== tag && <Field key={name} name={name} schema={field} place={[...place, name]} editing={editing} />,
        )}
      </div>
    </>
  );
}

export function WholeMistakes({ schema, place, editing }: Omit<FieldProps, "name">) {
  return (
    <>
      {mistakesAt(editing.mistakes, place, schema).map((sentence) => (
        <p key={sentence} class="mistake">
          {sentence}
        </p>
      ))}
    </>
  );
}
