// How one unit came to be: pure functions of what a layer gets and of its weights, and how they are told. Blocks are
// {shape, values}, plane by plane. Uses elements.js, math.js and drawing.js of core/ui/inspector.

/** A block as Python packs it: base64 of little-endian int16, times a scale. */
export function unpack({ shape, scale, base64 }) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  return { shape, values: Float64Array.from(new Int16Array(bytes.buffer), (level) => level * scale) };
}

const at = ({ shape: [, height, width], values }, plane, y, x) => (y < 0 || x < 0 || y >= height || x >= width ? null : values[(plane * height + y) * width + x]);

/** What a convolution's unit sums: one entry a plane that it reads {plane, values, weights, products, sum}, most telling first.
 *  `filter` counts within the weights given, `plane` within the whole layer. Padding is 0. */
export function convTerms(input, weights, made, filter, plane, total, [row, column]) {
  const [, depth, height, width] = weights.shape;
  const start = Math.floor(plane / (total / made.groups)) * depth;
  const terms = [];
  for (let d = 0; d < depth; d++) {
    const term = { plane: start + d, values: [], weights: [], products: [], sum: 0 };
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) {
        const value = at(input, start + d, row * made.stride[0] - made.before[0] + i * made.dilation[0], column * made.stride[1] - made.before[1] + j * made.dilation[1]) ?? 0;
        const weight = weights.values[((filter * depth + d) * height + i) * width + j];
        term.values.push(value);
        term.weights.push(weight);
        term.products.push(value * weight);
        term.sum += value * weight;
      }
    terms.push(term);
  }
  return terms.sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum));
}

/** The window that a pooling's unit reads of its own plane; NaN in the padding and beyond. */
export function poolWindow(input, made, plane, [row, column]) {
  const values = [];
  for (let i = 0; i < made.window[0]; i++)
    for (let j = 0; j < made.window[1]; j++) values.push(at(input, plane, row * made.stride[0] - made.before[0] + i, column * made.stride[1] - made.before[1] + j) ?? NaN);
  return values;
}

/** What a fully connected unit sums: {values, weights, products, sum} over all that come in. */
export function linearTerms(input, weights, unit) {
  const count = weights.shape[1];
  const own = weights.values.subarray(unit * count, (unit + 1) * count);
  const products = own.map((weight, i) => weight * input.values[i]);
  return { values: input.values, weights: own, products, sum: products.reduce((a, b) => a + b, 0) };
}

const TELLING = 3; // planes whose sums are shown in full
const PICTURE_NAME = "The picture";
const COLORS = ["red", "green", "blue"];
const sizeOf = (values) => values.reduce((most, v) => (Number.isNaN(v) ? most : Math.max(most, Math.abs(v))), 0) || 1;

/** Small grids side by side: [label, values, index to ring or -1] with signs between them. `unit`: CSS pixels of a cell. */
function gridsRow(grids, signs, rows, columns, unit, theme, ratio) {
  const term = make("div", { class: "term" });
  grids.forEach(([label, values, marked = -1], i) => {
    if (i) term.append(make("span", { class: "sign" }, signs[i - 1]));
    const canvas = make("canvas", { "aria-hidden": "true" });
    paintSmall(canvas, values, rows, columns, Math.round(unit * ratio), ratio, { kind: "signed", limit: sizeOf(values) }, theme, formatNumber, marked);
    term.append(make("div", {}, make("small", {}, label), canvas));
  });
  return term;
}

const sign = (number) => `${number < 0 ? "−" : "+"} ${formatNumber(Math.abs(number))}`;
const paragraph = (text) => make("p", {}, text);
const quiet = (text) => make("p", { class: "quiet" }, text);

