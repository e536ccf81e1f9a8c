import type { ComponentChildren } from "preact";
import type { ImageDetail } from "../api/types.ts";
import { words, written } from "../words/words.ts";

/** What is known of the original and of how it was developed, as far as it is known. */
export function Facts({ image }: { readonly image: ImageDetail }) {
  const say = words.value.image.facts;
  const { bytes, number } = written.value;
  const { original } = image;
  const readings = original?.readings;
  return (
    <section aria-label={words.value.image.known}>
      <h2>{words.value.image.known}</h2>
      <dl class="facts">
        <Fact name={say.size}>{bytes(image.size_bytes)}</Fact>
        {original && (
          <Fact name={say.original}>
            {number(original.width)} × {number(original.height)} {original.format}
            {original.frames > 1 && ` · ${say.frames(number(original.frames))}`}
          </Fact>
        )}
        {readings?.gps && (
          <Fact name={say.place}>
            {readings.gps.latitude}, {readings.gps.longitude}
          </Fact>
        )}
        {readings?.quality && <Fact name={say.sharpness}>{number(Math.round(readings.quality.sharpness))}</Fact>}
        {readings && readings.colours.length > 0 && (
          <Fact name={say.colours}>
            {readings.colours.map(({ colour }) => (
              <span key={colour} class="colour" style={{ backgroundColor: colour }} title={colour} />
            ))}
          </Fact>
        )}
        {Object.entries(readings?.exif ?? {}).map(([name, value]) => (
          <Fact key={name} name={name}>
            {String(value)}
          </Fact>
        ))}
        {image.duration_ms !== null && (
          <Fact name={say.duration}>
            <span data-figure="duration_ms">{words.value.image.milliseconds(number(image.duration_ms))}</span>
          </Fact>
        )}
        {image.worker && <Fact name={say.worker}>{image.worker}</Fact>}
        {image.chunk && (
          <Fact name={say.chunk}>{say.chunkOf(number(image.chunk.number), number(image.chunk.attempts))}</Fact>
        )}
        {image.sha256 && (
          <Fact name="SHA-256">
            <code>{image.sha256}</code>
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt class="soft">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
