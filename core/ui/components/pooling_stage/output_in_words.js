// How one output of a pooling layer came to be, as a sentence.

import { formatNumber } from "../kit/math.js";
import { REDUCTIONS } from "../kit/reductions.js";

/** @typedef {import("../kit/math.js").Terms} Terms */

const CHANNELS = ["red", "green", "blue"];

/** @type {Record<string, string>} */
const EACH = {
  max: "each channel's maximum",
  min: "each channel's minimum",
  average: "each channel's average",
  l2: "each channel's L2 norm",
};

/**
 * Say what the window of one output cell was reduced to.
 * @param {Terms} terms
 * @param {string} operation
 * @param {number[]} cell
 * @param {boolean} spoken minus is a word
 */
export function inWords({ planes, outputs }, operation, [row, column], spoken) {
  const say = (/** @type {number} */ value, digits = 2) =>
    spoken ? formatNumber(value, digits).replace("−", "minus ") : formatNumber(value, digits);
  const values = outputs.map((value, c) => (outputs.length > 1 ? `${CHANNELS[c]} ${say(value, 3)}` : say(value, 3)));
  const how = planes.length > 1 ? EACH[operation] : REDUCTIONS[operation](planes[0], say);
  return `Row ${row + 1}, column ${column + 1}: ${how}: ${values.join(", ")}.`;
}
