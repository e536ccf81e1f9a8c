import type { ComponentChildren } from "preact";
import { areaPath, linePath, middleAt, SPACE, type Values } from "./paths.ts";
import { largest, niceMaximum, placeAt } from "./scale.ts";
import "./charts.css";

interface Series {
  readonly kind: "area" | "line" | "dashed";
  readonly values: Values;
}

interface ChartProps {
  readonly title: string;
  /** The figures at the chosen moment; they also say which series is which. */
  readonly children: ComponentChildren;
  readonly series: readonly Series[];
  /** Where the axis ends; the next round number above the largest value if absent. */
  readonly maximum?: number;
  readonly write: (value: number) => string;
  /** The step that is looked at, and how to look at another. */
  readonly chosen: number;
  readonly choose: (index: number) => void;
}

/** Values over time as a picture; what it shows stands in words and figures beside it. */
export function Chart({ title, children, series, maximum, write, chosen, choose }: ChartProps) {
  const count = series[0]?.values.length ?? 0;
  const end = maximum ?? niceMaximum(Math.max(...series.map(({ values }) => largest(values))));
  const mark = middleAt(chosen, count);
  const look = (event: PointerEvent & { readonly currentTarget: SVGElement }): void => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    choose(placeAt((event.clientX - left) / width, count));
  };
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        {children}
      </figcaption>
      <div class="chart-axis soft" aria-hidden="true">
        <span>{write(end)}</span>
        <span>{write(0)}</span>
      </div>
      <svg
        viewBox={`0 0 ${SPACE.width} ${SPACE.height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        onPointerMove={look}
        onPointerDown={look}
      >
        {series.map(({ kind, values }) => (
          <path key={kind} class={kind} d={kind === "area" ? areaPath(values, end) : linePath(values, end)} />
        ))}
        <path class="mark" d={`M${mark} 0V${SPACE.height}`} />
      </svg>
    </figure>
  );
}
