// What stands between input and output: the window's values, the kernel, their products, and the answer.

import { Weights } from "./weights.js";
import { OPERATIONS } from "./output_in_words.js";
import { css, fittingFormat, ink, paintSmall, shade } from "../kit/drawing.js";
import { FINGER, clamp, find, make } from "../kit/elements.js";
import { formatNumber, fullSize } from "../kit/math.js";

/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/drawing.js").Scale} Scale */
/** @typedef {import("../kit/math.js").Settings} Settings */
/** @typedef {import("../kit/math.js").Terms} Terms */
/** @typedef {import("./comparison.js").Reference} Reference */
/** @typedef {{canvas: HTMLCanvasElement, lift: HTMLElement, root: HTMLElement}} Small A grid between input and output. */

/**
 * @typedef {object} View What the grids are built for.
 * @property {Settings} settings
 * @property {number} depth of the input
 * @property {string[]} controls
 * @property {Reference | null} reference
 * @property {boolean} stacked whether input and output stand one above the other
 * @property {boolean} isTouched whether a finger is what points
 * @property {number} width CSS pixels that there are
 * @property {number} ratio device pixels in a CSS pixel
 * @property {Theme} theme
 */

/**
 * @typedef {object} Hand What a person does in the grids.
 * @property {(place: number, ofKernel?: boolean) => void} point at a cell of the window, -1 at none
 * @property {(kernel: number[][][]) => void} write
 * @property {(text: string | null) => void} refuse what was written and is no weight; null once it is one
 */

const WORDS_OF_MIDDLE = 160; // CSS pixels of labels, signs and the sum, above and below its grids
const LARGE = 5; // rows or columns of a window, beyond which its cells hold no numbers
const IN_A_ROW = 3; // rows or columns of a window whose three grids stand side by side on a phone
const SIGNS_IN_A_ROW = 76; // CSS pixels of signs, gaps and air between those
const SIGNS_BESIDE = 60; // CSS pixels of signs and gaps between three grids in a row
const LEAST_CELL = 9; // CSS pixels a small cell is high

export class Middle {
  /** @type {View} */
  view;
  /** @type {number[]} width and height of a weight's cell, in CSS pixels */
  weightSize;
  isLarge = false;
  /** @type {number[]} of a cell of the window and of the products */
  smallSize;
  /** @type {string} what `fit` need not build again */
  shape;
  /** @type {Small[]} */
  windows;
  /** @type {Small[]} */
  products;
  /** @type {HTMLElement} */
  answer;

  /** @param {Hand} hand */
  constructor(hand) {
    this.hand = hand;
    this.weights = new Weights(hand);
    this.root = make("div", { class: "middle" });
  }

  /** Width and height of a small cell, in whole device pixels and in the CSS pixels that these are. */
  get cell() {
    const { ratio } = this.view;
    const device = this.smallSize.map((side) => Math.floor(side * ratio));
    return { device, shown: device.map((side) => side / ratio) };
  }

  /** The grid of the window's values, and that of the products. */
  get grids() {
    return { window: find(this.root, ".window .planes"), products: this.products[0]?.root };
  }

  /**
   * Build the grids that the settings need, and size them.
   * @param {View} view
   * @param {number} high CSS pixels that all of it may be high
   */
  fit(view, high) {
    this.view = view;
    const { settings, depth, controls, reference, stacked, isTouched } = view;
    const {
      operation,
      kernel,
      window: [rows, columns],
    } = settings;
    const deep = kernel !== null && kernel.length > 1;
    this.size(high, deep);
    const shape = JSON.stringify([
      [operation, rows, columns, deep, depth, stacked, isTouched, controls, reference?.kernel],
      [this.weightSize, this.smallSize],
    ]);
    if (shape !== this.shape) {
      this.shape = shape;
      this.build();
    }
    const [width, height] = this.cell.shown;
    for (const { canvas } of [...this.windows, ...this.products]) {
      canvas.style.width = `${columns * width}px`; // its place is known before the first frame is drawn
      canvas.style.height = `${rows * height}px`;
    }
    if (operation === "convolve") this.weights.paint(view);
  }

  build() {
    const { settings, depth, stacked } = this.view;
    const { operation, kernel, window } = settings;
    /** @type {(name: string, label: string, parts: Node[], below?: Node[]) => Node} */
    const block = (name, label, parts, below = []) =>
      make(
        "div",
        { class: `block ${name}` },
        make("div", { class: "label" }, label),
        make("div", { class: "planes" }, ...parts),
        ...below,
      );
    this.windows = Array.from({ length: depth }, () => this.buildSmall());
    this.products = operation === "convolve" ? this.windows.map(() => this.buildSmall()) : [];
    this.answer = make("div", { class: "answer" });
    const grids = (/** @type {Small[]} */ smalls) => smalls.map(({ root }) => root);
    const blocks = [block("window", depth === 3 ? "window: red, green, blue" : "window", grids(this.windows))];
    if (operation === "convolve" && kernel) {
      const { grids: weights, editor } = this.weights.build(this.view, this.weightSize);
      blocks.push(
        make("div", { class: "operator" }, "×"),
        block("kernel", "kernel", weights, editor),
        make("div", { class: "operator" }, "="),
        block("products", "products", grids(this.products)),
      );
    }
    const side = stacked && depth === 1 && Math.max(...window) <= IN_A_ROW ? "row" : this.isLarge ? "large" : "";
    this.root.replaceChildren(make("div", { class: `blocks ${side}` }, ...blocks), this.answer);
  }

