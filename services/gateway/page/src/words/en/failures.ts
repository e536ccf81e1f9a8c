export const failures = {
  title: "Failures",
  none: "No image has failed.",
  retryAtTheEnd: "A cause can be retried as soon as the batch has ended.",
  retryHelps: "another try may help",
  images: "images",
  examples: "Examples",
  by: "by",
  sameRecipe: (name: string) => `the same recipe (${name})`,
  retry: (images: string) => `Retry ${images}`,
  retryCause: (images: string, sentence: string) => `Retry ${images}: ${sentence}`,
  retrying: (images: string) => `Retrying ${images}.`,
  revoked: "Left out, because the batch was stopped before they were developed.",
};
