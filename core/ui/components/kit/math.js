// Convolution and pooling: pure functions without a page, tested against core.images.convolution and `pooling`.

/**
 * @typedef {object} Planes A picture, plane by plane: values[(c * height + y) * width + x].
 * @property {number} depth
 * @property {number} height
 * @property {number} width
 * @property {Float64Array} values
 */

/** @typedef {{shape: number[], encoding: string, base64: string}} Encoded A picture as Python packs it. */

/**
 * @typedef {object} Settings What a window does. Pairs are [rows, columns].
 * @property {string} operation "convolve", "max", "min", "average" or "l2"
 * @property {number[][][] | null} kernel [plane][row][column]
 * @property {number[]} window
 * @property {number[]} stride
 * @property {number[]} dilation
 * @property {string} padding "valid", "zero", "reflect", "edge" or "wrap"
 * @property {number[] | null} amount pixels of padding on each side; null: as many as keep the size
 * @property {boolean} ceil
 * @property {number} bias
 * @property {boolean} relu
 * @property {string} [scale] how numbers become colors: "auto", "own", "shared" or "picture"
 */

/** @typedef {ReturnType<typeof axis>} Axis */
/** @typedef {{y: Axis, x: Axis}} Geometry */
/** @typedef {{g: Geometry, padded: Planes, output: Planes}} Result */
/** @typedef {{value: number, sum: number, count: number, winner: number}} Reduced `winner` is -1 where none wins. */

/**
 * @typedef {object} Term What one plane adds to an output cell: weights and products where it is a convolution.
 * @property {number[]} values
 * @property {number[]} [weights]
 * @property {number[]} [products]
 * @property {number} sum
 * @property {number} winner
 * @property {number} [count]
 * @property {number} [value]
 */

/** @typedef {{planes: Term[], outputs: number[]}} Terms */

/**
 * Decode pixels as Python sends them: base64 of (C, H, W), uint8 (k stands for k / 255) or little-endian float32.
 * @param {Encoded} encoded
 * @returns {Planes}
 */
export function decodePixels({ shape: [depth, height, width], encoding, base64 }) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const values =
    encoding === "uint8" ? Float64Array.from(bytes, (b) => b / 255) : Float64Array.from(new Float32Array(bytes.buffer));
  return { depth, height, width, values };
}

/**
 * Return one axis: where windows start, how far they reach, how much border stands around the `size` pixels.
 * @param {number} size
 * @param {number} window
 * @param {number} stride
 * @param {number} dilation
 * @param {string} padding
 * @param {number | null} amount
 * @param {boolean} ceil
 */
function axis(size, window, stride, dilation, padding, amount, ceil) {
  const span = dilation * (window - 1) + 1;
  // amount null means "same": as much as the window overhangs; an odd pixel goes after, as in PyTorch.
  const total = padding === "valid" ? 0 : amount === null ? span - 1 : 2 * amount;
  const before = Math.floor(total / 2);
  const padded = size + total;
  let count = (ceil ? Math.ceil : Math.floor)((padded - span) / stride) + 1; // below 1: none fits, not even in ceil mode
  if (ceil && (count - 1) * stride >= size + before) count -= 1; // PyTorch drops a window that starts in the right padding
  const reach = (count - 1) * stride + span;
  return {
    size,
    span,
    stride,
    dilation,
    before,
    padded,
    count,
    extent: Math.max(padded, reach),
    unused: Math.max(0, before + size - reach), // of the picture's own pixels, as in core/layers
  };
}

/**
 * Return both axes of a picture under a window.
 * @param {{height: number, width: number}} image
 * @param {Settings} s
 * @returns {Geometry}
 */
export function geometry(image, s) {
  const along = (/** @type {number} */ n, /** @type {number} */ i) =>
    axis(n, s.window[i], s.stride[i], s.dilation[i], s.padding, s.amount && s.amount[i], s.ceil);
  return { y: along(image.height, 0), x: along(image.width, 1) };
}

/**
 * Return for each place along a padded axis whether some window reads it.
 * @param {Axis} axis
 * @returns {boolean[]}
 */
export function readPlaces({ extent, count, span, stride, dilation }) {
  const read = Array(extent).fill(false);
  for (let start = 0; start < count * stride; start += stride)
    for (let tap = 0; tap < span; tap += dilation) read[start + tap] = true;
  return read;
}

export const BORDER = -1; // a zero of the padding
const NOTHING = -2; // beyond the padding: where a last window of ceil mode overhangs

/**
 * Return which pixel of 0..n-1 stands at place i of the padded axis, or BORDER; the modes are those of numpy.pad.
 * @param {number} i
 * @param {number} n
 * @param {string} padding
 */
export function sourceIndex(i, n, padding) {
  if (i >= 0 && i < n) return i;
  if (padding === "edge") return i < 0 ? 0 : n - 1;
  if (padding === "wrap") return ((i % n) + n) % n;
  if (padding === "reflect") {
    const period = Math.max(1, 2 * (n - 1)); // the picture and its mirror image, without the edge pixel twice
    const k = ((i % period) + period) % period;
    return k < n ? k : period - k;
  }
  return BORDER;
}

