import { announce } from "../look/announcements.tsx";
import { Button } from "../look/button.tsx";
import { root } from "../routing/location.ts";
import { words } from "../words/words.ts";
import { ChooseButtons } from "./choose_buttons.tsx";
import "./upload.css";

/** What a person sees first: where to drop photographs, what becomes of them, and the same for a terminal. */
export function Invitation() {
  const say = words.value.upload;
  const [what, ...more] = say.invitation;
  return (
    <div class="invitation">
      <h2>{what}</h2>
      {more.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <ChooseButtons />
      <p class="soft">{say.byProgram}</p>
      <Command text={`curl ${location.origin}${root}/pipeline/batch -F batch_name=holiday -F files=@one.jpg`} />
    </div>
  );
}

function Command({ text }: { readonly text: string }) {
  const say = words.value.upload;
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    announce(say.copied);
  };
  return (
    <div class="command">
      <code>{text}</code>
      {/* Only pages that came safely may write to the clipboard. */}
      {isSecureContext && <Button act={() => void copy()}>{say.copy}</Button>}
    </div>
  );
}
