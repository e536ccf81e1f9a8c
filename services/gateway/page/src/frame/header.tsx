import { language, THEMES, theme } from "../preferences/preferences.ts";
import { path, root } from "../routing/location.ts";
import { words } from "../words/words.ts";
import { helpShown } from "./help.tsx";
import { LiveDot } from "./live_dot.tsx";

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
  const other = language.value === "ko" ? "en" : "ko";
  return (
    <>
      <button type="button" class="button quiet" lang={other} onClick={() => (language.value = other)}>
        {other === "ko" ? "한국어" : "English"}
      </button>
      <select
        aria-label={say.theme}
        value={theme.value}
        onChange={(event) => (theme.value = THEMES.find((one) => one === event.currentTarget.value) ?? "system")}
      >
        {THEMES.map((one) => (
          <option key={one} value={one}>
            {say.themes[one]}
          </option>
        ))}
      </select>
      <button type="button" class="button quiet" aria-label={say.help} onClick={() => (helpShown.value = true)}>
        ?
      </button>
    </>
  );
}