/**
 * Return which pixel stands at each place of a padded axis.
 * @param {Axis} axis
 * @param {string} padding
 */
function sources({ extent, padded, before, size }, padding) {
  return Int32Array.from({ length: extent }, (_, i) => (i < padded ? sourceIndex(i - before, size, padding) : NOTHING));
}

/**
 * Return the picture with its border. NaN where there is nothing, and in zero padding under max and min, which it never wins.
 * @param {Planes} image
 * @param {Settings} s
 * @param {Geometry} g
 * @returns {Planes}
 */
export function pad(image, s, g) {
  const rows = sources(g.y, s.padding);
  const columns = sources(g.x, s.padding);
  const border = s.operation === "max" || s.operation === "min" ? NaN : 0;
  const values = new Float64Array(image.depth * rows.length * columns.length);
  let k = 0;
  for (let c = 0; c < image.depth; c++)
    for (const y of rows)
      for (const x of columns) {
        if (y >= 0 && x >= 0) values[k] = image.values[(c * image.height + y) * image.width + x];
        else values[k] = y === NOTHING || x === NOTHING ? NaN : border;
        k += 1;
      }
  return { depth: image.depth, height: rows.length, width: columns.length, values };
}

/**
 * Return the cross-correlation, plus bias, then ReLU if set. A kernel as deep as the picture sums its planes into one.
 * @param {Planes} padded
 * @param {Settings} s
 * @param {Geometry} g
 * @returns {Planes}
 */
function convolve(padded, s, g) {
  const kernel = s.kernel ?? [];
  const deep = kernel.length > 1;
  const depth = deep ? 1 : padded.depth;
  const [height, width] = [g.y.count, g.x.count];
  const values = new Float64Array(depth * height * width).fill(s.bias);
  for (let c = 0; c < padded.depth; c++) {
    const from = c * padded.height * padded.width;
    const to = deep ? 0 : c * height * width;
    kernel[deep ? c : 0].forEach((row, i) =>
      row.forEach((weight, j) => {
        if (weight === 0) return;
        for (let y = 0; y < height; y++) {
          let source = from + (y * g.y.stride + i * g.y.dilation) * padded.width + j * g.x.dilation;
          const start = to + y * width;
          for (let x = 0; x < width; x++, source += g.x.stride) values[start + x] += weight * padded.values[source];
        }
      }),
    );
  }
  if (s.relu) values.forEach((v, i) => (values[i] = Math.max(0, v)));
  return { depth, height, width, values };
}

/**
 * Return what pooling makes of a window's values (NaN: not there), and for max and min which of them won, the first one.
 * @param {string} operation
 * @param {ArrayLike<number>} values
 * @returns {Reduced}
 */
export function reduce(operation, values) {
  let [sum, squares, count, winner] = [0, 0, 0, -1];
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (Number.isNaN(v)) continue;
    sum += v;
    squares += v * v;
    count += 1;
    if (winner < 0 || (operation === "max" && v > values[winner]) || (operation === "min" && v < values[winner]))
      winner = i;
  }
  if (operation === "average") return { value: sum / count, sum, count, winner: -1 };
  if (operation === "l2")
    // As lp_pool2d: a window that is only partly there counts as a whole one.
    return { value: Math.sqrt((squares * values.length) / count), sum: squares, count, winner: -1 };
  return { value: values[winner], sum, count, winner };
}

/**
 * Write the values under the window at one output cell of plane c into an array, and return it.
 * @template {number[] | Float64Array} Into
 * @param {Planes} padded
 * @param {Settings} s
 * @param {Geometry} g
 * @param {number} c
 * @param {number} row
 * @param {number} column
 * @param {Into} into
 */
function windowValues(padded, s, g, c, row, column, into) {
  let k = 0;
  for (let i = 0; i < s.window[0]; i++)
    for (let j = 0; j < s.window[1]; j++) {
      const y = row * g.y.stride + i * g.y.dilation;
      const x = column * g.x.stride + j * g.x.dilation;
      into[k++] = padded.values[(c * padded.height + y) * padded.width + x];
    }
  return into;
}

/**
 * Return each plane pooled.
 * @param {Planes} padded
 * @param {Settings} s
 * @param {Geometry} g
 * @returns {Planes}
 */
