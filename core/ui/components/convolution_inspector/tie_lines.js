// The lines that tie the window to its numbers and the answer to its pixel, and the flight of a value to its place.

import { css, ink } from "../kit/drawing.js";
import { make } from "../kit/elements.js";

/** @typedef {import("../kit/drawing.js").Rgb} Rgb */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Edges In CSS pixels, from the stage's corner. */
/** @typedef {{input: Edges, output: Edges, window: Edges, products: Edges | null, answer: Edges}} Places */

const FLIGHT_MS = 200; // of an output value from its sum to its place

/**
 * Return the path of the lines from the window on the input to its numbers, and from the answer to its pixel.
 * @param {Places} places
 * @param {Edges} window the window on the input, in CSS pixels from the input's corner
 * @param {number[]} cell the output's cell: its middle, or where the pictures stand side by side the middle of its left edge
 * @param {boolean} stacked
 */
export function windowLinks({ input, output, window: numbers, answer }, window, cell, stacked) {
  const [x0, x1] = [input.left + window.left, input.left + window.right];
  const [y0, y1] = [input.top + window.top, input.top + window.bottom];
  const [cx, cy] = [output.left + cell[0], output.top + cell[1]];
  const middle = [(answer.left + answer.right) / 2, (answer.top + answer.bottom) / 2];
  return stacked
    ? `M${x0} ${y1}L${numbers.left} ${numbers.top}M${x1} ${y1}L${numbers.right} ${numbers.top}M${middle[0]} ${answer.bottom}L${cx} ${cy}`
    : `M${x1} ${y0}L${numbers.left} ${numbers.top}M${x1} ${y1}L${numbers.left} ${numbers.bottom}M${answer.right} ${middle[1]}C${answer.right + 40} ${middle[1]} ${cx - 60} ${cy} ${cx} ${cy}`;
}

/**
 * Return the path of the lines from a pixel to its value, and from its product to the sum.
 * @param {Places} places
 * @param {number[]} pixel the middle of its right edge, from the input's corner
 * @param {number[]} cell the middle of its value's left edge, from the window's corner, as of its product
 * @param {number[]} size of a cell
 */
export function trioLinks({ input, answer, window, products }, pixel, [x, y], [width, height]) {
  const lines = [`M${input.left + pixel[0]},${input.top + pixel[1]}L${window.left + x} ${window.top + y}`];
  if (products)
    lines.push(
      `M${products.left + x + width / 2} ${products.top + y + height / 2}L${(answer.left + answer.right) / 2} ${answer.top}`,
    );
  return lines.join("");
}

/**
 * Let a value fly over the stage; return what is settled once it is there.
 * @param {HTMLElement} stage
 * @param {string} text
 * @param {Rgb} rgb
 * @param {number[]} from
 * @param {number[]} to
 * @param {number} scale of its size when it arrives
 */
export async function fly(stage, text, rgb, from, to, scale) {
  const flyer = make("span", { class: "flyer", "aria-hidden": "true" }, text);
  flyer.style.cssText = `background: ${css(rgb)}; color: ${ink(rgb)}`;
  stage.append(flyer);
  const at = (/** @type {number[]} */ [x, y], /** @type {number} */ scale) => ({
    transform: `translate(${x}px, ${y}px) translate(-50%, -50%) scale(${scale})`,
  });
  const flight = flyer.animate([at(from, 1), at(to, scale)], { duration: FLIGHT_MS, easing: "ease-in-out" });
  await flight.finished.catch(() => {}); // taken away before it arrived
  flyer.remove();
}

/**
 * Return whether a value is on its way.
 * @param {HTMLElement} stage
 */
export const isFlying = (stage) => stage.querySelector(".flyer") !== null;
