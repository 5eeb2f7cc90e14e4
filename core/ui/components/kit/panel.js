// What the editors are made of: labeled controls, dragging, and a panel's life from its first drawing to its last.

import { AtRest } from "./at_rest.js";
import { readTheme } from "./drawing.js";
import { arrowStep, make, makeSvg, scrollBeside } from "./elements.js";

/** @typedef {import("./component.js").Parent} Parent */
/** @typedef {import("./component.js").Tell} Tell */
/** @typedef {import("./drawing.js").Theme} Theme */
/** @typedef {import("./elements.js").Attributes} Attributes */

/**
 * @typedef {object} Slider
 * @property {string} label
 * @property {number} low
 * @property {number} high
 * @property {number} step
 * @property {string} help
 * @property {(value: number) => string} words
 * @property {(value: number) => void} set
 * @property {(value: number) => number} [toPosition] where the value stands, so that the scale need not be even
 * @property {(position: number) => number} [fromPosition]
 */

const QUIET_MS = 400; // pause before Python or a screen reader gets an update

/**
 * Return a number with its thousands separated, at most `digits` decimals and a real minus.
 * @param {number} value
 */
export const say = (value, digits = 0) =>
  value.toLocaleString("en-US", { maximumFractionDigits: digits }).replace("-", "−");
const SPACE = "\u202f"; // narrow and unbreakable, between a number and its unit

/**
 * Return a share as percent.
 * @param {number} share
 */
export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)}${SPACE}%`;

/**
 * Return a word with a capital.
 * @param {string} word
 */
export const capital = (word) => word[0].toUpperCase() + word.slice(1);

/**
 * Return a labeled slider that says its value in words, and what sets it.
 * @param {Slider} slider
 */
export function slider({ label, low, high, step, help, words, set, toPosition = (v) => v, fromPosition = (p) => p }) {
  const input = make("input", {
    type: "range",
    min: toPosition(low),
    max: toPosition(high),
    step,
    title: help,
    "aria-label": label,
  });
  const value = make("span", { class: "value", "aria-hidden": "true" }); // a screen reader gets it from the slider
  const field = make("label", { class: "slider", title: help }, make("span", {}, label), value, input);
  const show = (/** @type {number} */ chosen) => {
    input.value = String(toPosition(chosen));
    value.textContent = words(chosen);
    input.setAttribute("aria-valuetext", words(chosen));
  };
  input.addEventListener("input", () => set(fromPosition(input.valueAsNumber)));
  return { field, show };
}

/**
 * Return a few choices, all in sight, and what sets them. `options` maps a value to its label and its help.
 * @param {{label: string, options: Record<string, string[]>, set: (value: string) => void}} choice
 */
export function segments({ label, options, set }) {
  const buttons = Object.entries(options).map(([value, [text, help]]) => {
    const button = make("button", { type: "button", title: help, "aria-pressed": "false" }, text);
    button.addEventListener("click", () => set(value));
    return { value, button };
  });
  const field = make(
    "div",
    { class: "segments", role: "group", "aria-label": label },
    ...buttons.map(({ button }) => button),
  );
  const show = (/** @type {string | null} */ chosen) =>
    buttons.forEach(({ value, button }) => button.setAttribute("aria-pressed", String(value === chosen)));
  return { field, show };
}

/**
 * Return an SVG path through [x, y] points.
 * @param {number[][]} points
 */
export const path = (points) => `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;

/**
 * Return an SVG text.
 * @param {number} x
 * @param {number} y
 * @param {string} content
 * @param {Attributes} attributes
 */
export const text = (x, y, content, attributes = {}) => makeSvg("text", { x, y, ...attributes }, content);

/**
 * Follow a pointer that is down on an element, wherever it goes: `move` gets CSS pixels from the element's corner.
 * @param {HTMLElement | SVGSVGElement} followed
 * @param {(x: number, y: number, begins: boolean) => void} move
 * @param {(x: number, y: number) => void} hover
 * @param {() => void} end
 * @param {(x: number, y: number) => boolean} [isHandle] where a finger drags; elsewhere it scrolls the page, or taps
 */
