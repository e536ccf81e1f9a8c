export const recipes = {
  create: "New recipe",
  forImage: "Choose a recipe to try on the image.",
  builtIn: "Darkroom's own",
  edit: "Edit",
  fullSize: "full size",
  fitted: (size: string) => `within ${size} px`,
  covered: (size: string) => `cut to ${size} px`,
  form: "Form",
  more: "Metadata and readings",
  kind: "Kind",
  add: "Add",
  earlier: (part: string) => `${part}: earlier`,
  later: (part: string) => `${part}: later`,
  takeOut: (part: string) => `${part}: take out`,
  onlyJson: "Change it in the JSON.",
  notJson: "The JSON cannot be read yet.",
  save: "Save",
  stored: "Saved",
  unsaved: "Changes that are not saved",
  willBeCopy: "A copy, not saved yet",
  discard: "Discard changes",
  discardQuestion: "Discard the changes?",
  discardConsequence: "They cannot be brought back.",
  removeConsequence: "It can be chosen no more. Batches that were begun with it keep it.",
  replaceQuestion: (name: string) => `Replace “${name}”?`,
  replaceConsequence: "It was stored by someone else, or since you opened it.",
  replaceAction: "Replace it",
  proof: {
    title: "Proof",
    invitation: "Drop a photograph here to see what the recipe makes of it while you type.",
    choose: "Choose an image",
    fromBatch: "Take one of a batch",
    making: "A proof is being made…",
    waits: "The proof waits until the recipe is right.",
  },
  nameOf: (name: string) => SPELT[name] ?? capitalised(name),
};

/** What a step, a field or a value is called, where it is no English word. */
const SPELT: Readonly<Record<string, string>> = {
  readouts: "Readings",
  grayscale: "Black and white",
  gps: "Place",
  gravity: "Part kept",
  tile: "All over",
  strip: "Removed",
  keep: "All frames",
  smart: "Most detail",
};

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
}
