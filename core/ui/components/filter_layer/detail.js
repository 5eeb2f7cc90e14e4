// The selected plane: large, in whole screen pixels a pixel, with its filter, its bias and what it answers to.

import { css, ink, penOf, range, shade } from "../kit/drawing.js";
import { arrowStep, clamp, find, make } from "../kit/elements.js";
import { formatNumber, fullSize, gridFormat, LARGEST_WEIGHT } from "../kit/math.js";
import { RELU } from "../kit/meanings.js";
import { number } from "../kit/number.js";

/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/drawing.js").Scale} Scale */
/** @typedef {import("../kit/math.js").Planes} Planes */
/** @typedef {import("./filter_layer.js").FilterLayer} FilterLayer */
/** @typedef {number[][][]} Weights [plane][row][column] */

/** @typedef {{title: string, why: string, weights: Weights, plane: Planes, scale: Scale}} Twin Shown beside a filter. */

/**
 * @typedef {object} Given A filter as Python sends it.
 * @property {string} key
 * @property {string} title
 * @property {string} why
 * @property {Weights} weights
 * @property {number} bias
 * @property {number[][] | null} base the grid that `mix` weighs for the three colors
 * @property {string} mix
 * @property {boolean} isOwn whether the person made it
 * @property {Twin | null} twin
 */

/** @typedef {{bias?: number, relu?: boolean, mix?: string, weights?: Weights}} Edit */
/** @typedef {Given & {relu: boolean, isChanged: boolean, plane: Planes, scale: Scale}} Filter As the person has made it. */

const [WIDEST, HIGHEST] = [400, 300]; // CSS pixels of the large plane
const LARGEST_BIAS = 2;
const CHANNELS = ["red", "green", "blue"];

/**
 * Return how a plane's values become colors. A filter that keeps brightness and gives no value below zero shows a picture,
 * others diverge about zero; a few strong edges would leave all others pale, so 98 % of the values lie within the scale.
 * @param {Float64Array} values
 * @param {Weights} weights
 * @param {boolean} mayBePicture
 * @param {boolean} maySign whether a value may be below zero
 * @returns {Scale}
 */
export function scaleOf(values, weights, mayBePicture, maySign) {
  const gain = weights.flat(2).reduce((a, b) => a + b, 0);
  if (mayBePicture && !maySign && gain >= 0.5) return { kind: "gray", limit: 1 };
  return { kind: "signed", limit: fullSize(values, 0.98) };
}

/**
 * Paint one plane on a canvas of its own size. `answer` makes of a sum what the layer puts out.
 * @param {HTMLCanvasElement} canvas
 * @param {Planes} plane
 * @param {Scale} scale
 * @param {Theme} theme
 * @param {(value: number) => number} answer
 */
export function paintPlane(canvas, { height, width, values }, scale, theme, answer) {
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const pixels = new ImageData(width, height);
  values.forEach((v, i) => pixels.data.set([...shade(answer(v), scale, theme), 255], 4 * i));
  penOf(canvas).putImageData(pixels, 0, 0);
}

/**
 * Paint a filter as a picture: signed colors, or for a filter of a color picture its own colors about a middle gray.
 * @param {HTMLCanvasElement} canvas
 * @param {Weights} weights
 * @param {Theme} theme
 */
export function paintFilter(canvas, weights, theme) {
  const [rows, columns] = [weights[0].length, weights[0][0].length];
  const limit = fullSize(weights.flat(2));
  [canvas.width, canvas.height] = [columns, rows];
  const pixels = new ImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) {
    const three = weights.map((plane) => plane[Math.floor(i / columns)][i % columns]);
    const rgb =
      three.length === 1
        ? shade(three[0], { kind: "signed", limit }, theme)
        : three.map((w) => 127.5 * (1 + w / limit));
    pixels.data.set([...rgb, 255], 4 * i);
  }
  penOf(canvas).putImageData(pixels, 0, 0);
}

