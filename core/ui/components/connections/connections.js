// One output unit and its connections to a picture, in three ways of wiring: the same window of weights everywhere, a
// window of its own at each place, or every pixel.

import { mountPart } from "../kit/component.js";
import { outline, paintGrid, prepareCanvas, readTheme } from "../kit/drawing.js";
import { arrowStep, clamp, focused, make, onCells } from "../kit/elements.js";
import { compute, decodePixels, fullSize, gridFormat } from "../kit/math.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/drawing.js").Scale} Scale */
/** @typedef {import("../kit/math.js").Planes} Planes */
/** @typedef {import("../kit/math.js").Encoded} Encoded */
/** @typedef {"shared" | "local" | "full"} Way */

const STACKED_BELOW = 640; // CSS pixels
const QUIET_MS = 400; // pause before a screen reader gets an update
const STRONGEST = 0.9; // opacity of a line whose weight is the largest

/**
 * Return the weight of one connection: a number from -1 to 1 that looks random and depends on nothing but its place.
 * @param {number} unit
 * @param {number} pixel
 */
export function randomWeight(unit, pixel) {
  let h = (unit * 73856093) ^ (pixel * 19349663) ^ 0x9e3779b9;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1;
}

/**
 * Return the pixels that a unit at [row, column] reads, each with its weight; outside the picture: none.
 * @param {Way} way
 * @param {number[][]} kernel
 * @param {number} size
 * @param {number[]} cell
 */
export function connections(way, kernel, size, [row, column]) {
  const unit = row * size + column;
  /** @type {{row: number, column: number, weight: number}[]} */
  const found = [];
  if (way === "full") {
    for (let i = 0; i < size * size; i++)
      found.push({ row: Math.floor(i / size), column: i % size, weight: randomWeight(unit, i) });
    return found;
  }
  const reach = Math.floor(kernel.length / 2);
  kernel.forEach((weights, y) =>
    weights.forEach((shared, x) => {
      const [r, c] = [row + y - reach, column + x - reach];
      if (r < 0 || c < 0 || r >= size || c >= size) return;
      found.push({ row: r, column: c, weight: way === "shared" ? shared : randomWeight(unit, y * kernel.length + x) });
    }),
  );
  return found;
}

/** @typedef {{name: string, canvas: HTMLCanvasElement, caption: HTMLElement}} Side */

class Wiring {
  /** @type {{image: Encoded, kernel: number[][], way: Way, alt: string}} */
  data;
  /** @type {Planes} */
  image;
  /** @type {Planes} */
  plane;
  /** @type {number} */
  size;
  /** @type {number} */
  width;
  /** @type {number} */
  ratio;
  /** @type {number} */
  unit;
  /** @type {Theme} */
  theme;
  /** @type {Scale} */
  blank;
  /** @type {number} */
  speaking;

  /** @param {Parent} parent */
  constructor(parent) {
    this.cell = [0, 0];
    /** @type {(name: string, attributes: Record<string, string>) => Side} */
    const side = (name, attributes) => ({ name, canvas: make("canvas", attributes), caption: make("figcaption") });
    this.input = side("input", { role: "img" });
    this.output = side("output", { tabindex: "0", role: "application", "aria-roledescription": "plane of units" });
    this.weights = side("weights", { role: "img" });
    this.lines = make("canvas", { class: "lines", "aria-hidden": "true" });
    const figures = [this.input, this.output, this.weights].map(({ name, canvas, caption }) =>
      make("figure", { class: name }, caption, canvas),
    );
    this.spoken = make("p", { class: "spoken", "aria-live": "polite" });
    this.root = make("div", { class: "wiring" }, ...figures, this.lines, this.spoken);
    parent.append(this.root);
    const [ratio, unit] = [() => this.ratio, () => this.unit];
    onCells(this.output.canvas, ratio, unit, (row, column) => this.move(row, column));
    onCells(this.input.canvas, ratio, unit, (row, column) => this.move(row, column));
    this.output.canvas.addEventListener("keydown", (event) => {
      const step = arrowStep(event);
      if (step) this.move(this.cell[0] + step[0], this.cell[1] + step[1]);
    });
    this.resizes = new ResizeObserver(() => this.root.clientWidth !== this.width && this.data && this.arrange());
    this.resizes.observe(this.root);
  }

  dispose() {
    this.resizes.disconnect();
    clearTimeout(this.speaking);
    this.root.remove();
  }

