import { signal } from "@preact/signals";
import { printed } from "../keys/chords.ts";
import { shortcuts } from "../keys/keys.ts";
import { Dialog } from "../look/dialog.tsx";
import { singleKeys } from "../preferences/preferences.ts";
import { words } from "../words/words.ts";

/** Whether the help is open. */
export const helpShown = signal(false);

/** Which keys do what here, and the switch that turns them off. */
export function Help() {
  const say = words.value.frame;
  if (!helpShown.value) return null;
  const close = (): void => {
    helpShown.value = false;
  };
  return (
    <Dialog title={say.keysTitle} close={close}>
      <dl class="keys">
        {shortcuts().map(({ keys, label }) => (
          <div key={keys}>
            <dt>
              {printed(keys).map((key, position) => (
                <>
                  {position > 0 && ` ${say.followedBy} `}
                  <kbd>{key}</kbd>
                </>
              ))}
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
      <label class="switch">
        <input
          type="checkbox"
          checked={singleKeys.value === "on"}
          onChange={(event) => (singleKeys.value = event.currentTarget.checked ? "on" : "off")}
        />
        {say.keysSwitch}
      </label>
      <p class="soft">{say.keysSwitchWhy}</p>
    </Dialog>
  );
}