/** The selected plane in large: its words, its numbers and its filter's controls. */
export class Detail {
  /** @type {Filter} */
  filter;
  /** @type {number} CSS pixels of a pixel */
  times;
  /** @type {string} which filter and size the controls are made for */
  built;
  /** @type {ReturnType<typeof number>} */
  bias;
  /** @type {HTMLInputElement} */
  relu;
  /** @type {HTMLSelectElement | null} */
  mix;
  /** @type {HTMLButtonElement} */
  reset;
  /** @type {ReturnType<typeof number>[][][]} */
  cells;

  /** @param {FilterLayer} stack */
  constructor(stack) {
    this.stack = stack;
    this.title = make("h3");
    this.why = make("p", { class: "why" });
    this.canvas = make("canvas", { tabindex: "0", role: "application", "aria-roledescription": "plane of numbers" });
    this.reading = make("p", { class: "reading" });
    this.picture = make("canvas", { class: "filter", "aria-hidden": "true" });
    this.large = make("div", { class: "large" }, this.canvas, this.reading);
    this.twin = this.buildTwin();
    this.grids = make("div", { class: "grids" });
    this.controls = make("div", { class: "controls" });
    this.problem = make("p", { class: "problem", role: "alert", hidden: "" });
    this.editor = make("div", { class: "editor" }, this.grids, this.controls, this.problem);
    this.filterSide = make("div", { class: "words" }, this.title, this.why, this.picture, this.editor);
    this.root = make("div", { class: "detail" }, this.filterSide, this.large, ...this.twin.parts);
    this.cell = /** @type {number[] | null} */ (null); // row and column that are read
    /** @param {PointerEvent} event */
    const at = (event) => {
      const box = this.canvas.getBoundingClientRect();
      this.read([
        Math.floor((event.clientY - box.top) / this.times),
        Math.floor((event.clientX - box.left) / this.times),
      ]);
    };
    this.canvas.addEventListener("pointermove", at);
    this.canvas.addEventListener("pointerdown", at);
    this.canvas.addEventListener("pointerleave", () => this.read(null));
    this.canvas.addEventListener("blur", () => this.read(null));
    this.canvas.addEventListener("keydown", (event) => {
      const step = arrowStep(event);
      if (!step) return;
      const { height, width } = this.filter.plane;
      const [row, column] = this.cell ?? [Math.floor(height / 2), Math.floor(width / 2)];
      this.read([row + step[0], column + step[1]]);
    });
  }

  /** Build the same for a filter that is shown beside the selected one. */
  buildTwin() {
    const [title, why] = [make("h3"), make("p", { class: "why" })];
    const [picture, canvas] = [
      make("canvas", { class: "filter", "aria-hidden": "true" }),
      make("canvas", { role: "img" }),
    ];
    const parts = [make("div", { class: "words" }, title, why, picture), make("div", { class: "large" }, canvas)];
    return { title, why, picture, canvas, parts };
  }

  /**
   * Draw the filter's plane, its words and its controls.
   * @param {Filter} filter
   */
  show(filter) {
    const { stack } = this;
    this.filter = filter;
    const { plane, scale } = filter;
    const place = stack.filters.indexOf(filter) + 1;
    this.title.textContent = `Plane ${place} of ${stack.filters.length}: ${filter.title}${filter.isChanged && !filter.isOwn ? ", changed" : ""}`;
    this.why.textContent = filter.isChanged && !filter.isOwn ? "You have changed its weights." : filter.why;
    this.root.classList.toggle("twins", Boolean(filter.twin));
    this.times = Math.max(
      1,
      Math.floor(Math.min(this.large.clientWidth / plane.width, WIDEST / plane.width, HIGHEST / plane.height)),
    );
    paintPlane(this.canvas, plane, scale, stack.theme, (v) => stack.answer(filter, v));
    this.canvas.style.width = `${plane.width * this.times}px`;
    this.canvas.setAttribute("aria-label", this.inWords(filter));
    this.read(this.cell);
    this.showTwin(filter.twin);
    this.editor.hidden = !stack.data.editable;
    this.picture.hidden = stack.data.editable;
    if (!stack.data.editable) paintFilter(this.picture, filter.weights, stack.theme);
    if (stack.data.editable) this.showEditor(filter);
  }

