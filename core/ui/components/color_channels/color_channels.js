// A color picture is three planes of light. Added, they are the picture; pulled apart, each is seen; weighed, they are gray.

import { mountPart } from "../kit/component.js";
import { outline, paintGrid, penOf, readTheme } from "../kit/drawing.js";
import { arrowStep, clamp, make, onCells } from "../kit/elements.js";
import { decodePixels, formatNumber, gridFormat } from "../kit/math.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/math.js").Planes} Planes */

const NAMES = ["red", "green", "blue"];
const STACKED_BELOW = 640; // CSS pixels
const PULL_MS = 300;

/**
 * Return the gray value at one place: the three numbers weighed and summed.
 * @param {number[]} three
 * @param {number[]} weights
 */
export const weigh = (three, weights) => three.reduce((sum, v, c) => sum + v * weights[c], 0);

class Channels {
  /** @type {{image: import("../kit/math.js").Encoded, alt: string, luminance: number[]}} */
  data;
  /** @type {Planes} */
  image;
  /** @type {HTMLCanvasElement[]} */
  tinted;
  /** @type {number[]} */
  weights;
  /** @type {number} */
  width;
  /** @type {number} */
  ratio;
  /** @type {number} */
  unit;
  /** @type {number} */
  gap;
  /** @type {boolean} */
  stacked;
  /** @type {Theme} */
  theme;
  /** @type {number} */
  frame;

  /** @param {Parent} parent */
  constructor(parent) {
    this.pulled = 0; // 0 together, 1 side by side
    this.place = [0, 0]; // row and column under the pointer
    this.planes = make("canvas", { role: "img" });
    this.gray = make("canvas", { role: "application", "aria-roledescription": "grid of pixels", tabindex: 0 });
    this.gray.addEventListener("keydown", (event) => {
      const step = arrowStep(event);
      if (step) this.point(this.place[0] + step[0], this.place[1] + step[1]);
    });
    this.pull = make("input", {
      type: "range",
      min: 0,
      max: 1,
      step: 0.01,
      value: 0,
      "aria-label": "Separate the planes",
    });
    this.pull.addEventListener("input", () => {
      this.pulled = this.pull.valueAsNumber;
      this.draw();
    });
    this.sliders = NAMES.map((name) =>
      make("input", { type: "range", min: 0, max: 1, step: 0.001, "aria-label": `weight of ${name}` }),
    );
    this.values = NAMES.map(() => make("output"));
    this.sliders.forEach((slider, c) =>
      slider.addEventListener("input", () => this.weighWith(c, slider.valueAsNumber)),
    );
    /** @type {(label: string, weights: () => number[]) => HTMLButtonElement} */
    const preset = (label, weights) => {
      const button = make("button", { type: "button" }, label);
      button.addEventListener("click", () => this.setWeights(weights()));
      return button;
    };
    const rows = NAMES.map((name, c) => make("label", {}, make("span", {}, name), this.sliders[c], this.values[c]));
    this.caption = make("figcaption");
    this.grayCaption = make("figcaption");
    this.numbers = make("p", { class: "numbers", "aria-live": "polite" });
    this.weighing = make(
      "div",
      { class: "weights" },
      ...rows,
      make(
        "div",
        { class: "presets" },
        preset("Luminance (BT.601)", () => this.data.luminance),
        preset("Equal", () => [1 / 3, 1 / 3, 1 / 3]),
        preset("Red only", () => [1, 0, 0]),
      ),
    );
    this.root = make(
      "div",
      { class: "channels" },
      make(
        "figure",
        { class: "cube" },
        this.caption,
        this.planes,
        make("label", {}, "together", this.pull, "apart"),
        this.numbers,
      ),
      make("figure", {}, this.grayCaption, this.gray, this.weighing),
    );
    parent.append(this.root);
    /** @type {[() => number, () => number]} */
    const scale = [() => this.ratio, () => this.unit];
    onCells(this.gray, ...scale, (y, x) => this.point(y, x));
    onCells(this.planes, ...scale, (y, x) => {
      const { width, height } = this.image;
      const shifts = NAMES.map((_, c) => this.shift(c).map((v) => v / this.unit));
      const over = shifts.find(([dx, dy]) => x >= dx && x < dx + width && y >= dy && y < dy + height) ?? shifts[0];
      this.point(Math.floor(y - over[1]), Math.floor(x - over[0]));
    });
    this.resizes = new ResizeObserver(() => this.root.clientWidth !== this.width && this.image && this.arrange());
    this.resizes.observe(this.root);
  }

  dispose() {
    this.resizes.disconnect();
    cancelAnimationFrame(this.frame);
    this.root.remove();
  }

  /** @param {Channels["data"]} data */
  update(data) {
    const isFirst = !this.data;
    this.data = data;
    this.image = decodePixels(data.image);
    this.tinted = NAMES.map((_, c) => this.plane(c));
    this.place = [Math.floor(this.image.height / 2), Math.floor(this.image.width / 2)];
    this.weights ??= [...data.luminance];
    this.arrange();
    if (isFirst && matchMedia("(prefers-reduced-motion: reduce)").matches) this.moveApart(1);
    else if (isFirst) this.pullApart();
  }

