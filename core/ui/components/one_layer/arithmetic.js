// The arithmetic of one square convolution: its limits, its size, its cost, and one sentence on what the last change did.
// The same numbers as core.layers.calculator, which the tests hold it to.

import { clamp } from "../kit/elements.js";

/**
 * @typedef {object} Layer
 * @property {number} width W_in in pixels
 * @property {number} window F in pixels
 * @property {number} stride S
 * @property {number} padding P on each side
 * @property {number} dilation D
 * @property {number} depth D_in, the planes of the input
 * @property {number} filters K
 * @property {number} groups G
 * @property {boolean} bias
 */

/** @typedef {"width" | "window" | "stride" | "padding" | "dilation" | "depth" | "filters" | "groups"} Name */
/** @typedef {{width: number[], window: number, stride: number, dilation: number, planes: number}} Limits of Python */

/** @type {(a: number, b: number) => number} */
const gcd = (a, b) => (b ? gcd(b, a % b) : a);

/**
 * Return the numbers of groups that divide both depths.
 * @param {Layer} layer
 */
export function groupings({ depth, filters }) {
  const common = gcd(depth, filters);
  return Array.from({ length: common }, (_, i) => i + 1).filter((groups) => common % groups === 0);
}

/**
 * Return the lowest and the highest value that can be written; the layer takes what fits beside its others.
 * @param {Limits} limits
 * @param {Name} name
 * @returns {number[]}
 */
export function widest({ width, window, stride, dilation, planes }, name) {
  /** @type {Record<string, number[]>} */
  const all = { width, window: [1, window], stride: [1, stride], padding: [0, window], dilation: [1, dilation] };
  return all[name] ?? [1, planes];
}

/**
 * Return the lowest and the highest value that each size may have beside the others.
 * @param {Layer} layer
 * @param {Limits} limits
 * @returns {Record<"width" | "window" | "stride" | "padding" | "dilation", [number, number]>}
 */
export function bounds(layer, limits) {
  const dilation = Math.min(limits.dilation, layer.width - 1);
  const window = Math.min(limits.window, Math.floor((layer.width - 1) / layer.dilation) + 1);
  return {
    width: [limits.width[0], limits.width[1]],
    window: [1, window],
    stride: [1, limits.stride],
    padding: [0, Math.min(limits.window, layer.dilation * (layer.window - 1))],
    dilation: [1, dilation],
  };
}

/**
 * Return the layer with each value within its bounds, the first in the order in which they depend on each other.
 * @param {Layer} layer
 * @param {Limits} limits
 * @returns {Layer}
 */
export function fitted(layer, limits) {
  const fit = { ...layer };
  for (const name of /** @type {const} */ (["width", "dilation", "window", "stride", "padding"]))
    fit[name] = clamp(fit[name], ...bounds(fit, limits)[name]);
  fit.groups = Math.max(...groupings(fit).filter((groups) => groups <= Math.max(1, fit.groups)));
  return fit;
}

/**
 * Return what follows from a layer: pixels along one side, and its cost for one picture.
 * @param {Layer} layer
 */
export function measures({ width, window, stride, padding, dilation, depth, filters, groups, bias }) {
  const span = dilation * (window - 1) + 1;
  const padded = width + 2 * padding;
  const output = Math.floor((padded - span) / stride) + 1;
  const remainder = (padded - span) % stride;
  const perFilter = (window * window * depth) / groups;
  const read = readColumns({ width, window, stride, padding, dilation }, output);
  const unused = width - 1 - read.lastIndexOf(true);
  return {
    span,
    padded,
    output,
    remainder,
    unused, // of the picture's own columns at the right, and as many rows below
    read: read.filter(Boolean).length, // of its columns, and as many rows
    perFilter,
    parameters: filters * (perFilter + Number(bias)),
    macs: filters * perFilter * output * output,
  };
}

/**
 * Return for each column of the picture whether some window reads it.
 * @param {Pick<Layer, "width" | "window" | "stride" | "padding" | "dilation">} layer
 * @param {number} output
 * @returns {boolean[]}
 */
function readColumns({ width, window, stride, padding, dilation }, output) {
  const read = Array(width).fill(false);
  for (let i = 0; i < output; i++)
    for (let tap = 0; tap < window; tap++) {
      const column = i * stride + tap * dilation - padding;
      if (column >= 0 && column < width) read[column] = true;
    }
  return read;
}

