import { BatchView } from "./batch/batch_view.tsx";
import { ImageView } from "./image/image_view.tsx";
import { ListView } from "./list/list_view.tsx";
import { EditorView } from "./recipes/editor_view.tsx";
import { RecipesView } from "./recipes/recipes_view.tsx";
import type { View } from "./routing/view.ts";
import { SystemView } from "./system/system_view.tsx";

/** What the page shows where; a view is added here and nowhere else. */
export const VIEWS: readonly View[] = [
  { pattern: "/", show: ListView },
  { pattern: "/batches/:id", show: BatchView },
  { pattern: "/batches/:id/images/:index", show: ImageView },
  { pattern: "/recipes", show: RecipesView },
  { pattern: "/recipes/:name", show: EditorView },
  { pattern: "/system", show: SystemView },
];
