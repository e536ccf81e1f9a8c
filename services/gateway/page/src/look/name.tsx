const END_CHARACTERS = 12;

/** Letters as people count them: an emoji of several code points is one, and is not cut. */
const LETTERS = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** A person's own name for something: in its own direction, and cut in the middle where there is no room for all. */
export function Name({ text }: { readonly text: string }) {
  const shown = text.normalize("NFC");
  const characters = Array.from(LETTERS.segment(shown), ({ segment }) => segment);
  const end = characters.slice(-END_CHARACTERS).join("");
  const start = characters.slice(0, -END_CHARACTERS).join("");
  return (
    <bdi class="name" title={shown}>
      {start && <span class="one-line">{start}</span>}
      <span>{end}</span>
    </bdi>
  );
}
