// How one unit came to be, in numbers: pure functions of what a layer gets and of its weights.

import { reduce, sourceIndex } from "../kit/math.js";

/** @typedef {{shape: number[], base64: string}} Packed */
/** @typedef {{shape: number[], values: Float32Array}} Block Numbers, plane by plane. */
/** @typedef {{tile: number, plane: number, row: number, column: number}} Unit `tile` counts within the planes in sight. */
/** @typedef {{name: string, from: number, to: number, scale?: number, shift?: number}} Step */

/**
 * @typedef {object} Made How one unit comes from the planes before it. Pairs are [rows, columns].
 * @property {string} kind
 * @property {string} [sentence] Of a layer whose sum is not drawn
 * @property {number[]} stride
 * @property {number[]} before pixels of padding above and to the left
 * @property {number[]} dilation
 * @property {number} groups
 * @property {number[]} window
 * @property {number[][][]} [spans] of each row and column of an adaptive pooling: the first place and the one after the last
 * @property {number[]} blur the window's fixed weights
 * @property {boolean} [capsules] what is flattened are capsules
 * @property {boolean} [routed] capsules that are a sum of predictions
 * @property {number[]} scale a norm's, of each plane in sight
 * @property {number[]} shift
 */

/**
 * @typedef {object} Source What core.ui.views.anatomy.unit_sum writes, unpacked.
 * @property {Made} made
 * @property {number} total planes of the layer
 * @property {Block | null} weights
 * @property {number[]} biases
 * @property {Block} input
 * @property {string} inputName
 * @property {Block} [coefficients] of a routing: of each capsule in sight, how much each capsule that comes in counts
 * @property {Block} [predictions] and what each predicts, (capsules in sight, capsules that come in, numbers)
 * @property {Source[]} [ways] of a block: the way through it and the one past it
 * @property {string} name of a way: its last layer that sums
 * @property {{name: string, made: Made}[]} steps of a way: the layers behind that
 * @property {Block[]} values of a way: what that layer and each step put out
 */

/**
 * @typedef {object} Term What one plane adds to a convolution's unit.
 * @property {number} plane
 * @property {number[]} values
 * @property {number[]} weights
 * @property {number[]} products
 * @property {number} sum
 */

/**
 * @typedef {object} Account What a unit is made of. Which properties there are, but for `value`, depends on the layer's kind.
 * @property {number} value what it comes to; undefined where a function of each number alone is not shown
 * @property {Term[]} terms
 * @property {number} height of the window
 * @property {number} width
 * @property {number} sum without the bias
 * @property {number[]} values
 * @property {number[]} weights
 * @property {number[]} products
 * @property {number} count values of a window that are there
 * @property {number} winner
 * @property {boolean} padded
 * @property {boolean} mirrored
 * @property {number} from the number that came in
 * @property {number} scale
 * @property {number} shift
 * @property {number} powers the sum of all exponentials
 * @property {number} length of a capsule
 * @property {number} long its length before the squash
 * @property {number[]} before a capsule's numbers before the squash
 * @property {Way[]} ways
 */

/** @typedef {Account & {steps: Step[], end: number}} Way */

/**
 * Unpack a block: base64 of little-endian float32.
 * @param {Packed} packed
 * @returns {Block}
 */
export function unpack({ shape, base64 }) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return { shape, values: new Float32Array(bytes.buffer) };
}

/**
 * Unpack a source, and those of the ways through it.
 * @param {any} source
 * @returns {Source}
 */
export function opened(source) {
  return {
    ...source,
    input: unpack(source.input),
    weights: source.weights && unpack(source.weights),
    coefficients: source.coefficients && unpack(source.coefficients),
    predictions: source.predictions && unpack(source.predictions),
    ways: source.ways?.map(opened),
    values: source.values?.map(unpack),
  };
}

/** @type {(size: number[], y: number, x: number) => boolean} */
const inside = ([height, width], y, x) => y >= 0 && x >= 0 && y < height && x < width;
/** @type {(block: Block, plane: number, y: number, x: number) => number} */
const at = ({ shape: [, height, width], values }, plane, y, x) => values[(plane * height + y) * width + x];

/**
 * Return the value of a unit of the planes in sight.
 * @param {Block} block
 * @param {Pick<Unit, "tile" | "row" | "column">} unit
 */
export const valueAt = (block, { tile, row, column }) => at(block, tile, row, column);

