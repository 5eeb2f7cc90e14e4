// The arithmetic of one output cell as a sentence, to be read on the page or by a screen reader.

import { formatNumber } from "../kit/math.js";
import { REDUCTIONS } from "../kit/reductions.js";

/** @typedef {import("../kit/math.js").Settings} Settings */
/** @typedef {import("../kit/math.js").Term} Term */
/** @typedef {import("../kit/math.js").Terms} Terms */
/** @typedef {(value: number, digits?: number) => string} Say */

export const PLANES = ["red", "green", "blue"];
const MOST_TERMS = 9; // beyond a 3 x 3 window a sentence of all products helps nobody

/** @type {Record<string, string>} */
export const OPERATIONS = { max: "Maximum", average: "Average", min: "Minimum", l2: "L2 norm" };

/** @typedef {string | {text: string, index: number}} Part Words, or one product with its place in the window. */

/**
 * Say the sum of products, or the largest where they are many.
 * @param {Term[]} planes
 * @param {Say} say
 * @param {string} times
 * @returns {Part[]}
 */
function products(planes, say, times) {
  const pairs = planes
    .flatMap(({ values, weights = [], products = [] }) =>
      products.map((product, i) => ({ value: values[i], weight: weights[i], product, index: i })),
    )
    .filter(({ weight }) => weight !== 0); // `leftOut` says so
  if (pairs.length === 0) return ["every weight is 0"];
  const factor = (/** @type {number} */ w) => (w < 0 && times === "×" ? `(${say(w)})` : say(w));
  if (pairs.length <= MOST_TERMS)
    return pairs.flatMap(({ value, weight, index }, i) => [
      i ? " + " : "",
      { text: `${say(value)} ${times} ${factor(weight)}`, index },
    ]);
  const most = pairs.reduce((a, b) => (Math.abs(b.product) > Math.abs(a.product) ? b : a));
  const largest = `${say(most.value)} ${times} ${factor(most.weight)} = ${say(most.product)}`;
  return [`${pairs.length} products, the largest `, { text: largest, index: most.index }, "; total"];
}

/**
 * Say how many products are left out as their weight is 0.
 * @param {Term[]} planes
 */
function leftOut(planes) {
  const weights = planes.flatMap((plane) => plane.weights ?? []);
  const zeros = weights.filter((weight) => weight === 0).length;
  if (zeros === 0 || zeros === weights.length) return "";
  return `; ${zeros} of the ${weights.length} weights ${zeros === 1 ? "is" : "are"} 0`;
}

/**
 * Say how one output cell came to be.
 * @param {Terms} t
 * @param {Settings} s
 * @param {number[]} cell
 * @param {boolean} spoken minus and times are words
 * @returns {Part[]}
 */
export function inParts(t, s, [row, column], spoken) {
  /** @type {Say} */
  const say = (v, digits = 2) => (spoken ? formatNumber(v, digits).replace("−", "minus ") : formatNumber(v, digits));
  const times = spoken ? "times" : "×";
  const where = `Row ${row + 1}, column ${column + 1}`;
  const outputs = t.outputs.map((v, c) => (t.outputs.length > 1 ? `${PLANES[c]} ${say(v, 3)}` : say(v, 3))).join(", ");
  if (s.operation !== "convolve") {
    const how =
      t.planes.length > 1
        ? `each channel's ${OPERATIONS[s.operation].toLowerCase()}`
        : REDUCTIONS[s.operation](t.planes[0], say);
    return [`${where}: ${how}: ${outputs}.`];
  }
  const bias = s.bias === 0 ? "" : ` + bias ${say(s.bias)}`;
  const relu = s.relu ? ", negative values set to 0 (ReLU)" : "";
  if (t.outputs.length > 1)
    return [`${where}: each channel multiplied by the kernel and summed${bias}${relu}: ${outputs}.`];
  return [`${where}: `, ...products(t.planes, say, times), `${bias} = ${outputs}${relu}${leftOut(t.planes)}.`];
}

/**
 * Say the same as one text.
 * @param {Parameters<typeof inParts>} given
 */
export const inWords = (...given) =>
  inParts(...given)
    .map((part) => (typeof part === "string" ? part : part.text))
    .join("");
