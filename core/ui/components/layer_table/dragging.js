// Layers are dragged to another place by the number before them.

import { isSibling } from "./rows.js";

/** @typedef {import("./rows.js").Path} Path */
/** @typedef {{place: {path: Path}, element: HTMLElement}} Line */

const EDGE = 32; // CSS pixels from the table's edge, within which it is scrolled
const SPEED = 10; // CSS pixels at each move

/**
 * Return the index that a dragged row gets: it goes below all others whose middle the pointer has passed.
 * @param {number[]} middles of the rows of its list, from the top, in CSS pixels
 * @param {number} from its own index
 * @param {number} y
 */
export const dropIndex = (middles, from, y) => middles.filter((middle, i) => i !== from && middle < y).length;

/**
 * Let rows be dragged by their grips.
 * @param {HTMLElement} root the table's element
 * @param {HTMLElement} scroll what is scrolled
 * @param {() => Line[]} lines
 * @param {(path: Path, by: number) => void} move
 */
export function dragRows(root, scroll, lines, move) {
  root.addEventListener("pointerdown", (event) => {
    const grip = event.target instanceof Element ? event.target.closest(".grip") : null;
    const line = grip && lines().find(({ element }) => element.contains(grip));
    if (!line || event.button !== 0) return;
    event.preventDefault(); // no text is selected
    /** @type {HTMLElement} */ (grip).focus();
    const siblings = lines().filter(({ place }) => isSibling(place.path, line.place.path));
    const from = siblings.indexOf(line);
    let to = from;
    const mark = () =>
      siblings.forEach(({ element }, i) => {
        element.classList.toggle("dragged", i === from);
        element.classList.toggle("above", i === to && to < from);
        element.classList.toggle("below", i === to && to > from);
      });
    const follow = (/** @type {PointerEvent} */ { clientY }) => {
      const { top, bottom } = scroll.getBoundingClientRect();
      if (clientY < top + EDGE) scroll.scrollTop -= SPEED;
      if (clientY > bottom - EDGE) scroll.scrollTop += SPEED;
      const middles = siblings.map(({ element }) => {
        const box = element.getBoundingClientRect();
        return (box.top + box.bottom) / 2;
      });
      to = dropIndex(middles, from, clientY);
      mark();
    };
    const ended = new AbortController();
    const end = () => {
      ended.abort();
      for (const { element } of siblings) element.classList.remove("dragged", "above", "below");
    };
    const { signal } = ended;
    document.addEventListener("pointermove", follow, { signal });
    document.addEventListener("pointercancel", end, { signal });
    const cancel = (/** @type {KeyboardEvent} */ { key }) => key === "Escape" && end();
    document.addEventListener("keydown", cancel, { signal, capture: true });
    const drop = () => {
      end();
      if (to !== from) move(line.place.path, to - from);
    };
    document.addEventListener("pointerup", drop, { signal });
  });
}
