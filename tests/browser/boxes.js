// What is drawn of the page, as boxes in CSS pixels from the top left of the document: each line of text, each control.
() => {
  const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const boxes = [];

  const edges = (rectangle) => [
    rectangle.left + scrollX, rectangle.top + scrollY, rectangle.right + scrollX, rectangle.bottom + scrollY,
  ];
  const common = (one, other) => [
    Math.max(one[0], other[0]), Math.max(one[1], other[1]), Math.min(one[2], other[2]), Math.min(one[3], other[3]),
  ];

  function note(source, kind, name, place, more) {
    const id = boxes.length;
    for (const rectangle of source.getClientRects()) {
      const whole = edges(rectangle);
      const seen = common(whole, place.clip);
      if (seen[2] - seen[0] >= 1 && seen[3] - seen[1] >= 1)
        boxes.push({ id, kind, name, whole, seen, inside: place.inside, layer: place.layer, ...more });
    }
    return id;
  }

  function noteText(text, place) {
    if (!text.data.trim()) return;
    const lines = document.createRange();
    lines.selectNodeContents(text);
    note(lines, "text", text.data.trim().slice(0, 40), place, { may_be_cut: place.mayBeCut });
  }

  // A place is where an element's children stand: what clips them, the controls around them, and whether their layer
  // is one that lies above the page on purpose.
  function placeIn(element, style, place) {
    const isAbove = style.position === "fixed" || style.position === "sticky" || element.localName === "dialog";
    const isClipping = style.overflowX !== "visible";
    const scrollsOrSays = style.overflowX === "auto" || style.overflowX === "scroll" || style.textOverflow === "ellipsis";
    return {
      clip: isClipping ? common(place.clip, edges(element.getBoundingClientRect())) : place.clip,
      inside: place.inside,
      layer: isAbove ? element.className : place.layer,
      mayBeCut: place.mayBeCut || scrollsOrSays,
    };
  }

  function visit(element, place) {
    const style = getComputedStyle(element);
    const isDrawn = element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (!isDrawn || style.clipPath.startsWith("inset(50%")) return;
    let inner = placeIn(element, style, place);
    if (element.matches(CONTROLS)) {
      const inSentence = style.display === "inline" && element.parentElement.innerText !== element.innerText;
      const id = note(element, "control", element.outerHTML.slice(0, 90), place, { in_sentence: inSentence });
      inner = { ...inner, inside: [...inner.inside, id] };
    }
    for (const child of element.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) noteText(child, inner);
      else if (child.nodeType === Node.ELEMENT_NODE) visit(child, inner);
    }
  }

  const everything = [-Infinity, -Infinity, Infinity, Infinity];
  visit(document.body, { clip: everything, inside: [], layer: "", mayBeCut: false });
  return boxes;
}