  /** @param {Twin | null} twin */
  showTwin(twin) {
    for (const part of this.twin.parts) part.hidden = !twin;
    if (!twin) return;
    this.twin.title.textContent = twin.title;
    this.twin.why.textContent = twin.why;
    paintFilter(this.twin.picture, twin.weights, this.stack.theme);
    paintPlane(this.twin.canvas, twin.plane, twin.scale, this.stack.theme, (v) =>
      this.stack.data.relu ? Math.max(0, v) : v,
    );
    this.twin.canvas.style.width = `${twin.plane.width * this.times}px`;
    this.twin.canvas.setAttribute("aria-label", twin.title);
  }

  /**
   * Return what the plane holds, for a screen reader and for who cannot see its colors.
   * @param {Filter} filter
   */
  inWords(filter) {
    const answers = Float64Array.from(filter.plane.values, (v) => this.stack.answer(filter, v));
    const { height, width } = filter.plane;
    const { low, high } = range(answers);
    return `${filter.title}: ${height} × ${width} numbers from ${formatNumber(low)} to ${formatNumber(high)}. ${this.cut(filter)}`;
  }

  /**
   * Say how much of the plane ReLU sets to 0.
   * @param {Filter} filter
   */
  cut(filter) {
    const { values } = filter.plane;
    const share = Math.round((100 * values.filter((v) => v + filter.bias < 0).length) / values.length);
    return filter.relu ? `ReLU sets ${share} % of them to 0.` : `${share} % of them are below 0.`;
  }

  /**
   * Show the number under the pointer, and its window on the picture.
   * @param {number[] | null} cell
   */
  read(cell) {
    const { plane, scale, bias, relu } = this.filter;
    this.cell = cell && [clamp(cell[0], 0, plane.height - 1), clamp(cell[1], 0, plane.width - 1)];
    this.stack.frame(this.cell);
    if (!this.cell) {
      const limit = formatNumber(scale.limit);
      const range =
        scale.kind === "gray" ? "black is 0, white is 1" : `color scale: −${limit} (blue) to ${limit} (orange)`;
      this.reading.textContent = `${plane.height} × ${plane.width} px; ${range}. ${this.cut(this.filter)}`;
      return;
    }
    const sum = plane.values[this.cell[0] * plane.width + this.cell[1]];
    const steps =
      bias === 0
        ? formatNumber(sum, 3)
        : `${formatNumber(sum, 3)} ${bias < 0 ? "−" : "+"} ${formatNumber(Math.abs(bias), 3)} = ${formatNumber(sum + bias, 3)}`;
    const cut = relu && sum + bias < 0 ? "; ReLU makes it 0" : "";
    this.reading.textContent = `Row ${this.cell[0] + 1}, column ${this.cell[1] + 1}: ${steps}${cut}`;
  }

  // ---- the filter's controls ------------------------------------------------------------------------------------------

  /**
   * Set the controls as they stand for this filter: built anew only for another one, so that what is typed in stays.
   * @param {Filter} filter
   */
  showEditor(filter) {
    const shape = [filter.key, filter.weights.length, filter.weights[0].length].join();
    if (shape !== this.built) this.buildEditor(filter);
    this.built = shape;
    this.bias.show(filter.bias);
    this.relu.checked = filter.relu;
    if (this.mix) this.mix.value = filter.mix;
    this.reset.hidden = !filter.isChanged;
    this.paintWeights(filter);
  }

