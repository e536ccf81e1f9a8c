// The characters of the page that no font of its text has: they are drawn as the box that stands for any such.
() => {
  const NONE = "\u0378";
  const pen = new OffscreenCanvas(40, 40).getContext("2d", { willReadFrequently: true });
  const drawn = (character, font) => {
    pen.clearRect(0, 0, 40, 40);
    pen.font = font;
    pen.fillText(character, 6, 30);
    return pen.getImageData(0, 0, 40, 40).data.join();
  };
  const boxes = new Map();
  const seen = new Map();
  const isMissing = (character, font) => {
    if (!boxes.has(font)) boxes.set(font, drawn(NONE, font));
    if (!seen.has(character + font)) seen.set(character + font, drawn(character, font) === boxes.get(font));
    return seen.get(character + font);
  };
  const missing = new Set();
  for (const element of document.body.querySelectorAll("*")) {
    const said = [...element.childNodes].filter((child) => child.nodeType === Node.TEXT_NODE).map((text) => text.data);
    const more = [element.placeholder, element.value, getComputedStyle(element, "::before").content];
    const font = `24px ${getComputedStyle(element).fontFamily}`;
    for (const character of [...said, ...more].join(""))
      if (character.trim() && isMissing(character, font)) missing.add(character);
  }
  return [...missing];
}
