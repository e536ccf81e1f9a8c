import { root } from "../routing/location.ts";
import { words } from "../words/words.ts";
import { usePageTitle } from "./page_title.ts";

/** An address that the page does not know. */
export function NotFound() {
  const say = words.value.frame;
  usePageTitle(say.notFound);
  return (
    <section>
      <h1>{say.notFound}</h1>
      <p>
        <a href={`${root}/`}>{say.toBatches}</a>
      </p>
    </section>
  );
}
