// How a unit's sum is shown: elements made of its account.

import { paintSmall } from "../kit/drawing.js";
import { make } from "../kit/elements.js";
import { formatNumber, fullSize, gridFormat } from "../kit/math.js";
import { account, numbersOf, squashed, valueAt } from "./unit_arithmetic.js";
import { PICTURE_NAME, planeName } from "./contributions.js";

/** @typedef {import("./unit_arithmetic.js").Account} Account */
/** @typedef {import("./unit_arithmetic.js").Source} Source */
/** @typedef {import("./unit_arithmetic.js").Term} Term */
/** @typedef {import("./unit_arithmetic.js").Way} Way */
/** @typedef {import("./unit_arithmetic.js").Unit & {value: number, capsule?: number[]}} Unit `capsule`: all its numbers. */
/** @typedef {{room: number, theme: import("../kit/drawing.js").Theme, ratio: number}} View The room is in CSS pixels. */
/** @typedef {[label: string, values: number[], marked?: number]} Grid `marked` is the index of a cell to ring, or -1. */

const TELLING = 3; // planes whose sums are shown in full
const LEGIBLE = 7; // CSS pixels of a cell of a long list, at least where there is room
const TOO_MANY = "The layer has too many weights to send: its sums are not shown.";

/**
 * Return small grids side by side with signs between them.
 * @param {Grid[]} grids
 * @param {string[]} signs
 * @param {number} rows
 * @param {number} columns
 * @param {number} unit CSS pixels of a cell
 * @param {View} view
 */
function gridsRow(grids, signs, rows, columns, unit, { theme, ratio }) {
  const term = make("div", { class: "term" });
  grids.forEach(([label, values, marked = -1], i) => {
    if (i) term.append(make("span", { class: "sign" }, signs[i - 1]));
    const canvas = make("canvas", { "aria-hidden": "true" });
    paintSmall(
      canvas,
      values,
      rows,
      columns,
      Math.round(unit * ratio),
      ratio,
      { kind: "signed", limit: fullSize(values) },
      theme,
      gridFormat(values),
      marked,
    );
    term.append(make("div", {}, make("small", {}, label), canvas));
  });
  return term;
}

const sign = (/** @type {number} */ number) => `${number < 0 ? "−" : "+"} ${formatNumber(Math.abs(number))}`;
const paragraph = (/** @type {(Node | string)[]} */ ...text) => make("p", {}, ...text);
const quiet = (/** @type {string} */ text) => make("p", { class: "quiet" }, text);
const cellFor = (/** @type {number} */ room, /** @type {number} */ width) =>
  Math.max(3, Math.min(30, Math.floor((room - 44) / (3 * width))));

/**
 * Return the sum behind a unit, as elements.
 * @param {View} view
 * @param {Source} source
 * @param {Unit} unit
 * @param {Account} [found] the unit's account, where it is known already
 * @returns {HTMLElement[]}
 */
