// What fed one unit, for its wires, its window and its waterfall: pure functions of its account.

import { formatNumber } from "../kit/math.js";

/** @typedef {import("./unit_arithmetic.js").Account} Account */
/** @typedef {import("./unit_arithmetic.js").Source} Source */
/** @typedef {import("./unit_arithmetic.js").Unit & {value: number}} Unit */
/** @typedef {{plane: number, value: number}} Feed What one plane, or one unit of a list, adds to a unit. */
/** @typedef {{label: string, value: number}} Step One step of a sum. */
/** @typedef {{y: number, x: number, height: number, width: number}} Window In pixels of the planes that come in. */

export const PICTURE_NAME = "The picture";
const COLORS = ["red", "green", "blue"];
export const SHOWN = 3; // planes, or products, that have a step of their own

/** @type {(a: {value: number}, b: {value: number}) => number} */
const bySize = (a, b) => Math.abs(b.value) - Math.abs(a.value);

/**
 * Return the name of a plane that comes in: of a picture its color.
 * @param {Source} source
 * @param {number} plane
 */
export function planeName({ input, inputName }, plane) {
  if (inputName !== PICTURE_NAME) return `plane ${plane + 1}`;
  return input.shape[0] === 3 ? COLORS[plane] : "picture";
}

/**
 * Return what each plane that comes in adds to a unit, the most first; empty if that is not known.
 * @param {Source} source
 * @param {Unit} unit
 * @param {Account} account
 * @returns {Feed[]}
 */
export function feeds({ made, input }, { plane, value }, account) {
  switch (made.kind) {
    case "conv":
    case "transposed":
      return account.terms?.map((term) => ({ plane: term.plane, value: term.sum })) ?? [];
    case "linear":
      return account.products?.map((product, i) => ({ plane: i, value: product })).sort(bySize) ?? [];
    case "squashed":
      return [];
    case "flatten": {
      const [, height, width] = input.shape;
      return [{ plane: Math.floor(plane / (height * width)), value }];
    }
  }
  return [{ plane, value }];
}

/**
 * Return the steps of a unit's sum, the largest first, the rest together, the bias last; empty where there is no sum.
 * @param {Source} source
 * @param {Unit} unit
 * @param {Account} account
 * @returns {Step[]}
 */
export function steps(source, unit, account) {
  const { made, biases } = source;
  if (made.kind === "norm")
    return [
      { label: `× ${formatNumber(account.scale)}`, value: account.from * account.scale },
      { label: "shift", value: account.shift },
    ];
  if (made.kind === "added" && account.ways)
    return [
      { label: "through", value: account.ways[0].end },
      { label: "shortcut", value: account.ways[1].end },
    ];
  if (!["conv", "transposed", "linear"].includes(made.kind)) return [];
  const all = feeds(source, unit, account);
  if (all.length === 0) return [];
  const name = (/** @type {number} */ plane) =>
    made.kind === "linear" ? `input ${plane + 1}` : planeName(source, plane);
  const found = all.slice(0, SHOWN).map(({ plane, value }) => ({ label: name(plane), value }));
  const rest = all.slice(SHOWN);
  if (rest.length)
    found.push({ label: `${rest.length} others`, value: rest.reduce((sum, { value }) => sum + value, 0) });
  if (biases.length) found.push({ label: "bias", value: biases[unit.tile] });
  return found;
}

/**
 * Return the window of the planes that come in which a unit reads, the border included; null for lists.
 * @param {Source} source
 * @param {Unit} unit
 * @returns {Window | null}
 */
export function windowOf({ made, input, weights }, { plane, row, column }) {
  const [, height, width] = input.shape;
  if (height * width === 1) return null;
  const place = [row, column];
  /** @type {(start: number[], size: number[]) => Window} */
  const box = ([y, x], [high, wide]) => ({ y, x, height: high, width: wide });
  switch (made.kind) {
    case "conv": {
      if (!weights) return null;
      const size = [0, 1].map((axis) => (weights.shape[2 + axis] - 1) * made.dilation[axis] + 1);
      return box(
        place.map((at, axis) => at * made.stride[axis] - made.before[axis]),
        size,
      );
    }
    case "transposed": {
      if (!weights) return null;
      const ends = place.map((at, axis) => {
        const reach = (weights.shape[2 + axis] - 1) * made.dilation[axis];
        return [
          Math.ceil((at + made.before[axis] - reach) / made.stride[axis]) + 0, // never −0
          Math.floor((at + made.before[axis]) / made.stride[axis]),
        ];
      });
      return box(
        ends.map(([first]) => first),
        ends.map(([first, last]) => Math.max(1, last - first + 1)),
      );
    }
    case "max":
    case "average":
    case "blur":
      if (made.spans) {
        const spans = made.spans.map((axis, i) => axis[place[i]]);
        return box(
          spans.map(([first]) => first),
          spans.map(([first, end]) => end - first),
        );
      }
      return box(
        place.map((at, axis) => at * made.stride[axis] - made.before[axis]),
        made.window,
      );
    case "flatten": {
      const rest = plane % (height * width);
      return made.capsules ? null : box([Math.floor(rest / width), rest % width], [1, 1]);
    }
    case "linear":
    case "squashed":
    case "length":
      return null;
  }
  return box(place, [1, 1]);
}

/**
 * Return the softmax of logits at a temperature.
 * @param {number[]} logits
 * @param {number} [temperature]
 */
export function softmax(logits, temperature = 1) {
  const largest = Math.max(...logits);
  const powers = logits.map((z) => Math.exp((z - largest) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/**
 * Return which cell of a list holds one of its `total` numbers, where the cells share them as evenly as can be.
 * @param {number} number
 * @param {number} total
 * @param {number} cells
 */
export function cellOf(number, total, cells) {
  const [each, more] = [Math.floor(total / cells), total % cells]; // the first `more` cells hold one more
  return number < more * (each + 1)
    ? Math.floor(number / (each + 1))
    : more + Math.floor((number - more * (each + 1)) / each);
}
