interface FigureProps {
  /** The API's name of the field. */
  readonly field: string;
  /** The figure as it is written. */
  readonly value: string;
  /** The sentence around it, which may place it anywhere. */
  readonly sentence: (value: string) => string;
}

const PLACE = "\u0000";

/** A figure of the API in a sentence; marked, so that it can be held against the API. */
export function Figure({ field, value, sentence }: FigureProps) {
  const [before, after] = sentence(PLACE).split(PLACE);
  return (
    <>
      {before}
      <span data-figure={field}>{value}</span>
      {after}
    </>
  );
}