export function followDrag(followed, move, hover = () => {}, end = () => {}, isHandle) {
  const element = /** @type {HTMLElement} */ (followed); // an SVG has the same events
  /** @type {(event: PointerEvent) => [number, number]} */
  const place = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  /** @type {[number, number] | null} where a finger touched beside the handles */
  let touched = null;
  if (isHandle) scrollBeside(element, isHandle);
  element.addEventListener("pointerdown", (event) => {
    touched = event.pointerType === "touch" && isHandle && !isHandle(...place(event)) ? place(event) : null;
    if (touched) return;
    element.setPointerCapture(event.pointerId);
    event.preventDefault();
    element.focus({ preventScroll: true });
    move(...place(event), true);
  });
  element.addEventListener("pointermove", (event) =>
    element.hasPointerCapture(event.pointerId) ? move(...place(event), false) : hover(...place(event)),
  );
  element.addEventListener("pointercancel", () => (touched = null)); // the page scrolls
  element.addEventListener("pointerup", () => {
    if (touched) move(...touched, true);
    touched = null;
    end();
  });
  element.addEventListener("pointerleave", end);
}

/**
 * Return an arrow key's step, [right, down]: by one, with shift by ten; null of other keys.
 * @param {KeyboardEvent} event
 */
export function arrows(event) {
  const step = arrowStep(event);
  return step && [step[1], step[0]].map((v) => v * (event.shiftKey ? 10 : 1));
}

/** A component's life: built once, updated with every run of the page, redrawn when its width or the theme changes. */
export class Panel {
  /** @type {any} */
  data;
  /** @type {Tell} */
  tell;
  /** @type {number} */
  width;
  /** @type {number} */
  ratio;
  /** @type {Theme} */
  theme;
  /** @type {boolean} */
  ready;
  /** @type {number} */
  frame;
  /** @type {import("./notes.js").Notes | undefined} what is pinned to the picture */
  notes;

  /**
   * @param {Parent} parent
   * @param {string} name
   */
  constructor(parent, name) {
    this.root = make("div", { class: `panel ${name}` });
    parent.append(this.root);
    this.atRest = new AtRest(this.root, QUIET_MS, () => {
      const { serial } = this.data;
      this.tell("settings", serial ? { ...this.report(), serial } : this.report());
    });
    this.resizes = new ResizeObserver(() => this.root.clientWidth !== this.width && this.ready && this.arrange());
    this.resizes.observe(this.root);
  }

  /**
   * Take over what Python sends: its settings hold where they are new (another serial), else those of the person do.
   * @param {any} data
   * @param {Tell} tell
   */
  update(data, tell) {
    this.tell = tell;
    const before = this.data;
    this.data = data;
    if (before === undefined || before.serial !== data.serial) {
      this.atRest.stop();
      this.adopt(data.settings);
    }
    this.receive(data, before);
    this.ready = true;
    this.arrange();
    this.notes?.place();
  }

  /**
   * Take over the settings that Python sends first.
   * @param {any} _settings
   */
  adopt(_settings) {}

  /**
   * Return the settings as Python reads them.
   * @returns {Record<string, unknown>}
   */
  report() {
    return {};
  }

  /**
   * Take over what else Python sends.
   * @param {any} _data
   * @param {any} _before the same of the call before, if any
   */
  receive(_data, _before) {}

  /** Size everything to the width there is, and draw it. */
  arrange() {}

  /** Draw what the settings change. */
  redraw() {}

  /** Draw many changes at most once a frame, and tell Python once they rest. */
  changed() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.redraw());
    this.atRest.wait();
  }

  measure() {
    this.width = this.root.clientWidth;
    this.ratio = window.devicePixelRatio || 1;
    this.theme = readTheme(this.root);
    this.root.classList.toggle("narrow", this.width < 640);
    this.root.dataset.scheme = this.theme.dark ? "dark" : "light";
  }

  /**
   * Return the device pixels a cell may have so that `cells` of them fit into `room` CSS pixels.
   * @param {number} room
   * @param {number} cells
   */
  unitFor(room, cells) {
    return Math.max(1, Math.floor((room * this.ratio) / cells));
  }

  dispose() {
    this.resizes.disconnect();
    cancelAnimationFrame(this.frame);
    this.atRest.stop();
    this.notes?.dispose();
    this.root.remove();
  }
}