  /** @param {Filter} filter */
  buildEditor(filter) {
    this.problem.hidden = true;
    const inColor = filter.weights.length === 3;
    const unit = (inColor ? { 3: 40, 5: 32, 7: 32 } : { 3: 44, 5: 36, 7: 32 })[filter.weights[0].length];
    this.cells = filter.weights.map((plane, c) =>
      plane.map((row, y) => row.map((_, x) => this.buildCell(filter, c, y, x))),
    );
    this.grids.replaceChildren(
      ...this.cells.map((plane, c) => {
        const grid = make(
          "div",
          { class: "weights", style: `--unit: ${unit}px; --columns: ${plane[0].length}` },
          ...plane.flat().map(({ field }) => field),
        );
        return make("div", {}, make("p", { class: "label" }, inColor ? CHANNELS[c] : "weights"), grid);
      }),
    );
    this.bias = number({
      label: "bias",
      help: "Added to every number of the plane.",
      low: -LARGEST_BIAS,
      high: LARGEST_BIAS,
      step: 0.05,
      digits: 2,
      value: filter.bias,
      initial: 0,
      set: (bias) => this.stack.edit(this.filter, { bias }),
    });
    this.relu = make("input", { type: "checkbox", role: "switch" });
    this.relu.addEventListener("change", () => this.stack.edit(this.filter, { relu: this.relu.checked }));
    this.mix = inColor ? this.buildMix() : null;
    this.reset = make("button", { type: "button" }, filter.isOwn ? "Clear weights" : "Reset weights");
    this.reset.addEventListener("click", () => this.stack.edit(this.filter, { mix: this.filter.mix }));
    const mixing = this.mix ? [make("label", {}, "channel weights", this.mix)] : [];
    this.controls.replaceChildren(
      this.bias.field,
      make("label", { title: RELU }, this.relu, "ReLU on this plane"),
      ...mixing,
      this.reset,
    );
  }

  /** Return the choice of the filter's weight of red, green and blue. */
  buildMix() {
    const options = Object.entries(this.stack.data.mixes).map(([key, { title }]) =>
      make("option", { value: key }, title),
    );
    const select = make("select", { "aria-label": "channel weights" }, ...options);
    select.addEventListener("change", () => this.stack.edit(this.filter, { mix: select.value }));
    return select;
  }

  /**
   * Return a weight: dragged, stepped or written, as on the kernels page.
   * @param {Filter} filter
   * @param {number} c
   * @param {number} y
   * @param {number} x
   */
  buildCell(filter, c, y, x) {
    const color = filter.weights.length === 3 ? `, ${CHANNELS[c]}` : "";
    const given = this.stack.data.filters.find(({ key }) => key === filter.key);
    const cell = number({
      label: `weight, row ${y + 1}, column ${x + 1}${color}`,
      help: "Every pixel that the filter reaches is multiplied by it once.",
      low: -LARGEST_WEIGHT,
      high: LARGEST_WEIGHT,
      ends: false,
      step: 0.1,
      digits: 2,
      value: filter.weights[c][y][x],
      initial: given?.weights[c]?.[y]?.[x] ?? 0,
      bare: true,
      set: (value) => {
        const weights = structuredClone(this.filter.weights);
        weights[c][y][x] = value;
        this.stack.edit(this.filter, { weights });
      },
      refuse: (text) => {
        this.problem.hidden = text === null;
        this.problem.textContent = `“${text}” is not a weight: enter a number or a fraction. The last one is still in use.`;
      },
    });
    cell.field.addEventListener("keydown", (event) => {
      const below = event.key === "Enter" && this.cells[c][y + 1]?.[x];
      if (below) find(below.field, "input").focus();
    });
    return cell;
  }

  /** @param {Filter} filter */
  paintWeights(filter) {
    const limit = fullSize(filter.weights.flat(2));
    const format = gridFormat(filter.weights.flat(2));
    this.cells.forEach((plane, c) =>
      plane.forEach((row, y) =>
        row.forEach(({ field, show }, x) => {
          const weight = filter.weights[c][y][x];
          const rgb = shade(weight, { kind: "signed", limit }, this.stack.theme);
          [field.style.background, field.style.color] = [css(rgb), ink(rgb)];
          show(weight, format(weight));
        }),
      ),
    );
  }
}
