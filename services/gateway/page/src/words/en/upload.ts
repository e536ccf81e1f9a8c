export const upload = {
  title: "Drop photographs or a folder here",
  invitation: [
    "Drop photographs or whole folders here.",
    "Each is developed by a recipe; you see the prints appear, and why any of them failed.",
    "Take the prints home as a ZIP file.",
  ],
  chooseFiles: "Choose files",
  chooseFolder: "Choose a folder",
  byProgram: "Or from a terminal:",
  copy: "Copy",
  copied: "Copied.",
  newBatch: "New batch",
  name: "Name",
  recipe: "Recipe",
  start: "Start",
  sending: "Upload",
  amount: (files: string, size: string) => `${files} files · ${size}`,
};
