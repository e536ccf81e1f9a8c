import { words } from "../words/words.ts";
import type { Editing } from "./editing.ts";
import { Field, WholeMistakes } from "./field.tsx";
import { Parts } from "./parts.tsx";
import { kindOf, type Schema } from "./schema.ts";

/** A recipe as fields, made of what the API says that it may hold. */
export function Form({ schema, editing }: { readonly schema: Schema; readonly editing: Editing }) {
  const fields = Object.entries(schema.properties ?? {});
  const single = fields.filter(([, field]) => kindOf(field) !== "parts");
  const [named, others] = [single.filter(([name]) => name === "name"), single.filter(([name]) => name !== "name")];
  return (
    <div class="recipe-form">
      <WholeMistakes schema={schema} place={[]} editing={editing} />
      <Fields fields={named} editing={editing} />
      {fields
        .filter(([, field]) => kindOf(field) === "parts")
        .map(([name, field]) => (
          <Parts key={name} name={name} schema={field} editing={editing} />
        ))}
      <details>
        <summary>{words.value.recipes.more}</summary>
        <Fields fields={others} editing={editing} />
      </details>
    </div>
  );
}

function Fields({ fields, editing }: { readonly fields: readonly [string, Schema][]; readonly editing: Editing }) {
  return (
    <>
      {fields.map(([name, schema]) => (
        <Field key={name} name={name} schema={schema} place={[name]} editing={editing} />
      ))}
    </>
  );
}
