export const images = {
  title: "Images",
  goTo: "Go to image",
  of: (total: string) => `of ${total}`,
  go: "Go",
  larger: "Larger pictures",
  smaller: "Smaller pictures",
  loading: "Loading",
  cell: (name: string, state: string, code: string) => `${name}: ${state}${code && ` (${code})`}`,
  states: { pending: "waiting", completed: "completed", failed: "failed", revoked: "left out" } as Readonly<
    Record<string, string>
  >,
  part: (first: string, last: string, total: string) => `${first}–${last} of ${total}`,
  previousPart: "Earlier images",
  nextPart: "Later images",
};
