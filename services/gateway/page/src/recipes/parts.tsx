import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "../look/button.tsx";
import { asOptions, Select } from "../look/select.tsx";
import { words } from "../words/words.ts";
import { type Editing, shownAt, wordFor } from "./editing.ts";
import { PartFields, WholeMistakes } from "./field.tsx";
import { isFields, isList, type Json, moved } from "./json.ts";
import { partOf, type Schema, tagOf, variantOf, variantsOf } from "./schema.ts";

const STEPS = { up: -1, down: 1 } as const;

interface PartsProps {
  readonly name: string;
  readonly schema: Schema;
  readonly editing: Editing;
}

/** A list of parts in their order: the steps, or the outputs. */
export function Parts({ name, schema, editing }: PartsProps) {
  const found = shownAt(editing, [name]);
  const items = isList(found) ? found : [];
  const list = useRef<HTMLElement>(null);
  const focus = useFocusAfterwards(list);
  const put = (changed: readonly Json[], focused: string): void => {
    editing.change([name], changed);
    focus(focused);
  };
  return (
    <section class="parts" data-parts={name} ref={list}>
      <h2>{wordFor(name)}</h2>
      <WholeMistakes schema={{}} place={[name]} editing={ofWhole(editing, name)} />
      <ol>
        {items.map((item, number) => (
          <Part
            // Parts have no names of their own, and inputs hold no state.
            key={number}
            list={{ name, schema, editing }}
            item={item}
            number={number}
            move={(direction) => {
              const to = Math.min(Math.max(number + STEPS[direction], 0), items.length - 1);
              put(moved(items, number, to), `[data-part="${to}"] [data-control=${direction}]`);
            }}
            remove={() => put(items.toSpliced(number, 1), "[data-control=add]")}
          />
        ))}
      </ol>
      <Add schema={schema} add={(part) => put([...items, part], `[data-part="${items.length}"] select`)} />
    </section>
  );
}

/** What is wrong with a list as a whole; its items say themselves what is wrong with them. */
function ofWhole(editing: Editing, name: string): Editing {
  return { ...editing, mistakes: new Map([...editing.mistakes].filter(([place]) => place === name)) };
}

/** What was pressed may be gone or elsewhere after a change: the focus goes with it. */
function useFocusAfterwards(list: { readonly current: HTMLElement | null }): (selector: string) => void {
  const wanted = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (!wanted.current) return;
    list.current?.querySelector<HTMLElement>(wanted.current)?.focus();
    wanted.current = null;
  });
  return (selector) => {
    wanted.current = selector;
  };
}

interface PartProps {
  readonly list: PartsProps;
  readonly item: Json;
  readonly number: number;
  readonly move: (direction: keyof typeof STEPS) => void;
  readonly remove: () => void;
}

function Part({ list, item, number, move, remove }: PartProps) {
  const say = words.value.recipes;
  const variants = variantsOf(list.schema);
  const variant = variantOf(list.schema, item);
  const place = [list.name, number];
  const kind = String(variant ? tagOf(variant)?.[1] : "");
  const title = `${wordFor(list.name)} ${number + 1}`;
  const become = (other: string): void => {
    const next = variants.get(other);
    if (next) list.editing.change(place, partOf(next, isFields(item) ? item : {}));
  };
  return (
    <li data-part={number}>
      <fieldset class="part">
        <legend class="only-heard">{title}</legend>
        <div class="part-head">
          <span class="soft" aria-hidden="true">
            {number + 1}
          </span>
          <Select aria-label={say.kind} value={kind} options={asOptions(variants.keys(), wordFor)} choose={become} />
          <span class="part-controls">
            <Button act={() => move("up")} label={say.earlier(title)} control="up">
              ↑
            </Button>
            <Button act={() => move("down")} label={say.later(title)} control="down">
              ↓
            </Button>
            <Button act={remove} label={say.takeOut(title)} control="remove">
              ✕
            </Button>
          </span>
        </div>
        <PartFields schema={variant ?? {}} place={place} editing={list.editing} />
        {!variant && <p class="soft">{say.onlyJson}</p>}
      </fieldset>
    </li>
  );
}

/** Adds a part of the kind that is chosen. */
function Add({ schema, add }: { readonly schema: Schema; readonly add: (part: Json) => void }) {
  const variants = variantsOf(schema);
  const kind = useSignal([...variants.keys()][0] ?? "");
  const act = (): void => {
    const variant = variants.get(kind.value);
    if (variant) add(partOf(variant));
  };
  return (
    <p class="part-head">
      <Select
        aria-label={words.value.recipes.kind}
        value={kind.value}
        options={asOptions(variants.keys(), wordFor)}
        choose={(name) => (kind.value = name)}
      />
      <Button act={act} control="add">
        {words.value.recipes.add}
      </Button>
    </p>
  );
}
