import type { StatisticsAnswer } from "../api/types.ts";
import { Name } from "../look/name.tsx";
import { words, written } from "../words/words.ts";
import { orDash } from "./charts.tsx";

/** Why images failed in a range, and which batches ended in it. */
export function Ends({ found }: { readonly found: StatisticsAnswer }) {
  const say = words.value.system.statistics;
  return (
    <>
      <h3>{say.ended}</h3>
      <Batches batches={found.batches} />
      <Codes failures={found.failures_by_code} />
      <Recipes recipes={found.by_recipe} />
    </>
  );
}

const COUNTS = ["finished", "succeeded", "failed", "revoked"] as const;
const MEANS = ["mean_wait_seconds", "mean_run_seconds"] as const;

function Batches({ batches }: { readonly batches: StatisticsAnswer["batches"] }) {
  const say = words.value.system.statistics;
  const { number, duration } = written.value;
  return (
    <dl class="figures" data-section="batches">
      {COUNTS.map((field) => (
        <Fact key={field} name={say.batches[field]} field={field} text={number(batches[field])} />
      ))}
      {MEANS.map((field) => (
        <Fact key={field} name={say.batches[field]} field={field} text={orDash(batches[field], duration)} />
      ))}
    </dl>
  );
}

function Fact({ name, field, text }: { readonly name: string; readonly field: string; readonly text: string }) {
  return (
    <div>
      <dt class="soft">{name}</dt>
      <dd data-figure={`batches.${field}`}>{text}</dd>
    </div>
  );
}

function Codes({ failures }: { readonly failures: StatisticsAnswer["failures_by_code"] }) {
  const say = words.value.system.statistics;
  const most = Object.entries(failures).sort(([, left], [, right]) => right - left);
  if (most.length === 0) return null;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{say.code}</th>
          <th scope="col">{say.failedImages}</th>
        </tr>
      </thead>
      <tbody>
        {most.map(([code, images]) => (
          <tr key={code}>
            <th scope="row">
              <code>{code}</code>
            </th>
            <td data-figure={`failures_by_code.${code}`}>{written.value.number(images)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const COLUMNS = ["batches", "completed_images", "failed_images", "revoked_images"] as const;

function Recipes({ recipes }: { readonly recipes: StatisticsAnswer["by_recipe"] }) {
  const say = words.value.system.statistics;
  const rows = Object.entries(recipes);
  if (rows.length === 0) return null;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{say.recipe}</th>
          {COLUMNS.map((field) => (
            <th key={field} scope="col">
              {say.columns[field]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, sums]) => (
          <tr key={name} data-recipe={name}>
            <th scope="row">
              <Name text={name} />
            </th>
            {COLUMNS.map((field) => (
              <td key={field} data-figure={field}>
                {written.value.number(sums[field])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
