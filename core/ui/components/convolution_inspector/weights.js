// A kernel's weights: each is dragged or written in its cell or, where cells are too small for a finger, one at a time.

import { PLANES } from "./output_in_words.js";
import { css, fittingFormat, ink, shade, typeSize } from "../kit/drawing.js";
import { FINGER, find, make } from "../kit/elements.js";
import { LARGEST_WEIGHT, formatNumber, fullSize } from "../kit/math.js";
import { number } from "../kit/number.js";

/** @typedef {import("./arithmetic.js").Hand} Hand */
/** @typedef {import("./arithmetic.js").View} View */
/** @typedef {{p: number, i: number, j: number}} Place A weight's plane, row and column. */

const WRITABLE = [20, 16]; // CSS pixels a cell must be wide and high for its weight to be written in it
const EDITOR = 60; // CSS pixels that the editor of one weight is high, with the gap above it

export class Weights {
  /** @type {View} */
  view;
  /** @type {number[]} width and height of a cell, in CSS pixels */
  size;
  /** @type {HTMLElement[]} a grid of cells for each plane */
  grids = [];
  /** @type {ReturnType<typeof number>[][]} a plane's weights, where they are written in their cells */
  numbers = [];
  /** @type {ReturnType<typeof number> | null} the weight that is written beside the grids, where cells are too small */
  one = null;
  /** @type {Place} of that one */
  chosen = { p: 0, i: 0, j: 0 };

  /** @param {Hand} hand */
  constructor(hand) {
    this.hand = hand;
    this.editor = make("div", { class: "one-weight", role: "group", "aria-label": "One weight of the kernel" });
  }

  /** The CSS pixels a cell needs at least to be written in. */
  static get least() {
    return WRITABLE[1];
  }

  /** Whether cells hold numbers. */
  get isWritable() {
    return this.size[0] >= WRITABLE[0] && this.size[1] >= WRITABLE[1];
  }

  /**
   * Return the CSS pixels that the editor of one weight is high, if there has to be one.
   * @param {View} view
   * @param {number[]} size
   */
  static editorHeight({ controls, settings, isTouched }, size) {
    const isSmall = Math.min(...size) < FINGER;
    return settings.kernel && isTouched && isSmall && controls.includes("weights") ? EDITOR : 0;
  }

  /**
   * Return the grids of a kernel and, where it takes one, the editor of one weight.
   * @param {View} view
   * @param {number[]} size
   */
  build(view, size) {
    this.view = view;
    this.size = size;
    const { kernel } = this;
    const byOne = Weights.editorHeight(view, size) > 0;
    const editable = view.controls.includes("weights") && this.isWritable && !byOne;
    this.numbers = kernel.map(() => []);
    this.grids = kernel.map((plane, p) => this.buildGrid(plane, p, editable, byOne));
    this.one = null;
    if (byOne) this.choose({ p: 0, i: Math.floor(kernel[0].length / 2), j: Math.floor(kernel[0][0].length / 2) });
    return { grids: this.grids, editor: byOne ? [this.editor] : [] };
  }

  /** The weights, plane by plane. */
  get kernel() {
    return this.view.settings.kernel ?? [];
  }

  /** @param {Place} place */
  index({ i, j }) {
    return i * this.kernel[0][0].length + j;
  }

  /** @param {Place} place */
  words({ p, i, j }) {
    return `row ${i + 1}, column ${j + 1}${this.kernel.length > 1 ? `, ${PLANES[p]}` : ""}`;
  }

  /**
   * @param {number[][]} plane
   * @param {number} p
   * @param {boolean} editable
   * @param {boolean} byOne whether a tap chooses the weight to write beside the grid
   */
  buildGrid(plane, p, editable, byOne) {
    const [width, height] = this.size;
    const grid = make("div", {
      class: `weights type-${typeSize(width)}`,
      style: `--width: ${width}px; --height: ${height}px; --columns: ${plane[0].length}`,
    });
    plane.forEach((row, i) =>
      row.forEach((_, j) => {
        const place = { p, i, j };
        const cell = editable ? this.buildWeight(place) : make("span", { title: `weight, ${this.words(place)}` });
        cell.addEventListener("pointerenter", () => this.hand.point(this.index(place), true));
        cell.addEventListener("pointerleave", () => this.hand.point(-1));
        if (byOne)
          cell.addEventListener("click", () => {
            this.choose(place);
            this.hand.point(this.index(place), true);
          });
        grid.append(cell);
      }),
    );
    return grid;
  }

