const ROWS = [1, 2, 3];

/** Rows of the final height while the first page is on its way, so that nothing moves when it comes. */
export function Skeleton() {
  return (
    <ul class="rows" aria-hidden="true">
      {ROWS.map((row) => (
        <li key={row} class="row skeleton" />
      ))}
    </ul>
  );
}
