import { words, written } from "../words/words.ts";
import { FileNames } from "./file_names.tsx";
import type { LeftOut } from "./left_out.ts";
import type { Selection } from "./use_selection.ts";

type Kind = LeftOut<{ readonly name: string }>;

/** What is left out and why, before a byte is sent; and the choice to send it all the same. */
export function LeftOutFiles({ leftOut, sendsAll }: Selection) {
  const say = words.value.upload;
  const { number } = written.value;
  const kinds = leftOut.value;
  if (kinds.length === 0) return null;
  const count = kinds.reduce((sum, { files }) => sum + files.length, 0);
  return (
    <div class="left-out">
      <details>
        <summary>
          {say.leftOut(number(count))} (
          {kinds.map((kind) => `${kindName(kind)} ${number(kind.files.length)}`).join(", ")})
        </summary>
        {kinds.map((kind) => (
          <Names key={kindName(kind)} kind={kind} />
        ))}
      </details>
      <label class="switch">
        <input
          type="checkbox"
          data-choose="all"
          checked={sendsAll.value}
          onChange={(event) => (sendsAll.value = event.currentTarget.checked)}
        />
        {say.sendAll}
      </label>
    </div>
  );
}

function Names({ kind }: { readonly kind: Kind }) {
  return (
    <>
      <h3>{kindName(kind)}</h3>
      <FileNames files={kind.files} />
    </>
  );
}

function kindName({ reason, ending }: Kind): string {
  return ending || words.value.upload.reasons[reason];
}
