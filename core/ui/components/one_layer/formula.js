// The formula of the output's size with this layer's numbers under its letters, each framed in its slider's color.

import { make } from "../kit/elements.js";

/** @typedef {Record<string, number>} Numbers by letter: W, F, S, P, D, "F′" and O for the output */

/** @type {Record<string, [string, string]>} letter and its index */
const LETTERS = {
  O: ["W", "out"],
  W: ["W", "in"],
  "F′": ["F′", ""],
  F: ["F", ""],
  S: ["S", ""],
  P: ["P", ""],
  D: ["D", ""],
};
const SIZE = ["O", "=", "⌊(", "W", "−", "F′", "+ 2 ·", "P", ") /", "S", "⌋ + 1"];
const SPAN = ["F′", "=", "D", "· (", "F", "− 1) + 1"];

/**
 * Return a letter as formulas write it.
 * @param {string} name
 */
function letter(name) {
  const [text, index] = LETTERS[name];
  return make("i", {}, text, ...(index ? [make("sub", {}, index)] : []));
}

/** Return the formula, and what puts numbers in it; those that changed light up, unless the system asks for less motion. */
export function formula() {
  /** @type {{name: string, slot: HTMLElement}[]} */
  const slots = [];
  const line = (/** @type {string[]} */ parts) =>
    make(
      "div",
      { class: "line" },
      ...parts.map((part) => {
        if (!(part in LETTERS)) return make("span", { class: "sign" }, part);
        const slot = make("b", { class: "slot", "data-letter": part[0] });
        slots.push({ name: part, slot });
        return make("span", { class: "term" }, letter(part), slot);
      }),
    );
  const field = make("div", { class: "formula", role: "math" }, line(SIZE), line(SPAN));
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  /** @param {Numbers} numbers */
  const show = (numbers) => {
    for (const { name, slot } of slots) {
      const text = String(numbers[name]);
      if (slot.textContent === text) continue;
      if (slot.textContent && !calm.matches) pulse(slot);
      slot.textContent = text;
    }
    const { O, W, S, P, D, F } = numbers;
    field.setAttribute(
      "aria-label",
      `W out = floor((W in − F′ + 2 P) / S) + 1 = floor((${W} − ${numbers["F′"]} + 2 · ${P}) / ${S}) + 1 = ${O}, where F′ = D (F − 1) + 1 = ${D} · (${F} − 1) + 1 = ${numbers["F′"]}`,
    );
  };
  return { field, show };
}

/**
 * Light a number up for 200 ms.
 * @param {HTMLElement} slot
 */
export function pulse(slot) {
  slot.animate([{ background: "var(--letter)", transform: "scale(1.15)" }, {}], { duration: 200, easing: "ease-out" });
}
