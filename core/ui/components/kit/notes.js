// Notes pinned to a picture: a few short ones with an arrow each, until the picture was used once. The title line's help
// brings them back.

import { make, makeSvg } from "./elements.js";

/** @typedef {"left" | "right" | "above" | "below"} Side where a note stands, seen from what it speaks of */

/**
 * @typedef {object} Note
 * @property {() => Element | DOMRect | null} at what it speaks of; null while that is not there
 * @property {string} text a few words
 * @property {Side} side where there is room; else another
 * @property {boolean} [fixed] whether it stands on that side or nowhere
 * @property {() => Element | null} [beside] the picture that what it speaks of lies in: only the arrow reaches over that
 * @property {number} [along] where along that side its arrow ends, from 0 to 1
 * @property {number} [wide] CSS pixels that the note is at most
 */

/** @type {Side[]} */
const SIDES = ["left", "right", "above", "below"];

/** @typedef {{left: number, top: number, width: number, height: number}} Box In CSS pixels, from the picture's corner. */
/** @typedef {{x: number, y: number}} Point */
/** @typedef {{left: number, top: number, start: Point, end: Point}} Place of a note, and the two ends of its arrow */

const HELP = "cnn-lab-help"; // the window's event, from core/ui/layout/copy_link
const USED = "cnn-lab-used"; // the window's event: a picture whose notes have this slot was used
const WIDE = "(min-width: 640px)"; // narrower, there is no room beside what they speak of
const CONTENT = "canvas:not([data-ground]), img, button, input, select, label, output, summary, figcaption"; // never covered
const [LEAST, WIDTH] = [72, 168]; // CSS pixels of a note, at least and at most
const GAPS = [40, 28, 20, 64]; // CSS pixels from what it speaks of to a note, the best first
const ARROW = 20; // CSS pixels it is long at least
const LEANS = [1, -1, 0]; // to which side of its arrow a note stands, the best first
const EDGE = 4; // between an arrow and what it leads to
const STEPS = [0.2, 0.4, 0.6, 0.8]; // along an arrow

/**
 * Return where a note stands, and the two ends of its arrow: at the note, and at what it speaks of.
 * @param {Box} at
 * @param {{width: number, height: number}} note
 * @param {{width: number, height: number}} room the picture: notes stay within it
 * @param {{side: Side, along: number, gap: number, lean?: number, beside?: Box}} how
 * @returns {Place}
 */
export function placeNote(at, note, room, { side, along, gap, lean = 1, beside = at }) {
  const across = side === "left" || side === "right";
  const outside = (/** @type {Box} */ box) => ({
    x: across ? (side === "left" ? box.left - EDGE : box.left + box.width + EDGE) : box.left + along * box.width,
    y: across ? box.top + along * box.height : side === "above" ? box.top - EDGE : box.top + box.height + EDGE,
  });
  const [end, edge] = [outside(at), outside(beside)];
  const away = side === "left" || side === "above" ? -1 : 1;
  const wanted = across
    ? { left: edge.x + away * gap - (side === "left" ? note.width : 0), top: end.y - (note.height + lean * gap) / 2 }
    : { left: end.x - (note.width - lean * gap) / 2, top: edge.y + away * gap - (side === "above" ? note.height : 0) };
  const left = Math.min(Math.max(wanted.left, 0), Math.max(room.width - note.width, 0));
  const top = Math.min(Math.max(wanted.top, 0), Math.max(room.height - note.height, 0));
  const start = across
    ? { x: side === "left" ? left + note.width : left, y: top + note.height / 2 }
    : {
        x: Math.min(Math.max(end.x - (lean * gap) / 2, left), left + note.width),
        y: side === "above" ? top + note.height : top,
      };
  return { left, top, start, end };
}

/**
 * Return whether two boxes have a pixel in common.
 * @param {Box} a
 * @param {Box} b
 */
export const overlap = (a, b) =>
  a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;

/**
 * Return where an arrow bends.
 * @param {Point} start
 * @param {Point} end
 * @param {boolean} across whether it ends on a left or right edge
 */
const bendOf = (start, end, across) =>
  across ? { x: (start.x + end.x) / 2, y: end.y } : { x: end.x, y: (start.y + end.y) / 2 };

/**
 * Return the path of a thin curved arrow.
 * @param {Point} start
 * @param {Point} end
 * @param {boolean} across whether it ends on a left or right edge
 */
export function arrowPath(start, end, across) {
  const bend = bendOf(start, end, across);
  const [dx, dy] = across ? [Math.sign(end.x - bend.x) || 1, 0] : [0, Math.sign(end.y - bend.y) || 1];
  const wings = [1, -1].map((w) => `M${end.x} ${end.y}l${-6 * dx + 4 * w * dy} ${-6 * dy + 4 * w * dx}`);
  return `M${start.x} ${start.y}Q${bend.x} ${bend.y} ${end.x} ${end.y}${wings.join("")}`;
}

/**
 * Return whether a note may stand there: it covers nothing, its arrow has a length, and crosses nothing on its way.
 * @param {Place} place
 * @param {{width: number, height: number}} note
 * @param {Side} side
 * @param {Box[]} taken what is there already; what lies around the arrow's end may be crossed
 */