/** The sum behind a unit, as elements: view is {data, input, weights, room, theme, ratio}, unit {tile, plane, row, column, value}. */
export function tellSum(view, unit) {
  const { data, input, weights } = view;
  const { made } = data;
  const value = formatNumber(unit.value);
  const before = input.values;
  const place = [unit.row, unit.column];
  const own = data.flat ? unit.plane : (unit.plane * input.shape[1] + unit.row) * input.shape[2] + unit.column;
  switch (made.kind) {
    case "conv":
      return weights ? convolution(view, unit) : [quiet("The layer has too many weights to send: its sums are not shown.")];
    case "linear":
      return weights ? connected(view, unit) : [quiet("The layer has too many weights to send: its sums are not shown.")];
    case "max":
    case "average": {
      const values = poolWindow(input, made, unit.plane, place);
      const found = reduce(made.kind, values);
      const room = Math.max(1, Math.min(40, Math.floor(view.room / made.window[1])));
      const said = made.kind === "max" ? `The largest of these ${found.count} values is passed on: ${value}.` : `The mean of these ${found.count} values: ${value}.`;
      return [gridsRow([[`${data.inputName}, plane ${unit.plane + 1}`, values, found.winner]], [], ...made.window, room, view.theme, view.ratio), paragraph(said)];
    }
    case "relu":
      return [paragraph(before[own] < 0 ? `${formatNumber(before[own])} came in. It is below 0, so 0 goes out.` : `${formatNumber(before[own])} came in. It is not below 0, so it passes as it is.`)];
    case "flatten": {
      const [, height, width] = input.shape;
      const [plane, rest] = [Math.floor(unit.plane / (height * width)), unit.plane % (height * width)];
      return [paragraph(`The same number as before: plane ${plane + 1}, row ${Math.floor(rest / width) + 1}, column ${(rest % width) + 1}. Only the places in a picture are given up.`)];
    }
    case "each":
      return [paragraph(`${formatNumber(before[own])} came in, ${value} goes out: each number by itself.`)];
  }
  return [paragraph(`Made by ${made.how}.`)];
}

function convolution({ data, input, weights, room, theme, ratio }, unit) {
  const [, depth, height, width] = weights.shape;
  const terms = convTerms(input, weights, data.made, unit.tile, unit.plane, data.total, [unit.row, unit.column]);
  const cell = Math.max(3, Math.min(38, Math.floor((room - 44) / (3 * width))));
  const isPicture = data.inputName === PICTURE_NAME;
  const named = (plane) => (!isPicture ? `plane ${plane + 1}` : depth === 3 ? COLORS[plane] : "picture");
  const shown = terms.slice(0, TELLING).map((term) =>
    gridsRow([[named(term.plane), term.values], ["weights", term.weights], [`products: ${formatNumber(term.sum)}`, term.products]], ["×", "="], height, width, cell, theme, ratio),
  );
  const rest = terms.slice(TELLING).reduce((sum, term) => sum + term.sum, 0);
  const parts = terms.slice(0, TELLING).map(({ sum }, i) => (i ? sign(sum) : formatNumber(sum)));
  if (terms.length > TELLING) parts.push(`${sign(rest)} (the ${terms.length - TELLING} other planes together)`);
  if (data.biases.length) parts.push(`${sign(data.biases[unit.tile])} (bias)`);
  const many = isPicture ? [] : [quiet(depth > TELLING ? `${data.inputName}: the ${TELLING} of ${depth} planes that count most here.` : `${data.inputName}:`)];
  return [...many, ...shown, paragraph(`${parts.join(" ")} = ${formatNumber(unit.value)}`)];
}

function connected({ data, input, weights, room, theme, ratio }, unit) {
  const term = linearTerms(input, weights, unit.tile);
  const count = term.products.length;
  const columns = stripLength(count);
  const rows = Math.ceil(count / columns);
  const filled = (values) => Array.from({ length: rows * columns }, (_, i) => (i < count ? values[i] : NaN));
  const cell = Math.max(1, Math.min(10, Math.floor((room - 44) / (3 * columns))));
  const grids = [[data.inputName, filled(term.values)], ["weights", filled(term.weights)], ["products", filled(term.products)]];
  const largest = [...term.products.keys()].sort((a, b) => Math.abs(term.products[b]) - Math.abs(term.products[a])).slice(0, TELLING);
  const told = largest.map((i) => `${formatNumber(term.values[i])} × ${formatNumber(term.weights[i])} = ${formatNumber(term.products[i])} (input ${(i + 1).toLocaleString("en-US")})`);
  const bias = data.biases.length ? ` ${sign(data.biases[unit.tile])} (bias)` : "";
  return [
    gridsRow(grids, ["×", "="], rows, columns, cell, theme, ratio),
    quiet(`The largest products: ${told.join("; ")}.`),
    paragraph(`${formatNumber(term.sum)} (the sum of all ${count.toLocaleString("en-US")} products)${bias} = ${formatNumber(unit.value)}`),
  ];
}

/** How many units of a flat list stand in one strip. A square number of them, a flattened picture, is shown as a square. */
export function stripLength(count) {
  const side = Math.sqrt(count);
  if (Number.isInteger(side) && count > 16) return side;
  return count <= 16 ? 1 : 2 ** Math.ceil(Math.log2(Math.sqrt(4 * count)));
}
