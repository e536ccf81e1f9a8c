import type { ImageDetail } from "../api/types.ts";
import { words, written } from "../words/words.ts";

/** What has become of the image, in words, and what was before. */
export function Outcome({ image }: { readonly image: ImageDetail }) {
  const say = words.value.image;
  const { number } = written.value;
  const earlier = image.history.slice(0, -1);
  return (
    <section class={`image-outcome ${image.outcome}`}>
      <p>
        <strong data-figure="outcome">{words.value.images.states[image.outcome] ?? image.outcome}</strong>{" "}
        {image.message && <span data-figure="message">{image.message}</span>} {image.code && <code>{image.code}</code>}
      </p>
      {Object.entries(image.notes).map(([code, sentence]) => (
        <p key={code}>
          {sentence} <code>{code}</code>
        </p>
      ))}
      {earlier.length > 0 && (
        <ul class="soft">
          {earlier.map(({ generation, state, message }) => (
            <li key={generation}>
              {say.before(number(generation), words.value.images.states[state] ?? state)} {message}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