export function tellSum(view, source, unit, found = account(source, unit)) {
  const value = formatNumber(unit.value);
  switch (source.made.kind) {
    case "conv":
    case "transposed":
      return found.terms ? convolution(view, source, unit, found) : [quiet(TOO_MANY)];
    case "linear":
      return found.products ? connected(view, source, unit, found) : [quiet(TOO_MANY)];
    case "max":
    case "average": {
      const room = Math.max(1, Math.min(40, Math.floor(view.room / found.width)));
      const zeros = found.padded && source.made.kind === "average" ? ", including zeros of the padding" : "";
      const sentence =
        source.made.kind === "max"
          ? `The largest of these ${found.count} values is the output: ${value}.`
          : `The mean of these ${found.count} values${zeros}: ${value}.`;
      return [
        gridsRow(
          [[`${source.inputName}, plane ${unit.plane + 1}`, found.values, found.winner]],
          [],
          found.height,
          found.width,
          room,
          view,
        ),
        paragraph(sentence),
      ];
    }
    case "blur": {
      /** @type {Grid[]} */
      const grids = [
        [`plane ${unit.plane + 1}`, found.values],
        ["fixed weights", found.weights],
        ["products", found.products],
      ];
      const mirror = found.mirrored ? " Beyond the border the plane is mirrored." : "";
      return [
        quiet(`${source.inputName}: a mean weighted toward the center.${mirror}`),
        gridsRow(grids, ["×", "="], found.height, found.width, cellFor(view.room, found.width), view),
        paragraph(`The ${found.products.length} products add up to ${value}.`),
      ];
    }
    case "norm":
      return [
        paragraph(`Input ${formatNumber(found.from)}. ${normed(found)} = ${value}, with the plane's scale and shift.`),
      ];
    case "relu":
      return [
        paragraph(
          found.from < 0
            ? `Input ${formatNumber(found.from)}. It is negative, so the output is 0.`
            : `Input ${formatNumber(found.from)}. It is not negative, so it is unchanged.`,
        ),
      ];
    case "softmax": {
      const power = () => ["e", make("sup", {}, "z")];
      const all = source.input.shape[0].toLocaleString("en-US");
      return [
        paragraph(
          `Input z = ${formatNumber(found.from)}. `,
          ...power(),
          ` is ${formatNumber(Math.exp(found.from))}, and the `,
          ...power(),
          ` of all ${all} add up to ${formatNumber(found.powers)}: the probability is ${formatNumber(unit.value, 4)}.`,
        ),
      ];
    }
    case "added":
      return source.ways
        ? added(view, source.ways, unit, found)
        : [quiet("The sum of the two branches of an inner block.")];
    case "unchanged":
      return [paragraph("The capsules pass unchanged. In training, the decoder redraws the picture from one of them.")];
    case "length": {
      const squares = found.values
        .slice(0, TELLING)
        .map((v) => (v < 0 ? `(${formatNumber(v)})²` : `${formatNumber(v)}²`));
      const rest = found.values.length > TELLING ? " + …" : "";
      return [
        gridsRow(
          [[`${source.inputName}, capsule ${unit.plane + 1}`, found.values]],
          [],
          1,
          found.values.length,
          cellFor(3 * view.room, found.values.length),
          view,
        ),
        paragraph(`√(${squares.join(" + ")}${rest}) = ${value}: the length of the capsule.`),
      ];
    }
    case "told":
      return [paragraph(`The output is ${value}: ${source.made.sentence}`)];
    case "squashed":
      return unit.capsule ? capsule(view, source, unit, unit.capsule) : [];
    case "flatten": {
      const [, height, width] = source.input.shape;
      if (source.made.capsules)
        return [
          paragraph(
            `The value is unchanged. It is number ${(unit.plane % width) + 1} of capsule ${Math.floor(unit.plane / width) + 1}.`,
          ),
        ];
      const [plane, rest] = [Math.floor(unit.plane / (height * width)), unit.plane % (height * width)];
      return [
        paragraph(
          `The value is unchanged; only its position is lost. It comes from plane ${plane + 1}, row ${Math.floor(rest / width) + 1}, column ${(rest % width) + 1}.`,
        ),
      ];
    }
  }
  return [paragraph(`Input ${formatNumber(found.from)}, output ${value}: each number separately.`)];
}

/**
 * Return a norm's scale and shift of one plane in words: "0.52 × 1.2 − 0.3".
 * @param {{from: number, scale?: number, shift?: number}} norm
 */
const normed = ({ from, scale = 1, shift = 0 }) => `${formatNumber(from)} × ${formatNumber(scale)} ${sign(shift)}`;

/**
 * Return a convolution's sum.
 * @param {View} view
 * @param {Source} source
 * @param {Unit} unit
 * @param {Account} account
 */
