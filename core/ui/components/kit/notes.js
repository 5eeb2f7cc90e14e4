// Notes pinned to a picture: a few short ones with an arrow each, until the picture was used once. The title line's help
// brings them back.

import { make, makeSvg } from "./elements.js";

/** @typedef {"left" | "right" | "above" | "below"} Side where a note stands, seen from what it speaks of */

/**
 * @typedef {object} Note
 * @property {() => Element | null} at what it speaks of; null while that is not there
 * @property {string} text a few words
 * @property {Side} side where there is room; else another
 * @property {boolean} [fixed] whether it stands on that side or nowhere
 * @property {boolean} [over] whether it may lie over another picture, where there is no room beside
 * @property {number} [along] where along that side its arrow ends, from 0 to 1
 * @property {number} [gap] CSS pixels from it to the note
 * @property {number} [wide] CSS pixels that the note is at most
 */

/** @type {Side[]} */
const SIDES = ["left", "right", "above", "below"];

/** @typedef {{left: number, top: number, width: number, height: number}} Box In CSS pixels, from the picture's corner. */

const HELP = "cnn-lab-help"; // the window's event, from core/ui/layout/title_tools
const USED = "cnn-lab-used"; // the window's event: a picture whose notes have this slot was used
const WIDE = "(min-width: 640px)"; // narrower, there is no room beside what they speak of
const [LEAST, WIDTH] = [72, 168]; // CSS pixels of a note, at least and at most
const GAP = 40;
const EDGE = 4; // between an arrow and what it leads to

/**
 * Return where a note stands, and the two ends of its arrow: at the note, and at what it speaks of.
 * @param {Box} at
 * @param {{width: number, height: number}} note
 * @param {{width: number, height: number}} room the picture: notes stay within it
 * @param {Side} side
 * @param {number} along
 * @param {number} gap
 */
export function placeNote(at, note, room, side, along, gap) {
  const across = side === "left" || side === "right";
  const end = {
    x: across ? (side === "left" ? at.left - EDGE : at.left + at.width + EDGE) : at.left + along * at.width,
    y: across ? at.top + along * at.height : side === "above" ? at.top - EDGE : at.top + at.height + EDGE,
  };
  const away = side === "left" || side === "above" ? -1 : 1;
  const wanted = across
    ? { left: end.x + away * gap - (side === "left" ? note.width : 0), top: end.y - note.height / 2 - gap / 2 }
    : { left: end.x - note.width / 2 + gap / 2, top: end.y + away * gap - (side === "above" ? note.height : 0) };
  const left = Math.min(Math.max(wanted.left, 0), Math.max(room.width - note.width, 0));
  const top = Math.min(Math.max(wanted.top, 0), Math.max(room.height - note.height, 0));
  const start = across
    ? { x: side === "left" ? left + note.width : left, y: top + note.height / 2 }
    : {
        x: Math.min(Math.max(end.x - gap / 2, left), left + note.width),
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
 * Return the path of a thin curved arrow.
 * @param {{x: number, y: number}} start
 * @param {{x: number, y: number}} end
 * @param {boolean} across whether it ends on a left or right edge
 */
export function arrowPath(start, end, across) {
  const bend = across ? { x: (start.x + end.x) / 2, y: end.y } : { x: end.x, y: (start.y + end.y) / 2 };
  const [dx, dy] = across ? [Math.sign(end.x - bend.x) || 1, 0] : [0, Math.sign(end.y - bend.y) || 1];
  const wings = [1, -1].map((w) => `M${end.x} ${end.y}l${-6 * dx + 4 * w * dy} ${-6 * dy + 4 * w * dx}`);
  return `M${start.x} ${start.y}Q${bend.x} ${bend.y} ${end.x} ${end.y}${wings.join("")}`;
}

export class Notes {
  /**
   * Pin notes to a component's picture.
   * @param {string} name of the page's picture, in the browser's storage
   * @param {HTMLElement} root the picture, which is positioned
   * @param {Note[]} notes three to five
   * @param {string} numbers selects what no note may cover
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
    this.resized.observe(root);
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

  /** Put each note beside what it speaks of; one that would cover what any speaks of is left out. */
  place() {
    this.layer.hidden = !this.shown || !this.wide.matches;
    if (this.layer.hidden) return;
    const frame = this.root.getBoundingClientRect();
    /** @type {(element: Element | null | undefined) => Box | null} */
    const boxOf = (element) => {
      const box = element?.getBoundingClientRect();
      if (!box?.width) return null;
      return { left: box.left - frame.left, top: box.top - frame.top, width: box.width, height: box.height };
    };
    const boxes = this.notes.map(({ at }) => boxOf(at()));
    const numbers = [...this.used.querySelectorAll(this.numbers)].map(boxOf);
    const taken = numbers.filter((box) => box !== null);
    const pictures = boxes.filter((box) => box !== null);
    const paths = this.notes.map(({ side, fixed = false, over = false, along = 0.5, gap = GAP, wide = WIDTH }, i) => {
      const [box, text] = [boxes[i], this.texts[i]];
      text.hidden = box === null;
      if (box === null) return "";
      text.style.width = "max-content";
      for (const there of fixed ? [side] : [side, ...SIDES.filter((other) => other !== side)]) {
        const beside = there === "left" ? box.left : there === "right" ? frame.width - box.left - box.width : Infinity;
        text.style.maxWidth = `${Math.min(wide, Math.max(LEAST, beside - EDGE - gap))}px`;
        const size = { width: text.offsetWidth, height: text.offsetHeight };
        const found = placeNote(box, size, frame, there, along, gap);
        const covered = { left: found.left, top: found.top, ...size };
        if ([...taken, ...(over ? [box] : pictures)].some((other) => overlap(covered, other))) continue;
        taken.push(covered);
        text.style.translate = `${found.left}px ${found.top}px`;
        return `<path d="${arrowPath(found.start, found.end, there === "left" || there === "right")}"/>`;
      }
      text.hidden = true;
      return "";
    });
    this.arrows.innerHTML = paths.join("");
  }
}
