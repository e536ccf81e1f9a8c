import { momentOf } from "../api/server_clock.ts";
import type { StatisticsPoint } from "../api/types.ts";
import { now } from "../look/clock.ts";
import { words, written } from "../words/words.ts";
import { orDash } from "./charts.tsx";

/** What the charts show, the newest first; times without a worker are left out. */
export function PointTable({ points }: { readonly points: readonly StatisticsPoint[] }) {
  const say = words.value.system.statistics;
  const shown = points.filter(({ busy_share, developed, failed }) => busy_share !== null || developed + failed > 0);
  if (shown.length === 0) return <p>{say.nothing}</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{say.moment}</th>
          <th scope="col">{say.developed}</th>
          <th scope="col">{say.failed}</th>
          <th scope="col">p50 ms</th>
          <th scope="col">p95 ms</th>
          <th scope="col">{say.busy}</th>
        </tr>
      </thead>
      <tbody>
        {shown.toReversed().map((point) => (
          <Point key={point.at} point={point} />
        ))}
      </tbody>
    </table>
  );
}

function Point({ point }: { readonly point: StatisticsPoint }) {
  const { number, percent, moment } = written.value;
  return (
    <tr data-at={point.at}>
      <th scope="row">{moment(momentOf(point.at), now.value)}</th>
      <td data-figure="developed">{number(point.developed)}</td>
      <td data-figure="failed">{number(point.failed)}</td>
      <td data-figure="p50_ms">{orDash(point.p50_ms, number)}</td>
      <td data-figure="p95_ms">{orDash(point.p95_ms, number)}</td>
      <td data-figure="busy_share">{orDash(point.busy_share, (share) => percent(share * 100))}</td>
    </tr>
  );
}
