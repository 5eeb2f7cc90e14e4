// A number that is dragged, turned by the wheel, stepped by keys or written: the one control for a number in a picture.

import { clamp, focused, make } from "./elements.js";
import { fixed, formatNumber, parseWeight } from "./math.js";

/**
 * @typedef {object} Limits
 * @property {number} low
 * @property {number} high
 * @property {number} step what an arrow key, a notch of the wheel or a few pixels of a drag change
 * @property {number} [digits] decimals that are shown; without any the number is whole
 */

/**
 * @typedef {object} NumberSettings
 * @property {string} label
 * @property {string} help
 * @property {number} value
 * @property {number} [initial] what a double-click brings back
 * @property {(value: number) => void} set gets each new value, within the limits
 * @property {string} [unit]
 * @property {boolean} [bare] the number alone: its label is for screen readers
 * @property {boolean} [ends] whether Home and End go to the limits; false where these are only a guard
 * @property {(refused: string | null) => void} [refuse] gets what was written and is no such number, null once it is
 *   one; without it the browser says what the limits are
 */

const PIXELS = 2; // of a drag, a step
const COARSE_PIXELS = 8; // where there are few steps from end to end
const FEW_STEPS = 20;
const THRESHOLD = 3; // pixels: less is a click
const NOTCH = 50; // pixels of a wheel, less than any mouse gives at once
const LINE = 40; // pixels of a wheel that counts lines

/**
 * Return a number without what computing adds to its decimals, and without a negative zero.
 * @param {number} value
 */
const clean = (value) => Number(value.toFixed(9)) + 0;

/**
 * Return the size of a step; a fine one is a tenth, but never less than the last digit that is shown.
 * @param {Limits} limits
 * @param {boolean} fine
 */
export const stepSize = ({ step, digits = 0 }, fine) =>
  fine ? Math.min(step, Math.max(step / 10, 10 ** -digits)) : step;

/**
 * Return the number so many steps away, within the limits.
 * @param {number} value
 * @param {number} steps
 * @param {Limits} limits
 */
export const stepped = (value, steps, limits, fine = false) =>
  clean(clamp(value + steps * stepSize(limits, fine), limits.low, limits.high));

/**
 * Return the pixels that a drag takes for one step.
 * @param {Limits} limits
 */
export const dragPixels = ({ low, high, step }) => ((high - low) / step <= FEW_STEPS ? COARSE_PIXELS : PIXELS);

/**
 * Return a number as people write or paste it, "-1", "−0,5", "1/9", "3 px"; null where it is none.
 * @param {string} text
 */
export const readNumber = (text, unit = "") => {
  const trimmed = text.trim();
  return parseWeight(unit && trimmed.endsWith(unit) ? trimmed.slice(0, -unit.length) : trimmed);
};

/**
 * Return the written number that counts: whole where no decimals are shown; null outside the limits.
 * @param {number | null} value
 * @param {Limits} limits
 */
export function accepted(value, { low, high, digits = 0 }) {
  if (value === null) return null;
  const used = (digits === 0 ? Math.round(value) : value) + 0; // no negative zero
  return used < low || used > high ? null : used;
}

/**
 * Return whether no more characters can make a number within the limits of a text: "-" or "1" of 10 to 20 may go on.
 * @param {string} text
 * @param {number | null} read
 * @param {Limits} limits
 */
export const cannotBecome = (text, read, { low, high }) =>
  read === null ? /[^-+−.,/\s\d]/.test(text) : read > Math.max(high, 0) || read < Math.min(low, 0);

/** @type {Record<string, number>} */
const KEYS = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

/**
 * Return a number to drag, step or write, and what shows another value: as `text` if given, with its digits otherwise.
 * @param {NumberSettings & Limits} settings
 */
