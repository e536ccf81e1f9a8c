/** What is chosen, and what it is called. */
export type Option = readonly [value: string, text: string];

interface SelectProps {
  readonly value: string;
  readonly options: readonly Option[];
  readonly choose: (value: string) => void;
  readonly disabled?: boolean;
  readonly id?: string;
  readonly "aria-label"?: string;
  readonly "aria-invalid"?: boolean;
  readonly "aria-describedby"?: string | undefined;
}

/** One of several, as the browser shows it. A value that is none of the options stands before them as it is. */
export function Select({ value, options, choose, ...attributes }: SelectProps) {
  const isKnown = options.some(([known]) => known === value);
  const all = isKnown ? options : [[value, value] as const, ...options];
  return (
    <select {...attributes} value={value} onChange={(event) => choose(event.currentTarget.value)}>
      {all.map(([known, text]) => (
        <option key={known} value={known}>
          {text}
        </option>
      ))}
    </select>
  );
}

/** Words that are called the same everywhere. */
export function asOptions(words: Iterable<string>, nameOf: (word: string) => string = (word) => word): Option[] {
  return Array.from(words, (word) => [word, nameOf(word)] as const);
}
