import { Name } from "../look/name.tsx";
import { words, written } from "../words/words.ts";

const MAX_SHOWN = 20;

/** The first of some files by name, and how many others there are. */
export function FileNames({ files }: { readonly files: readonly { readonly name: string }[] }) {
  const shown = files.slice(0, MAX_SHOWN);
  const others = files.length - shown.length;
  return (
    <ul class="file-names">
      {shown.map(({ name }, place) => (
        <li key={place}>
          <Name text={name} />
        </li>
      ))}
      {others > 0 && <li>{words.value.upload.moreFiles(written.value.number(others))}</li>}
    </ul>
  );
}
