import { Name } from "../look/name.tsx";
import { words, written } from "../words/words.ts";
import type { LeftOut } from "./left_out.ts";
import type { Selection } from "./use_selection.ts";

const MAX_SHOWN = 20;

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
  const shown = kind.files.slice(0, MAX_SHOWN);
  const others = kind.files.length - shown.length;
  return (
    <>
      <h3>{kindName(kind)}</h3>
      <ul>
        {shown.map(({ name }, place) => (
          <li key={place}>
            <Name text={name} />
          </li>
        ))}
        {others > 0 && <li>{words.value.upload.moreFiles(written.value.number(others))}</li>}
      </ul>
    </>
  );
}

function kindName({ reason, ending }: Kind): string {
  return ending || words.value.upload.reasons[reason];
}