function convolution(view, source, unit, { terms, height, width }) {
  const { made, inputName, biases } = source;
  const isPicture = inputName === PICTURE_NAME;
  const cell = cellFor(view.room, width);
  const shown = terms.slice(0, TELLING).map((term) =>
    gridsRow(
      [
        [planeName(source, term.plane), term.values],
        ["weights", term.weights],
        [`products: ${formatNumber(term.sum)}`, term.products],
      ],
      ["×", "="],
      height,
      width,
      cell,
      view,
    ),
  );
  const rest = terms.slice(TELLING).reduce((sum, term) => sum + term.sum, 0);
  const parts = terms.slice(0, TELLING).map(({ sum }, i) => (i ? sign(sum) : formatNumber(sum)));
  if (terms.length > TELLING) parts.push(`${sign(rest)} (the ${terms.length - TELLING} other planes together)`);
  if (biases.length) parts.push(`${sign(biases[unit.tile])} (bias)`);
  const many = isPicture
    ? []
    : [
        quiet(
          terms.length > TELLING
            ? `${inputName}: the ${TELLING} of ${terms.length} planes that contribute most here.`
            : `${inputName}:`,
        ),
      ];
  return [
    paragraph(`${parts.join(" ")} = ${formatNumber(unit.value)}`),
    ...(made.kind === "transposed" ? [quiet(transposedTerms(terms[0], height, width, terms.length))] : many),
    ...shown,
  ];
}

/**
 * Describe how many scaled kernels add to one unit of a transposed convolution.
 * @param {Term} term
 * @param {number} height
 * @param {number} width
 * @param {number} planes
 */
function transposedTerms({ values }, height, width, planes) {
  const landing = values.filter((value) => !Number.isNaN(value)).length;
  const empty = landing < height * width ? " Empty cells have none." : "";
  const which = planes > TELLING ? ` The ${TELLING} of ${planes} planes that contribute most here:` : "";
  return `Each input value adds a scaled ${height} × ${width} kernel; ${landing} of them ${landing === 1 ? "reaches" : "reach"} this unit, each with a different weight.${empty}${which}`;
}

/**
 * Return a fully connected unit's sum.
 * @param {View} view
 * @param {Source} source
 * @param {Unit} unit
 * @param {Account} account
 */
function connected(view, source, unit, { values, weights, products, sum }) {
  const count = products.length;
  const columns = stripLength(count);
  const rows = Math.ceil(count / columns);
  const filled = (/** @type {number[]} */ numbers) =>
    Array.from({ length: rows * columns }, (_, i) => (i < count ? numbers[i] : NaN));
  const cell = cellSide(columns, view.room);
  /** @type {Grid[]} */
  const grids = [
    [source.inputName, filled(values)],
    ["weights", filled(weights)],
    ["products", filled(products)],
  ];
  const largest = [...products.keys()].sort((a, b) => Math.abs(products[b]) - Math.abs(products[a])).slice(0, TELLING);
  const terms = largest.map(
    (i) =>
      `${formatNumber(values[i])} × ${formatNumber(weights[i])} = ${formatNumber(products[i])} (input ${(i + 1).toLocaleString("en-US")})`,
  );
  const bias = source.biases.length ? ` ${sign(source.biases[unit.tile])} (bias)` : "";
  return [
    paragraph(
      `${formatNumber(sum)} (the sum of all ${count.toLocaleString("en-US")} products)${bias} = ${formatNumber(unit.value)}`,
    ),
    quiet(`The largest products: ${terms.join("; ")}.`),
    gridsRow(grids, ["×", "="], rows, columns, cell, view),
  ];
}

/**
 * Return a capsule's squash, and before it, of a routing, the sum of what is predicted for one of its numbers.
 * @param {View} view
 * @param {Source} source
 * @param {Unit} unit
 * @param {number[]} numbers the capsule
 */