/**
 * Return which input place a tap of the window of one place reads, on one axis. Transposed, it is the place whose stamp puts
 * that tap here, and none, NaN, between the stamps.
 * @param {Made} made
 * @param {number} axis
 * @param {number} place
 * @param {number} tap
 */
function tapped(made, axis, place, tap) {
  const [stride, before, dilation] = [made.stride[axis], made.before[axis], made.dilation[axis]];
  if (made.kind === "conv") return place * stride - before + tap * dilation;
  const from = (place + before - tap * dilation) / stride;
  return Number.isInteger(from) ? from : NaN;
}

/**
 * Return what a convolution's unit sums: one term a plane that it reads, the largest sum first. Padding is 0; of a transposed
 * one, NaN stands where no stamp lands.
 * @param {Source} source
 * @param {Block} weights
 * @param {Unit} unit
 */
function windows({ made, input, total }, weights, { tile, plane, row, column }) {
  const [, depth, height, width] = weights.shape;
  const start = Math.floor(plane / (total / made.groups)) * depth;
  const outside = made.kind === "conv" ? 0 : NaN;
  const [rows, columns] = [
    Array.from({ length: height }, (_, i) => tapped(made, 0, row, i)),
    Array.from({ length: width }, (_, j) => tapped(made, 1, column, j)),
  ];
  /** @type {Term[]} */
  const terms = [];
  for (let d = 0; d < depth; d++) {
    /** @type {Term} */
    const term = { plane: start + d, values: [], weights: [], products: [], sum: 0 };
    rows.forEach((y, i) =>
      columns.forEach((x, j) => {
        const value = inside(input.shape.slice(1), y, x) ? at(input, start + d, y, x) : outside;
        const weight = weights.values[((tile * depth + d) * height + i) * width + j];
        term.values.push(value);
        term.weights.push(Number.isNaN(value) ? NaN : weight);
        term.products.push(value * weight);
        if (!Number.isNaN(value)) term.sum += value * weight;
      }),
    );
    terms.push(term);
  }
  const value = terms.reduce((sum, term) => sum + term.sum, 0);
  return { terms: terms.sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum)), height, width, value };
}

/**
 * Return the window that a pooling's unit reads of its own plane. Zeros of the padding count in a mean and never are the
 * largest; NaN stands beyond it, where a last window of ceil mode overhangs.
 * @param {Source} source
 * @param {Unit} unit
 */
function pooled({ made, input }, { plane, row, column }) {
  const [, height, width] = input.shape;
  const [[top, bottom], [left, right]] = made.spans
    ? [made.spans[0][row], made.spans[1][column]]
    : [0, 1]
        .map((axis) => [row, column][axis] * made.stride[axis] - made.before[axis])
        .map((first, axis) => [first, first + made.window[axis]]);
  const [above, beside] = made.spans ? [0, 0] : made.before;
  /** @type {number[]} */
  const values = [];
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const padding =
        made.kind === "average" && y >= -above && x >= -beside && y < height + above && x < width + beside ? 0 : NaN;
      values.push(inside([height, width], y, x) ? at(input, plane, y, x) : padding);
    }
  return {
    values,
    height: bottom - top,
    width: right - left,
    padded: top < 0 || left < 0 || bottom > height || right > width,
    ...reduce(made.kind, values),
  };
}

/**
 * Return a window of the plane before, times the blur's fixed weights. The border is mirrored.
 * @param {Source} source
 * @param {Unit} unit
 */
function blurred({ made, input }, { plane, row, column }) {
  const [, height, width] = input.shape;
  const [rows, columns] = made.window;
  const [top, left] = [row * made.stride[0] - made.before[0], column * made.stride[1] - made.before[1]];
  const values = made.blur.map((_, i) =>
    at(
      input,
      plane,
      sourceIndex(top + Math.floor(i / columns), height, "reflect"),
      sourceIndex(left + (i % columns), width, "reflect"),
    ),
  );
  const products = values.map((value, i) => value * made.blur[i]);
  const mirrored = top < 0 || left < 0 || top + rows > height || left + columns > width;
  return {
    values,
    weights: made.blur,
    products,
    height: rows,
    width: columns,
    mirrored,
    value: products.reduce((a, b) => a + b, 0),
  };
}

/**
 * Return what a fully connected unit sums, over all that come in.
 * @param {Source} source
 * @param {Block} weights
 * @param {Unit} unit
 */
function connections({ input }, weights, { tile }) {
  const count = weights.shape[1];
  const own = [...weights.values.subarray(tile * count, (tile + 1) * count)];
  const products = own.map((weight, i) => weight * input.values[i]);
  return { values: [...input.values], weights: own, products, value: products.reduce((a, b) => a + b, 0) };
}

