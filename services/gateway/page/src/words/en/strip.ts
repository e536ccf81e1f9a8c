export const strip = {
  title: "All images",
  label: "Place among all images; Enter goes there",
  cell: (first: string, last: string, counts: string) =>
    first === last ? `Image ${first}: ${counts}` : `Images ${first}–${last}: ${counts}`,
  count: (images: string, state: string) => `${images} ${state}`,
};
