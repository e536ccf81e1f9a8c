import { useSignal } from "@preact/signals";
import type { ApiProblem } from "../api/problem.ts";
import { usePageTitle } from "../frame/page_title.ts";
import { Problem } from "../look/problem.tsx";
import { changedQuery } from "../routing/addresses.ts";
import { path, query, root } from "../routing/location.ts";
import type { ViewProps } from "../routing/view.ts";
import { words } from "../words/words.ts";
import { copyOf, editorOf, NEW } from "./addresses.ts";
import { EditorHead } from "./editor_head.tsx";
import { type Edit, edits, putEdit } from "./edits.ts";
import { Form } from "./form.tsx";
import { asText, changed, readFields } from "./json.ts";
import { type Mistakes, mistakesOf, NO_MISTAKES } from "./mistakes.ts";
import { type Opening, useOpening } from "./opening.ts";
import { ProofPanel } from "./proof_panel.tsx";
import { sampleOf } from "./sample.ts";
import { nameIn } from "./saving.ts";
import type { Schema } from "./schema.ts";
import { useProof } from "./use_proof.ts";
import "./recipes.css";

/** New recipes begin as a copy of the one that uploads use if they name none. */
const FIRST = "web";

/** A recipe, its fields or its JSON, and the proof of what is typed. */
export function EditorView({ parameters }: ViewProps) {
  const opening = openingOf(parameters.name ?? "", query.value.get("from") ?? FIRST);
  const { schema, problem, open } = useOpening(opening);
  const edit = edits.value.get(opening.address);
  usePageTitle(edit ? nameIn(edit) : words.value.frame.recipes);
  if (problem.value) return <Problem problem={problem.value} again={open} />;
  if (!schema.value || !edit) return <div class="batch-skeleton" aria-hidden="true" />;
  return <Editor address={opening.address} edit={edit} schema={schema.value} />;
}

function openingOf(name: string, from: string): Opening {
  const isCopy = name === NEW;
  return { address: isCopy ? copyOf(from) : editorOf(name), source: isCopy ? from : name, isCopy };
}

interface EditorProps {
  readonly address: string;
  readonly edit: Edit;
  readonly schema: Schema;
}

function Editor({ address, edit, schema }: EditorProps) {
  const sample = sampleOf(query.value);
  const proof = useProof(edit.text, sample);
  const refused = useSignal<ApiProblem | null>(null);
  const problem = refused.value ?? proof.problem.value;
  const type = (text: string): void => {
    refused.value = null;
    putEdit(address, { ...edit, text });
  };
  const mistakes = problem ? mistakesOf(problem) : NO_MISTAKES;
  return (
    <article class="recipe" data-recipe={nameIn(edit)}>
      <EditorHead address={address} edit={edit} refused={refused} />
      <div class="recipe-columns">
        <section class="recipe-content" aria-label={words.value.upload.recipe}>
          <Tabs />
          {mistakes.size > 0 && (
            <p class="mistake" role="status">
              {problem?.message}
            </p>
          )}
          <Content text={edit.text} type={type} schema={schema} mistakes={mistakes} />
        </section>
        <ProofPanel sample={sample} proof={proof} />
      </div>
    </article>
  );
}

function isJsonShown(): boolean {
  return query.value.get("view") === "json";
}

/** The two ways to see the same recipe, each at an address of its own. */
function Tabs() {
  const here = (view: string | null): string => root + path.value + changedQuery(`?${query.value}`, { view });
  return (
    <nav class="tabs" aria-label={words.value.upload.recipe}>
      <a href={here(null)} aria-current={isJsonShown() ? undefined : "page"}>
        {words.value.recipes.form}
      </a>
      <a href={here("json")} aria-current={isJsonShown() ? "page" : undefined}>
        JSON
      </a>
    </nav>
  );
}

interface ContentProps {
  readonly text: string;
  readonly type: (text: string) => void;
  readonly schema: Schema;
  readonly mistakes: Mistakes;
}

function Content({ text, type, schema, mistakes }: ContentProps) {
  const recipe = readFields(text);
  if (isJsonShown()) return <JsonText text={text} type={type} mistakes={mistakes} />;
  if (!recipe) return <p>{words.value.recipes.notJson}</p>;
  const editing = {
    recipe,
    mistakes,
    change: (...[place, to]: Parameters<typeof changed> extends [unknown, ...infer Rest] ? Rest : never) =>
      type(asText(changed(recipe, place, to))),
  };
  return <Form schema={schema} editing={editing} />;
}

function JsonText({ text, type, mistakes }: Omit<ContentProps, "schema">) {
  return (
    <textarea
      class="recipe-json"
      aria-label="JSON"
      aria-invalid={mistakes.size > 0}
      spellcheck={false}
      rows={text.split("\n").length + 1}
      value={text}
      onInput={(event) => type(event.currentTarget.value)}
    />
  );
}
