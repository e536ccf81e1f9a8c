import type { ImageDetail } from "../api/types.ts";
import { words, written } from "../words/words.ts";

/** How long each stage of its development took, as a table with a bar in each row. */
export function StageTimes({ image }: { readonly image: ImageDetail }) {
  const say = words.value.image;
  const { number } = written.value;
  const stages = Object.entries(image.timings_ms);
  const longest = Math.max(1, ...stages.map(([, milliseconds]) => milliseconds));
  if (stages.length === 0) return null;
  return (
    <section aria-label={say.stages}>
      <h2>{say.stages}</h2>
      <table class="stages">
        <tbody>
          {stages.map(([stage, milliseconds]) => (
            <tr key={stage}>
              <th scope="row">{stage}</th>
              <td>
                <span class="stage-bar" style={{ width: `${(100 * milliseconds) / longest}%` }} />
              </td>
              <td data-figure={`timings_ms.${stage}`}>{say.milliseconds(number(milliseconds))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
