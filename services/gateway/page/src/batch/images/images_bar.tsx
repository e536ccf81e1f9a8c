import type { BatchStatus } from "../../api/types.ts";
import { type Option, Select } from "../../look/select.tsx";
import { changeQuery } from "../../routing/location.ts";
import { words, written } from "../../words/words.ts";
import { type Choice, countOf, OUTCOMES } from "./choice.ts";

interface ImagesBarProps {
  readonly batch: BatchStatus;
  readonly choice: Choice;
}

/** Which images are shown, and the way to one by its number; both are in the address. */
export function ImagesBar({ batch, choice }: ImagesBarProps) {
  return (
    <>
      <OutcomeChoice batch={batch} choice={choice} />
      <GoTo total={batch.total_images} />
    </>
  );
}

function OutcomeChoice({ batch, choice }: ImagesBarProps) {
  const say = words.value.images;
  const { number } = written.value;
  const options: Option[] = [["", say.all]];
  for (const outcome of OUTCOMES) options.push([outcome, `${say.states[outcome]} ${number(countOf(outcome, batch))}`]);
  if (choice.code) options.push([choice.code, say.withCode(choice.code)]);
  return (
    <Select
      aria-label={say.shown}
      value={choice.code ?? choice.outcome ?? ""}
      options={options}
      choose={(outcome) => changeQuery({ outcome, code: null, image: null })}
    />
  );
}

/** A field that leads to an image by its number, which people count from one, among all images. */
function GoTo({ total }: { readonly total: number }) {
  const say = words.value.images;
  const go = (event: Event): void => {
    event.preventDefault();
    const form = event.currentTarget instanceof HTMLFormElement ? event.currentTarget : null;
    const number = Number(new FormData(form ?? undefined).get("number"));
    const isThere = Number.isInteger(number) && number >= 1 && number <= total;
    if (isThere) changeQuery({ image: String(number - 1), outcome: null, code: null });
  };
  return (
    <form class="go-to" onSubmit={go}>
      <label>
        {say.goTo} <input name="number" type="number" min="1" max={total} inputMode="numeric" required />
      </label>
      <span class="soft">{say.of(written.value.number(total))}</span>
      <button type="submit" class="button">
        {say.go}
      </button>
    </form>
  );
}