function pool(padded, s, g) {
  const { depth } = padded;
  const [height, width] = [g.y.count, g.x.count];
  const values = new Float64Array(depth * height * width);
  const scratch = new Float64Array(s.window[0] * s.window[1]);
  let k = 0;
  for (let c = 0; c < depth; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        values[k++] = reduce(s.operation, windowValues(padded, s, g, c, y, x, scratch)).value;
  return { depth, height, width, values };
}

/**
 * Return everything there is to draw: the axes, the padded picture and the output.
 * @param {Planes} image
 * @param {Settings} s
 * @returns {Result}
 */
export function compute(image, s) {
  const g = geometry(image, s);
  const padded = pad(image, s, g);
  return { g, padded, output: (s.operation === "convolve" ? convolve : pool)(padded, s, g) };
}

/**
 * Return the arithmetic of one output cell: an entry for each plane of the input, a number for each of the output.
 * @param {Result} result
 * @param {Settings} s
 * @param {number[]} cell its row and column
 * @returns {Terms}
 */
export function terms({ g, padded, output }, s, [row, column]) {
  /** @type {Term[]} */
  const planes = [];
  for (let c = 0; c < padded.depth; c++) {
    const values = windowValues(padded, s, g, c, row, column, new Array(s.window[0] * s.window[1]));
    if (s.operation !== "convolve") {
      planes.push({ values, ...reduce(s.operation, values) });
      continue;
    }
    const kernel = s.kernel ?? [];
    const weights = kernel[kernel.length > 1 ? c : 0].flat();
    const products = values.map((v, i) => v * weights[i]);
    planes.push({ values, weights, products, sum: products.reduce((a, b) => a + b, 0), winner: -1 });
  }
  const area = output.height * output.width;
  return {
    planes,
    outputs: Array.from({ length: output.depth }, (_, c) => output.values[c * area + row * output.width + column]),
  };
}

/**
 * Return the first place from `from` on that has something to show, going around; `from` itself where none has.
 * @param {number} from
 * @param {number} count of places
 * @param {(place: number) => boolean} shows
 */
export function nextToShow(from, count, shows) {
  for (let by = 0; by < count; by++) if (shows((from + by) % count)) return (from + by) % count;
  return from % count;
}

/**
 * Return a kernel plane in another size about the same center: cut where it is too large, zeros where it is too small.
 * @param {number[][]} rows
 * @param {number} height
 * @param {number} width
 * @returns {number[][]}
 */
export function resizeKernel(rows, height, width) {
  const [top, left] = [
    Math.floor((height - 1) / 2) - Math.floor((rows.length - 1) / 2),
    Math.floor((width - 1) / 2) - Math.floor((rows[0].length - 1) / 2),
  ];
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => rows[y - top]?.[x - left] ?? 0),
  );
}

export const LARGEST_WEIGHT = 1e6;

/**
 * Return a weight as people write it, "-1", "−0.5", "0,25", "1/9"; null where it is not a number of reasonable size.
 * @param {string} text
 */
export function parseWeight(text) {
  const parts = text.trim().replaceAll("−", "-").replaceAll(",", ".").split("/");
  if (parts.length > 2 || parts.some((p) => !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(p))) return null;
  const value = parts.length === 2 ? Number(parts[0]) / Number(parts[1]) : Number(parts[0]);
  return Number.isFinite(value) && Math.abs(value) <= LARGEST_WEIGHT ? value : null;
}

/** Sizes below this are rounding, not signal: 1/4000 of a gray level. All pictures have this one floor, as in Python. */
export const NOISE = 1e-6;

/**
 * Return the size that a picture draws in full color or white: a share of all sizes lies within it; the largest if that
 * share is rounding, 1 if all are.
 * @param {Iterable<number>} values
 */
export function fullSize(values, share = 1) {
  const sizes = Float64Array.from(values, Math.abs)
    .filter((size) => !Number.isNaN(size))
    .sort();
  const limits = [sizes[Math.floor(share * (sizes.length - 1))], sizes.at(-1) ?? 0];
  return limits.find((limit) => limit >= NOISE) ?? 1;
}

/**
 * Return a number with so many decimals: a real minus, and none before a zero.
 * @param {number} value
 * @param {number} digits
 */
export function fixed(value, digits) {
  const text = value.toFixed(digits);
  return /[1-9]/.test(text) ? text.replace("-", "−") : text.replace("-", "");
}

/**
 * Return how the numbers of one grid are written: all with the same decimals, the fewest that say them, at most `digits`.
 * @param {Iterable<number>} values
 * @returns {(value: number) => string}
 */
export function gridFormat(values, digits = 2) {
  const shown = Array.from(values).filter(Number.isFinite);
  const enough = (/** @type {number} */ few) => shown.every((v) => Math.abs(v - Number(v.toFixed(few))) < NOISE);
  let decimals = 0;
  while (decimals < digits && !enough(decimals)) decimals += 1;
  return (value) => (Math.abs(value) < 100 ? fixed(value, decimals) : formatNumber(value, decimals));
}

/**
 * Return a number for people: a real minus, at most `digits` decimals, "~0" for what only rounds to zero.
 * @param {number} value
 */
export function formatNumber(value, digits = 2) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "none" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  let text =
    size >= 1e6
      ? size.toExponential(1)
      : size >= 1000
        ? Math.round(size).toLocaleString("en-US")
        : size.toFixed(size >= 100 ? Math.min(1, digits) : digits);
  if (text.includes(".") && !text.includes("e")) text = text.replace(/\.?0+$/, "");
  if (text === "0") return size < NOISE ? "0" : "~0";
  return value < 0 ? `−${text}` : text;
}
