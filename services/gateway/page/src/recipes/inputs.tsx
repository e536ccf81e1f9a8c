import type { ComponentType } from "preact";
import { asOptions, Select } from "../look/select.tsx";
import { wordFor } from "./editing.ts";
import type { Json } from "./json.ts";
import type { Kind, Schema } from "./schema.ts";
import { sliderOf } from "./schema.ts";
import { settledNumber, typedNumber } from "./typed_number.ts";

export interface InputProps {
  readonly schema: Schema;
  /** What the recipe says; undefined where it leaves the value to the API. */
  readonly value: Json | undefined;
  readonly set: (value: Json | undefined) => void;
  /** Of the element, which its label names. */
  readonly id: string;
  readonly label: string;
  /** The id of what says what is wrong, if anything is. */
  readonly mistake: string | undefined;
}

function described({ id, mistake }: InputProps) {
  return { id, "aria-invalid": mistake !== undefined, "aria-describedby": mistake };
}

function textOf(value: Json | undefined): string {
  return value === undefined || value === null ? "" : String(value);
}

/** What stands where nothing is filled in. */
function placeholderOf({ default: usual }: Schema): string {
  return textOf(usual);
}

function Flag(props: InputProps) {
  const usual = props.schema.default === true;
  const set = (on: boolean): void => props.set(on === usual ? undefined : on);
  return (
    <input
      type="checkbox"
      {...described(props)}
      checked={props.value === undefined ? usual : props.value === true}
      onChange={(event) => set(event.currentTarget.checked)}
    />
  );
}

function Choice(props: InputProps) {
  const { schema, value } = props;
  const set = (word: string): void => props.set(word === schema.default ? undefined : word);
  return (
    <Select
      {...described(props)}
      value={textOf(value ?? schema.default)}
      options={asOptions(schema.enum ?? [], wordFor)}
      choose={set}
    />
  );
}

/** Typed, or where there are not too many values also pulled. */
function NumberInput(props: InputProps) {
  const { schema, value, set } = props;
  const slider = sliderOf(schema);
  return (
    <span class="in-a-row">
      <input
        {...described(props)}
        inputMode={(schema.minimum ?? 0) < 0 ? "text" : "decimal"}
        size={6}
        value={textOf(value)}
        placeholder={placeholderOf(schema)}
        onInput={(event) => set(typedNumber(event.currentTarget.value))}
        onChange={(event) => set(settledNumber(event.currentTarget.value))}
      />
      {slider && (
        <input
          type="range"
          aria-label={props.label}
          {...slider}
          value={Number(value ?? schema.default ?? slider.min)}
          onInput={(event) => set(event.currentTarget.valueAsNumber)}
        />
      )}
    </span>
  );
}

const HEX_LENGTH = "#rrggbb".length;

function Colour(props: InputProps) {
  const { schema, value, set } = props;
  const text = textOf(value);
  const shown = text || placeholderOf(schema);
  return (
    <span class="in-a-row">
      <input
        type="color"
        aria-label={props.label}
        value={shown.slice(0, HEX_LENGTH)}
        onInput={(event) => set(event.currentTarget.value + shown.slice(HEX_LENGTH))}
      />
      <TextInput {...props} />
    </span>
  );
}

/** Where nothing may stand, nothing is written; an empty text is left to the API to name. */
function TextInput(props: InputProps) {
  const { schema, value, set } = props;
  const write = (text: string): void => set(text === "" && schema.default === null ? undefined : text);
  const shared = {
    ...described(props),
    value: textOf(value),
    placeholder: placeholderOf(schema),
    spellcheck: false,
    autocomplete: "off",
  };
  // What has a pattern is one line.
  if (schema.pattern) return <input {...shared} size={8} onInput={(event) => write(event.currentTarget.value)} />;
  return <textarea {...shared} rows={2} onInput={(event) => write(event.currentTarget.value)} />;
}

/** A small file, which the recipe holds as Base64. */
function FileInput(props: InputProps) {
  const read = (file: File | undefined): void => {
    if (!file) return;
    const reader = new FileReader();
    reader.onload = () => props.set(String(reader.result).split(",")[1] ?? "");
    reader.readAsDataURL(file);
  };
  return (
    <input
      type="file"
      {...described(props)}
      accept="image/png"
      onChange={(event) => read(event.currentTarget.files?.[0])}
    />
  );
}

/** How each kind of value is filled in; what is not here is changed in the JSON. */
export const INPUTS: Readonly<Partial<Record<Kind, ComponentType<InputProps>>>> = {
  flag: Flag,
  choice: Choice,
  number: NumberInput,
  colour: Colour,
  text: TextInput,
  file: FileInput,
};