  /** @param {Wiring["data"]} data */
  update(data) {
    this.data = data;
    this.image = decodePixels(data.image);
    const { height, width } = this.image;
    this.cell = this.size === width ? this.cell : [Math.floor(height / 2), Math.floor(width / 2)];
    this.size = width;
    const window = [data.kernel.length, data.kernel.length];
    this.plane = compute(this.image, {
      operation: "convolve",
      kernel: [data.kernel],
      window,
      stride: [1, 1],
      dilation: [1, 1],
      padding: "zero",
      amount: null,
      ceil: false,
      bias: 0,
      relu: false,
    }).output;
    this.arrange();
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  move(row, column) {
    this.cell = [clamp(row, 0, this.size - 1), clamp(column, 0, this.size - 1)];
    this.draw();
    clearTimeout(this.speaking);
    if (focused(this.root) === this.output.canvas)
      this.speaking = window.setTimeout(() => (this.spoken.textContent = this.inWords()), QUIET_MS);
  }

  arrange() {
    this.width = this.root.clientWidth;
    if (this.width === 0) return;
    this.ratio = window.devicePixelRatio || 1;
    this.theme = readTheme(this.root);
    const stacked = this.width < STACKED_BELOW;
    this.root.classList.toggle("stacked", stacked);
    const room = stacked ? (this.width - 40) / 2 : Math.min(300, (this.width - 220) / 3);
    this.unit = Math.max(1, Math.floor((room * this.ratio) / this.size));
    const side = (this.unit * this.size) / this.ratio;
    this.root.style.setProperty("--side", `${side}px`);
    const gray = { kind: "gray", limit: 1 };
    const format = () => "";
    paintGrid(this.input.canvas, this.image, gray, this.unit, this.ratio, this.theme, format);
    this.input.caption.textContent = `Picture, ${this.size} × ${this.size}`;
    this.output.caption.textContent = `Output, ${this.size} × ${this.size} units`;
    this.input.canvas.setAttribute("aria-label", this.data.alt);
    const limit = fullSize(this.plane.values);
    const isShared = this.data.way === "shared";
    const shown = isShared ? this.plane : { ...this.plane, values: new Float64Array(this.size ** 2) };
    const gain = this.data.kernel.flat().reduce((a, b) => a + b, 0);
    this.blank = { kind: isShared && gain >= 0.5 ? "gray" : "signed", limit: isShared && gain >= 0.5 ? 1 : limit };
    paintGrid(this.output.canvas, shown, this.blank, this.unit, this.ratio, this.theme, format);
    this.draw();
  }

  /** Lines from the pixels that the unit reads, colored by their weights, and those weights as a picture. */
  draw() {
    const { way, kernel } = this.data;
    const wires = connections(way, kernel, this.size, this.cell);
    const largest = fullSize(wires.map(({ weight }) => weight));
    const [from, to] = [this.place(this.input.canvas), this.place(this.output.canvas)];
    const box = this.root.getBoundingClientRect();
    const context = prepareCanvas(
      this.lines,
      Math.round(box.width * this.ratio),
      Math.round(box.height * this.ratio),
      this.ratio,
    );
    const cell = this.unit / this.ratio;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.lineWidth = way === "full" ? 0.6 : 2;
    const [endX, endY] = [to.left + (this.cell[1] + 0.5) * cell, to.top + (this.cell[0] + 0.5) * cell];
    const crowd = way === "full" ? Math.min(1, 300 / wires.length) : 1; // many lines must not become one surface
    for (const { row, column, weight } of wires) {
      const rgb = weight === 0 ? this.theme.text : weight < 0 ? this.theme.below : this.theme.above;
      context.strokeStyle = `rgb(${rgb.join(" ")} / ${(0.15 + (STRONGEST - 0.15) * (Math.abs(weight) / largest)) * crowd})`;
      context.beginPath();
      context.moveTo(from.left + (column + 0.5) * cell, from.top + (row + 0.5) * cell);
      context.lineTo(endX, endY);
      context.stroke();
    }
    const [rows, columns] = way === "full" ? [this.size, this.size] : [kernel.length, kernel.length];
    if (way !== "full") {
      const reach = Math.floor(kernel.length / 2);
      outline(
        context,
        from.left + (this.cell[1] - reach) * cell,
        from.top + (this.cell[0] - reach) * cell,
        rows * cell,
        columns * cell,
        1,
        this.theme,
      );
    } else outline(context, from.left, from.top, rows * cell, columns * cell, 1, this.theme);
    outline(context, to.left + this.cell[1] * cell, to.top + this.cell[0] * cell, cell, cell, 1, this.theme);
    this.drawWeights(rows, largest);
    this.output.canvas.setAttribute("aria-label", `${this.inWords()} Arrow keys move the unit.`);
  }

  /**
   * @param {number} rows
   * @param {number} largest
   */
  drawWeights(rows, largest) {
    const { way, kernel } = this.data;
    const unit = this.cell[0] * this.size + this.cell[1];
    const values = Float64Array.from({ length: rows * rows }, (_, i) =>
      way === "shared" ? kernel.flat()[i] : randomWeight(unit, i),
    );
    const side = way === "full" ? this.unit : Math.max(this.unit, Math.floor(Math.min(44, 132 / rows) * this.ratio));
    paintGrid(
      this.weights.canvas,
      { depth: 1, height: rows, width: rows, values },
      { kind: "signed", limit: largest },
      side,
      this.ratio,
      this.theme,
      gridFormat(values),
    );
    const count = (rows * rows).toLocaleString("en-US");
    const whose = {
      shared: `the same ${count} weights for every unit`,
      local: `${count} weights of its own`,
      full: `${count} weights of its own`,
    }[way];
    this.weights.caption.textContent = whose[0].toUpperCase() + whose.slice(1);
    this.weights.canvas.setAttribute("aria-label", whose);
  }

  inWords() {
    const { way, kernel } = this.data;
    const reads =
      way === "full"
        ? `all ${(this.size ** 2).toLocaleString("en-US")} pixels`
        : `a window of ${kernel.length} × ${kernel.length} pixels`;
    return `The unit in row ${this.cell[0] + 1}, column ${this.cell[1] + 1} reads ${reads}: ${this.weights.caption.textContent?.toLowerCase()}.`;
  }

  /** @param {Element} element */
  place(element) {
    const [box, origin] = [element.getBoundingClientRect(), this.root.getBoundingClientRect()];
    return { left: box.left - origin.left, top: box.top - origin.top };
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(Wiring, component);
}