export function number({
  label,
  help,
  low,
  high,
  step,
  digits = 0,
  value,
  initial,
  set,
  unit = "",
  bare = false,
  ends = true,
  refuse,
}) {
  const limits = { low, high, step, digits };
  const write = (/** @type {number} */ of) => fixed(of, digits);
  const input = make("input", {
    type: "text",
    role: "spinbutton",
    inputmode: low < 0 ? "text" : digits ? "decimal" : "numeric", // the others have no minus on some phones
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": label,
    "aria-valuemin": low,
    "aria-valuemax": high,
    title: `${help} Drag it up or down, or use the arrow keys; Shift for finer steps.`,
  });
  if (initial !== undefined) input.title += ` Double-click: back to ${write(initial)}.`;
  const written = [low, high, initial ?? value].map((one) => write(one).length);
  input.style.setProperty("--characters", String(clamp(Math.max(...written), 2, 8)));
  const ladder = make("span", { class: "ladder", "aria-hidden": "true" });
  const box = make(
    "span",
    { class: "number-box" },
    input,
    ...(unit ? [make("span", { class: "unit" }, unit)] : []),
    ladder,
  );
  const field = bare ? box : make("label", { class: "number" }, make("span", { class: "name" }, label), box);

  let [current, shown] = [value, write(value)];
  let isTyping = false; // what stands there is not yet, or not only, the number in use

  /**
   * @param {number} next
   * @param {string} text
   */
  function show(next, text = next === current ? shown : write(next)) {
    const isWritten = isTyping && next === current; // "1/4" is not replaced by 0.25 while it is being written
    [current, shown] = [next, text];
    if (isWritten) return;
    endTyping();
    input.value = focused(input) === input ? exact() : text;
    input.setAttribute("aria-valuenow", String(next));
    input.setAttribute("aria-valuetext", `${text}${unit && ` ${unit}`}`.replace("−", "minus "));
  }

  /** Return what is written in the field that has the focus: the digits that are shown, or all where these are too few. */
  const exact = () => (Math.abs(current - Number(current.toFixed(digits))) < 1e-9 ? shown : formatNumber(current, 6));

  function endTyping() {
    isTyping = false;
    delete input.dataset.typing;
    say(null);
  }

  /** @param {number} next */
  function change(next) {
    if (next === current) return;
    show(next);
    set(next);
  }

  /**
   * Say that what is written is refused, or (null) no longer.
   * @param {string | null} refused
   */
  function say(refused, isComplete = true) {
    if (refused === null && !input.hasAttribute("aria-invalid")) return;
    if (refused === null) input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
    if (refuse) refuse(refused);
    else input.setCustomValidity(refused === null ? "" : `Enter a number from ${write(low)} to ${write(high)}.`);
    if (!refuse && refused !== null && isComplete) input.reportValidity();
  }

  input.addEventListener("input", () => {
    isTyping = true;
    input.dataset.typing = ""; // undo and redo are the field's own meanwhile
    const read = readNumber(input.value, unit);
    const used = accepted(read, limits);
    if (used === null) return say(input.value, cannotBecome(input.value, read, limits));
    say(null);
    if (used === current) return;
    [current, shown] = [used, write(used)];
    input.setAttribute("aria-valuenow", String(used));
    set(used);
  });

  /** Take over what is written: the nearest limit for a number beyond it, the number in use for what is none. */
  function commit() {
    if (!isTyping) return;
    const read = readNumber(input.value, unit);
    endTyping();
    if (read !== null && accepted(read, limits) === null)
      change(clamp(digits === 0 ? Math.round(read) : read, low, high));
    show(current);
  }

  input.addEventListener("focus", () => {
    input.value = exact();
    input.select();
  });
  input.addEventListener("blur", () => {
    commit();
    input.value = shown;
  });
  input.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (isTyping) event.stopPropagation(); // Ctrl+Z is the field's own while something is being written
      return;
    }
    if (event.key !== "Tab" && event.key !== "Enter") event.stopPropagation(); // Streamlit listens for single letters
    const steps = KEYS[event.key];
    const end = ends && !isTyping ? { Home: low, End: high }[event.key] : undefined;
    if (event.key === "Enter") {
      commit();
      input.select();
    } else if (event.key === "Escape") {
      endTyping();
      show(current);
      input.select();
    } else if (steps || end !== undefined) {
      event.preventDefault();
      commit();
      change(end ?? stepped(current, steps, limits, event.shiftKey));
      input.select();
    }
  });

  let turned = 0; // pixels of the wheel that are not yet a step
  input.addEventListener("wheel", (event) => {
    if (focused(input) !== input) return; // the page scrolls on over a number that is not in use
    event.preventDefault();
    const moved = event.deltaY || event.deltaX; // with Shift, a wheel turns sideways
    turned += event.deltaMode ? moved * LINE : moved;
    if (Math.abs(turned) < NOTCH) return;
    commit();
    change(stepped(current, -Math.sign(turned), limits, event.shiftKey));
    turned = 0;
  });

  /** @type {{y: number, from: number, owed: number} | null} where the pointer was, and pixels that are not yet a step */
  let drag = null;
  let hasMoved = false;
  input.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    [drag, hasMoved] = [{ y: event.clientY, from: event.clientY, owed: 0 }, false];
    input.setPointerCapture(event.pointerId);
  });
  input.addEventListener("mousedown", (event) => {
    if (event.button === 0) event.preventDefault(); // a drag selects no text; a click gives the focus below
  });
  input.addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (!hasMoved) {
      if (Math.abs(event.clientY - drag.from) < THRESHOLD) return;
      hasMoved = true;
      box.classList.add("dragged");
      commit();
      if (event.pointerType !== "touch") input.focus({ preventScroll: true }); // there it would open the keyboard
    }
    const pixels = dragPixels(limits);
    drag.owed += drag.y - event.clientY;
    drag.y = event.clientY;
    const steps = Math.trunc(drag.owed / pixels);
    if (steps === 0) return;
    drag.owed -= steps * pixels;
    change(stepped(current, steps, limits, event.shiftKey));
    ladder.style.setProperty("--moved", `${drag.from - event.clientY}px`);
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    input.addEventListener(end, () => {
      drag = null;
      box.classList.remove("dragged");
    });
  input.addEventListener("click", (event) => {
    event.preventDefault();
    if (!hasMoved && focused(input) !== input) input.focus({ preventScroll: true });
  });
  input.addEventListener("dblclick", () => {
    if (initial === undefined) return;
    endTyping();
    change(initial);
    input.select();
  });

  show(value);
  return { field, show };
}