const lengthOf = (/** @type {number[]} */ vector) => Math.sqrt(vector.reduce((sum, v) => sum + v * v, 0));
/** Return the numbers of a plane of one row. */
export const numbersOf = (/** @type {Block} */ { shape: [, , width], values }, /** @type {number} */ plane) => [
  ...values.subarray(plane * width, (plane + 1) * width),
];

/**
 * Return a capsule, and what it was before the squash: of length s it became s² / (1 + s²) long. Of a routing also what the
 * capsules before it predict for the unit's number, each times its coupling coefficient.
 * @param {Source} source
 * @param {Unit} unit
 * @param {number[]} values the capsule
 */
export function squashed({ coefficients, predictions }, { tile, column }, values) {
  const length = lengthOf(values);
  const long = length < 1 ? Math.sqrt(length / (1 - length)) : Infinity;
  const before = values.map((v) => (length ? (v / length) * long : 0));
  if (!coefficients || !predictions) return { values, length, long, before };
  const weights = numbersOf(coefficients, tile);
  const [, , width] = predictions.shape;
  const predicted = weights.map((_, i) => predictions.values[(tile * weights.length + i) * width + column]);
  const products = predicted.map((v, i) => v * weights[i]);
  return { values: predicted, weights, products, length, long, before, sum: products.reduce((a, b) => a + b, 0) };
}

/**
 * Return the number that came in at the unit's own place.
 * @param {Source} source
 * @param {Unit} unit
 */
function came({ input }, { plane, row, column }) {
  const [, height, width] = input.shape;
  return input.values[(plane * height + row) * width + column];
}

/**
 * Return a way through a block: its sum, and a step of each layer behind it that takes each number by itself.
 * @param {Source} source
 * @param {Unit} unit
 * @returns {Way}
 */
function way(source, unit) {
  const first = source.made.kind === "same" ? { value: came(source, unit) } : account(source, unit);
  const steps = source.steps.map(({ name, made }, i) => {
    const [from, to] = [valueAt(source.values[i], unit), valueAt(source.values[i + 1], unit)];
    return made.kind === "norm"
      ? { name, from, to, scale: made.scale[unit.tile], shift: made.shift[unit.tile] }
      : { name, from, to };
  });
  const end = valueAt(source.values[source.values.length - 1], unit);
  return /** @type {Way} */ ({ ...first, steps, end });
}

/**
 * Return all that a unit is made of.
 * @param {Source} source
 * @param {Unit} unit
 */
export function account(source, unit) {
  return /** @type {Account} */ (parts(source, unit));
}

/**
 * Return what there is of it.
 * @param {Source} source
 * @param {Unit} unit
 * @returns {Partial<Account>}
 */
function parts(source, unit) {
  const { made, input, biases } = source;
  const bias = biases.length ? biases[unit.tile] : 0;
  switch (made.kind) {
    case "conv":
    case "transposed":
    case "linear": {
      if (!source.weights) return {};
      const found = (made.kind === "linear" ? connections : windows)(source, source.weights, unit);
      return { ...found, sum: found.value, value: found.value + bias };
    }
    case "max":
    case "average":
      return pooled(source, unit);
    case "told":
      return {};
    case "blur":
      return blurred(source, unit);
    case "norm": {
      const [from, scale, shift] = [came(source, unit), made.scale[unit.tile], made.shift[unit.tile]];
      return { from, scale, shift, value: from * scale + shift };
    }
    case "relu":
      return { from: came(source, unit), value: Math.max(0, came(source, unit)) };
    case "softmax": {
      const [planes, height, width] = input.shape;
      const all = Array.from(
        { length: planes },
        (_, plane) => input.values[(plane * height + unit.row) * width + unit.column],
      );
      const largest = Math.max(...all);
      const sum = all.reduce((total, z) => total + Math.exp(z - largest), 0);
      return {
        from: all[unit.plane],
        powers: Math.exp(largest) * sum,
        value: Math.exp(all[unit.plane] - largest) / sum,
      };
    }
    case "added": {
      if (!source.ways) return {}; // a block within a block is not taken apart
      const ways = source.ways.map((one) => way(one, unit));
      return { ways, value: ways[0].end + ways[1].end };
    }
    case "flatten":
      return { value: input.values[unit.plane] };
    case "length": {
      const values = numbersOf(input, unit.plane);
      return { values, value: lengthOf(values) };
    }
  }
  return { from: came(source, unit) };
}
