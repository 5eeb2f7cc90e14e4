// The sizes of pooling: numbers to drag, step or write.

import { clamp } from "../kit/elements.js";
import { number } from "../kit/number.js";

/** @typedef {{window: number, stride: number, padding: number}} Sizes in pixels */
/** @typedef {{window: number, stride: number, fixed: (keyof Sizes)[]}} Limits the largest ones, and those without a control */

/** @type {[keyof Sizes, string, string, number, number][]} name, label, help, least and usual value */
const SIZES = [
  ["window", "Window F", "Each window of F × F pixels becomes one number.", 2, 2],
  ["stride", "Stride S", "Step between windows. S = F: adjacent windows. S smaller than F: overlapping windows.", 1, 2],
  ["padding", "Padding P", "Pixels around the picture, at most F/2 as in PyTorch; max and min ignore them.", 0, 0],
];

/**
 * Return the sizes within what they may be: a window fits on the picture, and the padding is at most half of it.
 * @param {Sizes} sizes
 * @param {{window: number, stride: number}} limits
 * @param {number} side of the picture, the shorter one
 * @returns {Sizes}
 */
export function fitting({ window, stride, padding }, limits, side) {
  const used = clamp(window, 2, Math.max(2, Math.min(limits.window, side)));
  return { window: used, stride: clamp(stride, 1, limits.stride), padding: clamp(padding, 0, Math.floor(used / 2)) };
}

/**
 * Return the three numbers, and what shows others.
 * @param {Limits} limits
 * @param {(change: Partial<Sizes>) => Sizes} change takes one over, and returns those that hold then
 */
export function sizeNumbers(limits, change) {
  const most = { ...limits, padding: Math.floor(limits.window / 2) };
  const drawn = SIZES.filter(([name]) => !limits.fixed.includes(name));
  const numbers = drawn.map(([name, label, help, low, initial]) => {
    const set = (/** @type {number} */ value) => show(change({ [name]: value }));
    const box = number({ label, help, low, high: most[name], step: 1, value: initial, initial, unit: "px", set });
    return { name, box };
  });
  /** @param {Sizes} sizes */
  const show = (sizes) => numbers.forEach(({ name, box }) => box.show(sizes[name]));
  return { fields: numbers.map(({ box }) => box.field), show };
}