export function isFree({ left, top, start, end }, note, side, taken) {
  const across = side === "left" || side === "right";
  const reach = (across ? end.x - start.x : end.y - start.y) * (side === "left" || side === "above" ? 1 : -1);
  if (reach < ARROW) return false;
  if (taken.some((other) => overlap({ left, top, ...note }, other))) return false;
  const bend = bendOf(start, end, across);
  const way = STEPS.map((t) => {
    const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
    return { x: a * start.x + b * bend.x + c * end.x, y: a * start.y + b * bend.y + c * end.y };
  });
  const holds = (/** @type {Box} */ box, /** @type {Point} */ { x, y }) =>
    overlap(box, { left: x, top: y, width: 0, height: 0 });
  return !taken.some((box) => !holds(box, end) && way.some((point) => holds(box, point)));
}

/** Return what is seen of an element: of words they, which are shorter than their line. @param {Element} element */
function boundsOf(element) {
  if (!element.matches("figcaption, p, span")) return element.getBoundingClientRect();
  const words = document.createRange();
  words.selectNodeContents(element);
  return words.getBoundingClientRect();
}

export class Notes {
  /**
   * Pin notes to a component's picture.
   * @param {string} name of the page's picture, in the browser's storage
   * @param {HTMLElement} root the picture, which is positioned
   * @param {Note[]} notes up to three
   * @param {string} numbers selects what else no note may cover
   * @param {Element} used what is used, and holds those numbers
   */
  constructor(name, root, notes, numbers = "[role=spinbutton]", used = root) {
    this.numbers = numbers;
    this.used = used;
    this.slot = `cnn-lab-notes-${name}`;
    this.root = root;
    this.notes = notes;
    this.wide = matchMedia(WIDE);
    this.arrows = makeSvg("svg", { "aria-hidden": "true" });
    this.texts = notes.map(({ text }) => make("p", {}, text));
    this.layer = make("aside", { class: "notes", "aria-label": "Notes on the picture", hidden: "" }, this.arrows);
    this.layer.append(...this.texts);
    root.append(this.layer);
    this.ended = new AbortController();
    const { signal } = this.ended;
    window.addEventListener(HELP, (event) => this.help(event), { signal });
    window.addEventListener(USED, (event) => event instanceof CustomEvent && this.leave(event.detail), { signal });
    for (const kind of ["pointerdown", "keydown", "wheel"])
      used.addEventListener(kind, (event) => this.use(event), { signal, passive: true, capture: true });
    this.wide.addEventListener("change", () => this.place(), { signal });
    this.resized = new ResizeObserver(() => this.place());
    for (const element of new Set([root, used])) this.resized.observe(element); // what comes later beside the picture, too
    this.shown = !this.wasUsed();
    this.place();
  }

  dispose() {
    this.ended.abort();
    this.resized.disconnect();
    this.layer.remove();
  }

  wasUsed() {
    try {
      return localStorage.getItem(this.slot) !== null;
    } catch {
      return true; // no storage: they would come back at each visit
    }
  }

  /** @param {Event} event a picture with notes answers it, so that nothing else does */
  help(event) {
    if (!this.wide.matches) return;
    event.preventDefault();
    this.shown = !this.shown;
    this.place();
  }

  /** The picture was used: the notes have been read, or are not needed. @param {Event} [event] */
  use(event) {
    if (event instanceof KeyboardEvent && ["Tab", "Shift"].includes(event.key)) return; // passing through
    if (!this.shown) return;
    try {
      localStorage.setItem(this.slot, "used");
    } catch {
      // no storage: they are away for this visit
    }
    window.dispatchEvent(new CustomEvent(USED, { detail: this.slot }));
  }

  /** @param {string} slot whose notes go away */
  leave(slot) {
    if (slot !== this.slot) return;
    this.shown = false;
    this.place();
  }

  /** Put each note beside what it speaks of, where it covers no picture, number or control; else it is left out. */
  place() {
    this.layer.hidden = !this.shown || !this.wide.matches;
    if (this.layer.hidden) return;
    const frame = this.root.getBoundingClientRect();
    /** @type {(box: DOMRect) => Box} */
    const within = ({ left, top, width, height }) => ({ left: left - frame.left, top: top - frame.top, width, height });
    const boxes = this.notes.map(({ at }) => {
      const it = at();
      const box = it instanceof Element ? it.getBoundingClientRect() : it;
      return box?.width ? within(box) : null;
    });
    const content = [...this.used.querySelectorAll(`${CONTENT}, ${this.numbers}`)].map((it) => within(boundsOf(it)));
    const taken = [...content, ...boxes.filter((box) => box !== null)].filter((box) => box.width + box.height > 0);
    const paths = this.notes.map(({ side, fixed = false, beside, along = 0.5, wide = WIDTH }, i) => {
      const [at, text, around] = [boxes[i], this.texts[i], beside?.()];
      text.hidden = at === null;
      if (at === null) return "";
      const box = around ? within(around.getBoundingClientRect()) : at;
      text.style.width = "max-content";
      for (const there of fixed ? [side] : [side, ...SIDES.filter((other) => other !== side)])
        for (const gap of GAPS) {
          const free = there === "left" ? box.left : there === "right" ? frame.width - box.left - box.width : Infinity;
          text.style.maxWidth = `${Math.min(wide, Math.max(LEAST, free - EDGE - gap))}px`;
          const size = { width: text.offsetWidth, height: text.offsetHeight };
          for (const lean of LEANS) {
            const found = placeNote(at, size, frame, { side: there, along, gap, lean, beside: box });
            if (!isFree(found, size, there, taken)) continue;
            taken.push({ left: found.left, top: found.top, ...size });
            text.style.translate = `${found.left}px ${found.top}px`;
            return `<path d="${arrowPath(found.start, found.end, there === "left" || there === "right")}"/>`;
          }
        }
      text.hidden = true;
      return "";
    });
    this.arrows.innerHTML = paths.join("");
  }
}