function capsule(view, source, unit, numbers) {
  const { values, weights, products, before, length, long, sum } = squashed(source, unit, numbers);
  const cell = Math.max(3, Math.min(30, Math.floor((view.room - 60) / (2 * numbers.length))));
  const factor = long && Number.isFinite(long) ? length / long : 0;
  const squash = [
    gridsRow(
      [
        [source.made.routed ? "the sum" : "the convolution", before],
        ["squashed", numbers],
      ],
      ["→"],
      1,
      numbers.length,
      cell,
      view,
    ),
    paragraph(
      `The vector is ${formatNumber(long)} long; the squash makes it ${formatNumber(length)} long: each number times ${formatNumber(factor)}. This one: ${formatNumber(before[unit.column])} × ${formatNumber(factor)} = ${formatNumber(unit.value)}`,
    ),
  ];
  if (!weights || !products) return squash;
  const count = products.length;
  const columns = stripLength(count);
  const rows = Math.ceil(count / columns);
  const filled = (/** @type {number[]} */ list) =>
    Array.from({ length: rows * columns }, (_, i) => (i < count ? list[i] : NaN));
  const small = cellSide(columns, view.room);
  /** @type {Grid[]} */
  const grids = [
    ["predictions", filled(values)],
    ["coupling coefficients", filled(weights)],
    ["products", filled(products)],
  ];
  const largest = [...products.keys()].sort((a, b) => Math.abs(products[b]) - Math.abs(products[a])).slice(0, TELLING);
  const terms = largest.map(
    (i) =>
      `${formatNumber(values[i], 3)} × ${formatNumber(weights[i], 3)} = ${formatNumber(products[i], 3)} (capsule ${(i + 1).toLocaleString("en-US")})`,
  );
  return [
    gridsRow(grids, ["×", "="], rows, columns, small, view),
    quiet(`The largest products: ${terms.join("; ")}.`),
    paragraph(
      `${formatNumber(sum)} is the sum of all ${count.toLocaleString("en-US")} products: what the capsules before predict for this number, each as much as it counts.`,
    ),
    ...squash,
  ];
}

/**
 * Return a residual block's sum: both ways on a line each, their sum, then how each way's number came to be.
 * @param {View} view
 * @param {Source[]} sources
 * @param {Unit} unit
 * @param {Account} account
 */
function added(view, [through, beside], unit, { ways: [body, past] }) {
  const straight = past.steps.length === 0 && beside.made.kind === "same";
  const sum = paragraph(
    make(
      "b",
      {},
      `${formatNumber(body.end)} (through the block) ${sign(past.end)} (shortcut) = ${formatNumber(unit.value)}`,
    ),
  );
  const shortcut = straight
    ? [paragraph(make("b", {}, "Shortcut"), `: ${formatNumber(past.end)}, the input, unchanged`)]
    : branch(view, beside, unit, past, "Shortcut");
  return [sum, ...branch(view, through, unit, body, "Through the block"), ...shortcut];
}

/**
 * Return one way: the sum of its last layer that sums, then what each number by itself became.
 * @param {View} view
 * @param {Source} source
 * @param {Unit} unit
 * @param {Way} way
 * @param {string} name
 */
function branch(view, source, unit, { steps }, name) {
  const own = {
    value: valueAt(source.values[0], unit),
    capsule: unit.capsule && numbersOf(source.values[0], unit.tile),
  };
  const start = source.made.kind === "same" ? [] : tellSum(view, source, { ...unit, ...own });
  const after = steps.map((step) =>
    step.scale === undefined
      ? `${step.name}: ${formatNumber(step.from)} becomes ${formatNumber(step.to)}`
      : `${step.name}: ${normed(step)} = ${formatNumber(step.to)}`,
  );
  const heading = paragraph(
    make("b", {}, name),
    `: ${source.name ? `its last sum, ${source.name}` : "the input"}${steps.length ? `, then ${steps.map((step) => step.name).join(", ")}` : ""}`,
  );
  return [heading, ...start, ...after.map((line) => paragraph(line))];
}

/**
 * Return how many units of a flat list stand in one strip. A square number of them, a flattened picture, is shown as a square.
 * @param {number} count
 */
export function stripLength(count) {
  const side = Math.sqrt(count);
  if (Number.isInteger(side) && count > 16) return side;
  return count <= 16 ? 1 : 2 ** Math.ceil(Math.log2(side)); // about as high as wide, so that each unit is large
}

/**
 * Return the side of a cell, in CSS pixels, where three grids of a list stand in a row; where the cells would be too
 * small to be told apart, they are larger and the grids go to the next row.
 * @param {number} columns
 * @param {number} room CSS pixels
 */
export function cellSide(columns, room) {
  const inOneRow = Math.floor((room - 44) / (3 * columns));
  const legible = Math.min(LEGIBLE, Math.floor((room - 20) / columns));
  return Math.max(1, legible, Math.min(10, inOneRow));
}
