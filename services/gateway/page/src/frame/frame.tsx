import { useComputed } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useShortcuts } from "../keys/keys.ts";
import { Announcements } from "../look/announcements.tsx";
import { Confirmation } from "../look/confirmation.tsx";
import { changeTheme } from "../preferences/preferences.ts";
import { navigate, path } from "../routing/location.ts";
import { type View, viewAt } from "../routing/view.ts";
import { UploadBar } from "../upload/upload_bar.tsx";
import { words } from "../words/words.ts";
import { Guarded } from "./guarded.tsx";
import { Header } from "./header.tsx";
import { Help, helpShown } from "./help.tsx";
import { NotFound } from "./not_found.tsx";
import { StatusBar } from "./status_bar.tsx";
import "./frame.css";

/** The page around its views: header, status bar, help, what is asked and what is said. */
export function Frame({ views }: { readonly views: readonly View[] }) {
  const found = useComputed(() => viewAt(views, path.value)).value;
  useFrameKeys();
  const main = useFocusOnChange(path.value);
  return (
    <>
      <a class="skip" href="#main">
        {words.value.frame.skip}
      </a>
      <Header />
      <main id="main" ref={main} tabIndex={-1}>
        {found ? (
          <Guarded key={path.value}>
            <found.view.show parameters={found.parameters} />
          </Guarded>
        ) : (
          <NotFound />
        )}
      </main>
      <UploadBar />
      <StatusBar />
      <Help />
      <Confirmation />
      <Announcements />
    </>
  );
}

/** Moves the focus to what is new, so that a screen reader and the Tab key go on from there. */
function useFocusOnChange(shownPath: string) {
  const main = useRef<HTMLElement>(null);
  const before = useRef(shownPath);
  // Before the effects of the view, which may lead the focus further.
  useLayoutEffect(() => {
    if (before.current !== shownPath) main.current?.focus({ preventScroll: true });
    before.current = shownPath;
  }, [shownPath]);
  return main;
}

function useFrameKeys(): void {
  const { keys } = words.value.frame;
  useShortcuts([
    { keys: "Shift+Slash", label: keys.help, act: () => (helpShown.value = true) },
    { keys: "KeyG KeyB", label: keys.toBatches, act: () => navigate("/") },
    { keys: "KeyG KeyS", label: keys.toSystem, act: () => navigate("/system") },
    { keys: "KeyG KeyR", label: keys.toRecipes, act: () => navigate("/recipes") },
    { keys: "KeyT", label: keys.theme, act: changeTheme },
  ]);
}
