/** A key that was pressed, and what speaks against taking it for a command. */
export interface Press {
  readonly key: string;
  readonly code: string;
  readonly shift: boolean;
  /** With Control, Alt or Meta: the browser's. */
  readonly modified: boolean;
  /** An input method is putting a character together. */
  readonly composing: boolean;
  /** In a field, or in a dialog, which has the page's keys no more. */
  readonly typing: boolean;
}

const PRINTED: Readonly<Record<string, string>> = {
  Slash: "/",
  "Shift+Slash": "?",
  BracketLeft: "[",
  BracketRight: "]",
};

/** The key as shortcuts name it, such as `Shift+Slash`; null if it is none of the page's business. */
export function chordOf(press: Press): string | null {
  if (press.modified || press.composing || press.typing) return null;
  // Signs stand elsewhere on other keyboards; letters are named by their place, for an input method has others there.
  const sign = Object.entries(PRINTED).find(([, text]) => text === press.key);
  if (sign) return sign[0];
  return press.shift ? `Shift+${press.code}` : press.code;
}

/** How a person sees the keys: `KeyG KeyS` are `g` and `s`. */
export function printed(keys: string): string[] {
  return keys.split(" ").map((key) => PRINTED[key] ?? key.replace(/^Key|^Digit/, "").toLowerCase());
}
