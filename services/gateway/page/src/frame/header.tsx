import { changeTheme, language, theme } from "../preferences/preferences.ts";
import { path, root } from "../routing/location.ts";
import { words } from "../words/words.ts";
import { helpShown } from "./help.tsx";
import { LiveDot } from "./live_dot.tsx";

const THEME_SIGNS = { system: "◐", light: "○", dark: "●" } as const;

/** The way between pages, how live they are, and what a person may choose for all of them. */
export function Header() {
  const say = words.value.frame;
  return (
    <header class="header">
      <div>
        <a class="brand" href={`${root}/`}>
          Darkroom
        </a>
        <nav aria-label={say.pages}>
          <Place address="/" text={say.batches} isHere={path.value === "/" || path.value.startsWith("/batches/")} />
          <Place address="/recipes" text={say.recipes} isHere={path.value.startsWith("/recipes")} />
          <Place address="/system" text={say.system} isHere={path.value === "/system"} />
          <a href={`${root}/docs`}>{say.documentation}</a>
        </nav>
        <div class="choices">
          <LiveDot />
          <Choices />
        </div>
      </div>
    </header>
  );
}

function Place({ address, text, isHere }: { address: string; text: string; isHere: boolean }) {
  return (
    <a href={root + address} aria-current={isHere ? "page" : undefined}>
      {text}
    </a>
  );
}

function Choices() {
  const say = words.value.frame;
  const themeText = `${say.theme}: ${say.themes[theme.value]}`;
  const other = language.value === "ko" ? "en" : "ko";
  return (
    <>
      <button type="button" class="button quiet" lang={other} onClick={() => (language.value = other)}>
        {other === "ko" ? "한국어" : "English"}
      </button>
      <button type="button" class="button quiet" aria-label={themeText} title={themeText} onClick={changeTheme}>
        {THEME_SIGNS[theme.value]}
      </button>
      <button type="button" class="button quiet" aria-label={say.help} onClick={() => (helpShown.value = true)}>
        ?
      </button>
    </>
  );
}