  /**
   * Choose the cells' sizes: as wide as their numbers want, as high as there is room for all three grids.
   * @param {number} high
   * @param {boolean} deep
   */
  size(high, deep) {
    const { settings, depth, stacked, width } = this.view;
    const [rows, columns] = settings.window;
    const largest = Math.max(rows, columns);
    const room = largest > IN_A_ROW ? width : (width - SIGNS_IN_A_ROW) / 3;
    const single = stacked
      ? Math.min(FINGER, Math.floor(room / columns))
      : [0, 44, 44, 44, 36, 30, 30, 30, 26, 26, 23, 23][largest];
    const three = Math.min(single, Math.floor(Math.min(290, width - 40) / (3 * columns)));
    const finger = stacked && columns <= IN_A_ROW; // its weights are large enough for one
    const weight = finger ? FINGER : deep ? three : single;
    const small =
      depth === 3
        ? Math.min(three, 34)
        : finger
          ? Math.min(single, Math.floor((width - SIGNS_BESIDE - FINGER * columns) / (2 * columns)))
          : largest > 5
            ? Math.floor(single / 2)
            : largest > 3
              ? Math.min(single, 27)
              : single;
    this.isLarge = !stacked && depth === 1 && largest > LARGE; // window and products stand side by side
    const smalls = this.isLarge ? 1 : 2;
    const grids = settings.operation === "convolve" ? weight + smalls * small : small;
    const words = WORDS_OF_MIDDLE + Weights.editorHeight(this.view, [weight, weight]);
    const scale = stacked ? 1 : Math.min(1, (high - words) / (rows * grids));
    const least = Math.min(Weights.least, weight);
    const ofWeight = Math.max(least, Math.floor(weight * scale)); // to be written in, if need be at the others' cost
    const rest = grids === small ? small * scale : (grids * scale - ofWeight) / smalls;
    this.weightSize = [weight, ofWeight];
    this.smallSize = [small, clamp(Math.floor(rest), Math.min(small, LEAST_CELL), small)];
  }

  /** Return a grid of the window's values or of the products; pointing at one of its cells points at its weight. */
  buildSmall() {
    const [canvas, lift] = [make("canvas"), make("span", { class: "lift", hidden: "" })];
    const root = make("span", { class: "small" }, canvas, lift);
    const point = (/** @type {PointerEvent} */ event) => {
      const box = canvas.getBoundingClientRect();
      const [rows, columns] = this.view.settings.window;
      const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
      const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
      this.hand.point(clamp(row, 0, rows - 1) * columns + clamp(column, 0, columns - 1));
    };
    root.addEventListener("pointermove", point);
    root.addEventListener("pointerdown", point);
    root.addEventListener("pointerleave", (event) => event.pointerType === "touch" || this.hand.point(-1));
    return { canvas, lift, root };
  }

  /**
   * Draw the values of one window, and its answer.
   * @param {Terms} t
   * @param {{input: Scale, output: Scale}} scales
   * @param {number} weight the cell of the window that is pointed at, if any
   */
  draw(t, scales, weight) {
    const { ratio, theme, settings: s } = this.view;
    const { device, shown } = this.cell;
    const [rows, columns] = s.window;
    const pointed = weight < rows * columns ? weight : -1;
    // The planes' grids stand side by side: all are written with the same decimals.
    /** @type {(small: Small, values: number[], scale: Scale, marked: number, format: (v: number) => string) => void} */
    const small = ({ canvas, lift }, values, scale, marked, format) => {
      paintSmall(canvas, values, rows, columns, device, ratio, scale, theme, format, marked);
      lift.hidden = pointed < 0;
      const [width, height] = shown;
      lift.style.cssText = `left: ${(pointed % columns) * width}px; top: ${Math.floor(pointed / columns) * height}px; width: ${width}px; height: ${height}px`;
    };
    const plain = { kind: scales.input.kind === "signed" ? "signed" : "gray", limit: scales.input.limit };
    const products = t.planes.flatMap((p) => p.products ?? []);
    const limit = fullSize(products);
    const fitting = (/** @type {number[]} */ values) => fittingFormat(values, this.smallSize[0], theme);
    const [ofValues, ofProducts] = [fitting(t.planes.flatMap((p) => p.values)), fitting(products)];
    t.planes.forEach((plane, c) => {
      small(this.windows[c], plane.values, plain, plane.winner, ofValues);
      if (plane.products) small(this.products[c], plane.products, { kind: "signed", limit }, -1, ofProducts);
    });
    this.weights.lift(pointed);
    this.drawAnswer(t, scales.output);
  }

  /**
   * @param {Terms} t
   * @param {Scale} scale
   */
  drawAnswer(t, scale) {
    const { theme, settings: s } = this.view;
    const numbers = t.outputs.map((v) => formatNumber(v, 3));
    const sums = s.operation === "convolve" ? t.planes.map((p) => formatNumber(p.sum, 3)) : [];
    const steps = [];
    const isWhole = sums.length === 1 && s.bias === 0 && !s.relu; // the output is the sum, and says it
    if (isWhole) steps.push("sum");
    else if (t.outputs.length === 1 && sums.length) steps.push(`sum ${sums.join(" + ").replaceAll("+ −", "− ")}`);
    if (s.bias !== 0) steps.push(`bias ${formatNumber(s.bias, 3)}`);
    if (s.relu) steps.push("ReLU");
    if (t.outputs.length > 1) steps.unshift("red, green, blue");
    const how = s.operation === "convolve" ? steps.join(", ") : OPERATIONS[s.operation];
    const bold = numbers.map((n) => make("b", {}, n));
    this.answer.replaceChildren(make("span", { class: "label" }, how), ...bold);
    if (scale.kind !== "color" && t.outputs.length === 1) {
      const rgb = shade(t.outputs[0], scale, theme);
      bold[0].style.cssText = `background: ${css(rgb)}; color: ${ink(rgb)}`;
    }
  }
}
