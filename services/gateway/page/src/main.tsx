import "./look/tokens.css";
import "./look/base.css";
import { render } from "preact";
import { Frame } from "./frame/frame.tsx";
import { listenToKeys } from "./keys/keys.ts";
import { keepFocus } from "./look/focus.ts";
import { applyPreferences } from "./preferences/preferences.ts";
import { followLinks } from "./routing/location.ts";
import { viewAt } from "./routing/view.ts";
import { takeDrops } from "./upload/chosen_files.ts";
import { NewBatch } from "./upload/new_batch.tsx";
import { VIEWS } from "./views.ts";

applyPreferences(document.documentElement);
followLinks((path) => viewAt(VIEWS, path) !== null);
listenToKeys();
takeDrops();
document.addEventListener("DOMContentLoaded", () => {
  const page = (
    <>
      <Frame views={VIEWS} />
      <NewBatch />
    </>
  );
  render(page, document.body);
  keepFocus();
});