const MAX_SHOWN = 32; // pixels

/**
 * Return the width of the picture that is drawn: of a wider one, windows in the middle are left out, so that both borders
 * and what is left over there are as they are.
 * @param {Layer} layer
 */
export function shownWidth({ width, window, stride, dilation }) {
  if (width <= MAX_SHOWN) return width;
  const span = dilation * (window - 1) + 1;
  return width - Math.max(0, Math.floor((width - Math.max(MAX_SHOWN, span)) / stride)) * stride;
}

const pixels = (/** @type {number} */ n) => (n === 1 ? "1 pixel" : `${n} pixels`);
const times = (/** @type {number} */ n) => (n === 1 ? "once" : `${n} times`);
const square = (/** @type {number} */ n) => `${n} × ${n} px`;

const LETTERS = { width: "W", window: "F", padding: "P", dilation: "D" };

/** @type {Record<string, (layer: Layer, span: number) => string>} */
const MOVES = {
  width: ({ width }) => `A picture of ${square(width)}`,
  window: ({ window }) => `A window of ${square(window)}`,
  stride: ({ stride }) => `Steps of ${pixels(stride)}`,
  padding: ({ padding }) => (padding ? `${pixels(padding)} of zeros on each side` : "No padding"),
  dilation: ({ dilation }, span) =>
    dilation > 1 ? `A window with gaps, ${pixels(span)} wide` : "A window without gaps",
};

/**
 * Return what is left over at the border.
 * @param {Layer} layer
 */
function leftOver(layer) {
  const { remainder, unused, read } = measures(layer);
  if (read + unused < layer.width)
    return `The windows leave gaps (hatched): ${read * read} of ${layer.width ** 2} pixels are ever read.`;
  if (!remainder && !unused) return "Nothing is left over at the border.";
  if (!unused) return `The division by S leaves ${remainder}, but only padding stays unread.`;
  const last = unused === 1 ? "column and row are" : `${unused} columns and rows are`;
  return `The last ${last} never read (hatched).`;
}

/**
 * Return the sentence that answers the last move.
 * @param {Layer} layer
 * @param {Layer | null} before null at the start
 * @param {string} [moved] what was changed, by name; the bounds may have changed others with it
 */
export function answer(layer, before = null, moved = "") {
  const { output, span, parameters, macs } = measures(layer);
  const count = (/** @type {number} */ n) => n.toLocaleString("en-US");
  if (before && ["depth", "filters", "groups", "bias"].includes(moved))
    return `The output's size stays ${square(output)}. Parameters: ${count(measures(before).parameters)} → ${count(parameters)}; multiplications: ${count(measures(before).macs)} → ${count(macs)}.`;
  if (!before || !(moved in MOVES))
    return `The window fits ${times(output)} across ${pixels(layer.width)}. ${leftOver(layer)}`;
  const old = measures(before).output;
  const followed = Object.entries(LETTERS)
    .filter(([name]) => name !== moved && layer[/** @type {Name} */ (name)] !== before[/** @type {Name} */ (name)])
    .map(([name, letter]) => ` ${letter} had to become ${layer[/** @type {Name} */ (name)]}.`)
    .join("");
  const size =
    output === old ? `the output stays ${square(output)}` : `the output goes from ${old} to ${square(output)}`;
  return `${MOVES[moved](layer, span)}: ${size}.${followed} ${leftOver(layer)}`;
}

/**
 * Return the picture: whole numbers from 0 to 9 with one bright peak.
 * @param {number} side
 * @returns {import("../kit/math.js").Planes}
 */
export function hill(side) {
  const at = (/** @type {number} */ i) => i / Math.max(side - 1, 1);
  const values = Float64Array.from({ length: side * side }, (_, i) =>
    Math.round(9 * Math.exp(-((at(i % side) - 0.62) ** 2 + (at(Math.floor(i / side)) - 0.38) ** 2) / 0.16)),
  );
  return { depth: 1, height: side, width: side, values };
}

/**
 * Return a window of weights that answers where brightness rises to the right: -1 in its left half, 1 in its right one.
 * @param {number} window
 */
export function slope(window) {
  const row = Array.from({ length: window }, (_, i) => (window > 1 ? Math.sign(i - (window - 1) / 2) : 1));
  return Array.from({ length: window }, () => [...row]);
}