  /**
   * Return a weight to drag or to write.
   * @param {Place} place
   * @param {boolean} bare
   */
  buildNumber(place, bare) {
    const { p, i, j } = place;
    return number({
      label: `${bare ? "weight, " : ""}${this.words(place)}`,
      help: "Every pixel that the window reaches is multiplied by it once.",
      low: -LARGEST_WEIGHT,
      high: LARGEST_WEIGHT,
      ends: false,
      step: 0.1,
      digits: 2,
      value: this.kernel[p][i][j],
      initial: this.view.reference?.kernel[p]?.[i]?.[j] ?? 0,
      bare,
      set: (value) => {
        const kernel = structuredClone(this.kernel);
        kernel[p][i][j] = value;
        this.hand.write(kernel);
      },
      refuse: (text) => this.hand.refuse(text),
    });
  }

  /**
   * Return a cell that is dragged or written in.
   * @param {Place} place
   */
  buildWeight(place) {
    const weight = this.buildNumber(place, true);
    this.numbers[place.p].push(weight);
    const index = this.index(place);
    weight.field.addEventListener("focusin", () => this.hand.point(index, true));
    weight.field.addEventListener("focusout", () => this.hand.point(-1));
    weight.field.addEventListener("keydown", (event) => {
      const below = event.key === "Enter" && this.grids[place.p].children[index + this.kernel[0][0].length];
      if (below) find(below, "input").focus();
    });
    return weight.field;
  }

  /**
   * Let one weight be written beside the grids, and mark its cell.
   * @param {Place} place
   */
  choose(place) {
    this.chosen = place;
    this.one = this.buildNumber(place, false);
    this.editor.replaceChildren(this.neighbor("‹", "Previous", -1), this.one.field, this.neighbor("›", "Next", 1));
    this.mark();
  }

  mark() {
    const index = this.index(this.chosen);
    this.grids.forEach((grid, p) =>
      Array.from(grid.children).forEach((cell, n) =>
        cell.classList.toggle("chosen", this.one !== null && p === this.chosen.p && n === index),
      ),
    );
  }

  /**
   * Return a button that goes on to the weight before or after the chosen one.
   * @param {string} sign
   * @param {string} name
   * @param {number} by
   */
  neighbor(sign, name, by) {
    const button = make("button", { type: "button", "aria-label": `${name} weight`, title: `${name} weight` }, sign);
    button.addEventListener("click", () => {
      const [rows, columns] = [this.kernel[0].length, this.kernel[0][0].length];
      const count = this.kernel.length * rows * columns;
      const next = (this.chosen.p * rows * columns + this.index(this.chosen) + by + count) % count;
      const index = next % (rows * columns);
      this.choose({ p: Math.floor(next / (rows * columns)), i: Math.floor(index / columns), j: index % columns });
      this.hand.point(index, true);
      find(this.editor, `[aria-label="${name} weight"]`).focus({ preventScroll: true });
    });
    return button;
  }

  /**
   * Show the weights of another kernel of the same size.
   * @param {View} view
   */
  paint(view) {
    this.view = view;
    const { kernel } = this;
    const { theme } = view;
    const [width] = this.size;
    const scale = { kind: "signed", limit: fullSize(kernel.flat(2)) };
    const format = fittingFormat(kernel.flat(2), width, theme, width >= 40 ? 3 : 2);
    this.grids.forEach((grid, p) =>
      kernel[p].flat().forEach((weight, n) => {
        const cell = /** @type {HTMLElement} */ (grid.children[n]);
        const rgb = shade(weight, scale, theme);
        cell.style.background = css(rgb);
        cell.style.color = ink(rgb);
        const written = this.numbers[p][n];
        if (written) written.show(weight, format(weight));
        else if (this.isWritable) cell.textContent = format(weight);
      }),
    );
    const { p, i, j } = this.chosen;
    this.one?.show(kernel[p][i][j], formatNumber(kernel[p][i][j], 2));
  }

  /**
   * Lift the weights of one place of the window out of the others; -1 for none.
   * @param {number} index
   */
  lift(index) {
    for (const grid of this.grids)
      Array.from(grid.children).forEach((cell, n) => cell.classList.toggle("lifted", n === index));
  }
}
