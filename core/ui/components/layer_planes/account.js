// How one unit came to be, in numbers: pure functions of what a layer gets and of its weights. Blocks are {shape, values},
// plane by plane; a source is what core.ui.views.anatomy.unit_sum writes, unpacked. Uses math.js of core/ui/inspector.

/** A block as Python packs it: base64 of little-endian float32. */
export function unpack({ shape, base64 }) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return { shape, values: new Float32Array(bytes.buffer) };
}

/** A source with its blocks unpacked, those of the ways through it too. */
export function opened(source) {
  return { ...source, input: unpack(source.input), weights: source.weights && unpack(source.weights), ways: source.ways?.map(opened), values: source.values?.map(unpack) };
}

const inside = ([height, width], y, x) => y >= 0 && x >= 0 && y < height && x < width;
const at = ({ shape: [, height, width], values }, plane, y, x) => values[(plane * height + y) * width + x];

/** The value of a unit {tile, plane, row, column}: `tile` counts within the planes in sight, `plane` within all. */
export const valueAt = (block, { tile, row, column }) => at(block, tile, row, column);

/** Which input place a tap of the window of one place reads, on one axis. Transposed, it is the place whose stamp puts that tap
 *  here, and none, NaN, between the stamps. */
function tapped(made, axis, place, tap) {
  const [stride, before, dilation] = [made.stride[axis], made.before[axis], made.dilation[axis]];
  if (made.kind === "conv") return place * stride - before + tap * dilation;
  const from = (place + before - tap * dilation) / stride;
  return Number.isInteger(from) ? from : NaN;
}

/** What a convolution's unit sums: one entry a plane that it reads {plane, values, weights, products, sum}, most telling first.
 *  Padding is 0; of a transposed one, NaN stands where no stamp lands. */
function windows({ made, input, weights, total }, { tile, plane, row, column }) {
  const [, depth, height, width] = weights.shape;
  const start = Math.floor(plane / (total / made.groups)) * depth;
  const outside = made.kind === "conv" ? 0 : NaN;
  const [rows, columns] = [Array.from({ length: height }, (_, i) => tapped(made, 0, row, i)), Array.from({ length: width }, (_, j) => tapped(made, 1, column, j))];
  const terms = [];
  for (let d = 0; d < depth; d++) {
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

/** The window that a pooling's unit reads of its own plane. Zeros of the padding count in a mean and never are the largest;
 *  NaN stands beyond it, where a last window of ceil mode overhangs. */
function pooled({ made, input }, { plane, row, column }) {
  const [, height, width] = input.shape;
  const [[top, bottom], [left, right]] = made.spans
    ? [made.spans[0][row], made.spans[1][column]]
    : [0, 1].map((axis) => [row, column][axis] * made.stride[axis] - made.before[axis]).map((first, axis) => [first, first + made.window[axis]]);
  const [above, beside] = made.spans ? [0, 0] : made.before;
  const values = [];
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const padding = made.kind === "average" && y >= -above && x >= -beside && y < height + above && x < width + beside ? 0 : NaN;
      values.push(inside([height, width], y, x) ? at(input, plane, y, x) : padding);
    }
  return { values, height: bottom - top, width: right - left, padded: top < 0 || left < 0 || bottom > height || right > width, ...reduce(made.kind, values) };
}

/** A window of the plane before, times the blur's fixed weights. The border is mirrored. */
function blurred({ made, input }, { plane, row, column }) {
  const [, height, width] = input.shape;
  const [rows, columns] = made.window;
  const [top, left] = [row * made.stride[0] - made.before[0], column * made.stride[1] - made.before[1]];
  const values = made.blur.map((_, i) => at(input, plane, sourceIndex(top + Math.floor(i / columns), height, "reflect"), sourceIndex(left + (i % columns), width, "reflect")));
  const products = values.map((value, i) => value * made.blur[i]);
  const mirrored = top < 0 || left < 0 || top + rows > height || left + columns > width;
  return { values, weights: made.blur, products, height: rows, width: columns, mirrored, value: products.reduce((a, b) => a + b, 0) };
}

/** What a fully connected unit sums: {values, weights, products} over all that come in. */
function connections({ input, weights }, { tile }) {
  const count = weights.shape[1];
  const own = weights.values.subarray(tile * count, (tile + 1) * count);
  const products = Float64Array.from(own, (weight, i) => weight * input.values[i]);
  return { values: input.values, weights: own, products, value: products.reduce((a, b) => a + b, 0) };
}

/** The number that came in at the unit's own place. */
function came({ input }, { plane, row, column }) {
  const [, height, width] = input.shape;
  return input.values[(plane * height + row) * width + column];
}

/** A way through a block: its sum, and {name, from, to} of each layer behind it that takes each number by itself. */
function way(source, unit) {
  const first = source.made.kind === "same" ? { value: came(source, unit) } : account(source, unit);
  const steps = source.steps.map(({ name, made }, i) => {
    const [from, to] = [valueAt(source.values[i], unit), valueAt(source.values[i + 1], unit)];
    return made.kind === "norm" ? { name, from, to, scale: made.scale[unit.tile], shift: made.shift[unit.tile] } : { name, from, to };
  });
  return { ...first, steps, end: valueAt(source.values.at(-1), unit) };
}

/** All that a unit is made of; `value` is what it comes to, or undefined where a function of each number alone is not told. */
export function account(source, unit) {
  const { made, input, biases } = source;
  const bias = biases.length ? biases[unit.tile] : 0;
  switch (made.kind) {
    case "conv":
    case "transposed":
    case "linear": {
      if (!source.weights) return {};
      const found = (made.kind === "linear" ? connections : windows)(source, unit);
      return { ...found, sum: found.value, value: found.value + bias };
    }
    case "max":
    case "average":
      return pooled(source, unit);
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
      const all = Array.from({ length: planes }, (_, plane) => input.values[(plane * height + unit.row) * width + unit.column]);
      const largest = Math.max(...all);
      const sum = all.reduce((total, z) => total + Math.exp(z - largest), 0);
      return { from: all[unit.plane], powers: Math.exp(largest) * sum, value: Math.exp(all[unit.plane] - largest) / sum };
    }
    case "added": {
      if (!source.ways) return {}; // a block within a block is not taken apart
      const ways = source.ways.map((one) => way(one, unit));
      return { ways, value: ways[0].end + ways[1].end };
    }
    case "flatten":
      return { value: input.values[unit.plane] };
  }
  return { from: came(source, unit) };
}