  /**
   * Return plane c as a small canvas in its own light.
   * @param {number} c
   */
  plane(c) {
    const { width, height, values } = this.image;
    const canvas = make("canvas", { width, height });
    const pixels = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      pixels.data[4 * i + c] = 255 * values[c * width * height + i];
      pixels.data[4 * i + 3] = 255;
    }
    penOf(canvas).putImageData(pixels, 0, 0);
    return canvas;
  }

  arrange() {
    this.width = this.root.clientWidth;
    if (this.width === 0) return;
    this.ratio = window.devicePixelRatio || 1;
    this.theme = readTheme(this.root);
    this.stacked = this.width < STACKED_BELOW;
    this.root.classList.toggle("stacked", this.stacked);
    const { width, height } = this.image;
    const room = this.stacked ? this.width * 0.6 : (this.width - 60) / 4;
    this.unit = Math.max(1, Math.floor((room * this.ratio) / width));
    this.gap = 6 * Math.round(this.ratio);
    const [across, down] = [width * this.unit, height * this.unit];
    const size = this.stacked ? [across, 3 * down + 2 * this.gap] : [3 * across + 2 * this.gap, down];
    for (const [canvas, [w, h]] of /** @type {[HTMLCanvasElement, number[]][]} */ ([
      [this.planes, size],
      [this.gray, [across, down]],
    ])) {
      [canvas.width, canvas.height] = [w, h];
      canvas.style.width = `${w / this.ratio}px`;
    }
    this.caption.textContent = `3 × ${height} × ${width}: three planes of numbers`;
    this.setWeights(this.weights);
  }

  /**
   * Return where plane c lies, in device pixels: all in the middle when together.
   * @param {number} c
   */
  shift(c) {
    const step = this.pulled * ((this.stacked ? this.image.height : this.image.width) * this.unit + this.gap);
    const middle = (this.stacked ? this.image.height : this.image.width) * this.unit + this.gap;
    const along = Math.round(middle + (c - 1) * step);
    return this.stacked ? [0, along] : [along, 0];
  }

  pullApart() {
    const start = performance.now();
    const step = (/** @type {number} */ now) => {
      const t = clamp((now - start - PULL_MS) / (3 * PULL_MS), 0, 1); // together first, so that it is seen what comes apart
      this.moveApart(t * t * (3 - 2 * t));
      if (t < 1) this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  /** @param {number} share */
  moveApart(share) {
    this.pulled = share;
    this.pull.value = String(share);
    this.draw();
  }

  /**
   * @param {number} c
   * @param {number} value
   */
  weighWith(c, value) {
    this.setWeights(this.weights.map((old, i) => (i === c ? value : old)));
  }

  /** @param {number[]} weights */
  setWeights(weights) {
    this.weights = [...weights];
    const sum = weights.reduce((a, b) => a + b, 0);
    this.sliders.forEach((slider, c) => {
      slider.value = String(weights[c]);
      this.values[c].textContent = formatNumber(weights[c], 3);
    });
    const note =
      Math.abs(sum - 1) < 0.002
        ? ""
        : `; the weights sum to ${formatNumber(sum)}, so it gets ${sum < 1 ? "darker" : "brighter"}`;
    this.grayCaption.textContent = `Gray: weighted sum of the three${note}`;
    this.draw();
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  point(row, column) {
    const { width, height } = this.image;
    this.place = [clamp(row, 0, height - 1), clamp(column, 0, width - 1)];
    this.draw();
  }

  draw() {
    const { image, unit, weights } = this;
    const [width, height] = [image.width * unit, image.height * unit];
    const context = penOf(this.planes);
    context.clearRect(0, 0, this.planes.width, this.planes.height);
    context.imageSmoothingEnabled = false;
    context.globalCompositeOperation = "lighter"; // light adds: together the three are exactly the picture
    this.tinted.forEach((plane, c) => {
      const [x, y] = this.shift(c);
      context.drawImage(plane, x, y, width, height);
    });
    context.globalCompositeOperation = "source-over";
    const area = image.width * image.height;
    const values = Float64Array.from({ length: area }, (_, i) =>
      weigh([image.values[i], image.values[area + i], image.values[2 * area + i]], weights),
    );
    paintGrid(
      this.gray,
      { ...image, depth: 1, values },
      { kind: "gray", limit: 1 },
      unit,
      this.ratio,
      this.theme,
      gridFormat(values),
    );
    const [row, column] = this.place;
    NAMES.forEach((_, c) => {
      const [dx, dy] = this.shift(c);
      outline(context, dx + column * unit, dy + row * unit, unit, unit, this.ratio, this.theme);
    });
    outline(penOf(this.gray), column * unit, row * unit, unit, unit, this.ratio, this.theme);
    const three = NAMES.map((_, c) => image.values[c * area + row * image.width + column]);
    const products = three.map((v, c) => `${formatNumber(weights[c], 3)} × ${formatNumber(v)}`).join(" + ");
    const parts = three.map((v, c) => `${NAMES[c]} ${formatNumber(v)}`).join(", ");
    this.numbers.textContent = `Row ${row + 1}, column ${column + 1}: ${parts}. Gray: ${products} = ${formatNumber(weigh(three, weights))}.`;
    this.planes.setAttribute("aria-label", `${this.data.alt}, as a red, a green and a blue plane`);
    this.gray.setAttribute(
      "aria-label",
      `${this.data.alt}, in gray. Arrow keys move the pixel whose numbers are read.`,
    );
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(Channels, component);
}
