// A 3 x 3 window over a digit. Everything is drawn from `state`; the sums are computed once per kernel.

import { watchLooks } from "../kit/component.js";
import { luminance, markSquare, mix, penOf, sharpPen, toRgb } from "../kit/drawing.js";
import { arrowStep, clamp, find, make } from "../kit/elements.js";
import { fixed } from "../kit/math.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/drawing.js").Pen} Pen */
/** @typedef {import("../kit/drawing.js").Rgb} Rgb */

const SIDE = 28;
const F = 3;
const OUT = SIDE - F + 1;
const PER_SECOND = 130; // places the window visits
const REST = 1400; // ms a finished plane is shown before the next kernel begins
const MARK = "#E69F00";

const KERNELS = [
  {
    name: "Left edges",
    weights: [-1, 0, 1, -2, 0, 2, -1, 0, 1],
    words: "large where it turns bright from left to right",
  },
  {
    name: "Top edges",
    weights: [-1, -2, -1, 0, 0, 0, 1, 2, 1],
    words: "large where it turns bright from top to bottom",
  },
  {
    name: "Outline",
    weights: [-1, -1, -1, -1, 8, -1, -1, -1, -1],
    words: "large where a pixel differs from its neighbors",
  },
  {
    name: "Blur",
    weights: [1, 2, 1, 2, 4, 2, 1, 2, 1].map((w) => w / 16),
    words: "the mean of the neighborhood, the near ones counting more",
  },
];

/** @type {Record<"light" | "dark", [Rgb, Rgb]>} blue and orange, as in palette.css */
const ENDS = {
  light: [
    [0, 114, 178],
    [213, 94, 0],
  ],
  dark: [
    [86, 180, 233],
    [245, 161, 66],
  ],
};

/** @type {WeakMap<Element, () => void>} what ends the animation of each root */
const stops = new WeakMap();

/**
 * Let the window slide over the digit of `data`, rows of gray values from 0 to 255.
 * @param {Component} component
 */
export default function mount({ parentElement, data }) {
  const root = find(parentElement, ".sliding");
  stops.get(root)?.();
  /** @type {number[][]} */
  const digit = data.digit;
  /** @type {HTMLCanvasElement[]} */
  const [input, output, products] = [".input", ".output", ".products"].map((name) => find(root, name));
  const [sum, words, play] = [".value", ".words", ".play"].map((name) => find(root, name));
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const planes = KERNELS.map((kernel) => convolve(digit, kernel.weights));
  const state = { kernel: 0, place: 0, reached: 0, playing: !still.matches, rest: 0 };
  if (still.matches) Object.assign(state, { place: 12 * OUT + 16, reached: OUT * OUT });

  const buttons = KERNELS.map((kernel, index) => {
    const icon = make("canvas");
    const button = make("button", { type: "button" }, icon, kernel.name);
    button.onclick = () => begin(index);
    return { button, icon };
  });
  find(root, ".kernels").replaceChildren(...buttons.map(({ button }) => button));
  play.onclick = () => {
    state.playing = !state.playing;
    if (state.playing && state.reached >= OUT * OUT) begin(state.kernel);
    draw();
  };
  input.onpointermove = (event) => {
    const box = input.getBoundingClientRect();
    const at = (/** @type {number} */ offset, /** @type {number} */ size) =>
      clamp(Math.floor((offset / size) * SIDE) - 1, 0, OUT - 1);
    look(at(event.clientY - box.top, box.height), at(event.clientX - box.left, box.width));
  };
  input.onkeydown = (event) => {
    const step = arrowStep(event);
    if (!step) return;
    look(clamp(Math.floor(state.place / OUT) + step[0], 0, OUT - 1), clamp((state.place % OUT) + step[1], 0, OUT - 1));
  };

  /**
   * Start a new kernel at the top left; where nothing moves, its plane is there at once.
   * @param {number} index
   */
  function begin(index) {
    Object.assign(state, { kernel: index, place: 0, reached: 0, rest: 0 });
    if (still.matches && !state.playing) Object.assign(state, { place: 12 * OUT + 16, reached: OUT * OUT });
    else state.playing = true;
    draw();
  }

  /**
   * Move the window by hand: the animation stops, the plane is complete.
   * @param {number} row
   * @param {number} column
   */
  function look(row, column) {
    Object.assign(state, { playing: false, place: row * OUT + column, reached: OUT * OUT });
    draw();
  }

  let last = performance.now();
  let frame = 0;

  /** @param {number} now */
  function tick(now) {
    const elapsed = clamp(now - last, 0, 100);
    last = now;
    if (state.playing) {
      if (state.reached < OUT * OUT) {
        state.reached = Math.min(OUT * OUT, state.reached + (elapsed * PER_SECOND) / 1000);
        state.place = Math.min(OUT * OUT - 1, Math.floor(state.reached));
        draw();
      } else if ((state.rest += elapsed) > REST) begin((state.kernel + 1) % KERNELS.length);
    }
    frame = requestAnimationFrame(tick);
  }

  function draw() {
    const style = getComputedStyle(root);
    const paper = toRgb(style.getPropertyValue("--st-background-color").trim() || "#ffffff");
    const ink = style.color;
    const [kernel, plane] = [KERNELS[state.kernel], planes[state.kernel]];
    const [row, column] = [Math.floor(state.place / OUT), state.place % OUT];
    const width = root.clientWidth;
    const cell = width >= 900 ? 12 : width >= 620 ? 10 : Math.max(4, Math.floor((width - 24) / (SIDE + OUT)));

    const a = sharpPen(input, SIDE * cell, SIDE * cell);
    digit.forEach((line, y) => line.forEach((value, x) => fill(a, x, y, cell, [value, value, value])));
    markSquare(a, column * cell, row * cell, F * cell, MARK, 2);

    const b = sharpPen(output, OUT * cell, OUT * cell);
    const largest = Math.max(...plane.map(Math.abs));
    for (let i = 0; i < Math.floor(state.reached); i++)
      fill(b, i % OUT, Math.floor(i / OUT), cell, signed(plane[i] / largest, paper));
    b.strokeStyle = ink;
    b.globalAlpha = 0.35;
    b.strokeRect(0.5, 0.5, OUT * cell - 1, OUT * cell - 1);
    b.globalAlpha = 1;
    markSquare(b, column * cell, row * cell, cell, MARK, 2);

    drawProducts(kernel.weights, row, column, paper, ink);
    sum.textContent = `sum ${number(plane[state.place])}`;
    words.textContent = `${kernel.name}: ${kernel.words}`;
    play.textContent = state.playing ? "Pause" : "Play";
    buttons.forEach(({ button, icon }, index) => {
      button.setAttribute("aria-pressed", String(index === state.kernel));
      drawIcon(icon, KERNELS[index].weights, paper);
    });
  }

  /**
   * Draw the pixels under the window, times the kernel.
   * @param {number[]} weights
   * @param {number} row
   * @param {number} column
   * @param {Rgb} paper
   * @param {string} ink
   */
  function drawProducts(weights, row, column, paper, ink) {
    const size = root.clientWidth >= 620 ? 36 : 30;
    const c = sharpPen(products, 2 * F * size + 28, F * size);
    c.font = `12px ${getComputedStyle(root).fontFamily}`;
    c.textAlign = "center";
    c.textBaseline = "middle";
    weights.forEach((weight, i) => {
      const [x, y] = [i % F, Math.floor(i / F)];
      const value = digit[row + y][column + x];
      fill(c, x, y, size, [value, value, value]);
      c.fillStyle = value > 140 ? "#000" : "#fff";
      c.fillText((value / 255).toFixed(2), (x + 0.5) * size, (y + 0.5) * size);
      const left = F * size + 28 + x * size;
      const color = signed((weight / Math.max(...weights.map(Math.abs))) * 0.8, paper);
      c.fillStyle = `rgb(${color})`;
      c.fillRect(left, y * size, size, size);
      c.fillStyle = luminance(color) > 0.5 ? "#111" : "#fff";
      c.fillText(fraction(weight), left + size / 2, (y + 0.5) * size);
    });
    c.strokeStyle = ink;
    c.lineWidth = 1;
    c.globalAlpha = 0.35;
    c.strokeRect(0.5, 0.5, F * size - 1, F * size - 1);
    c.strokeRect(F * size + 28.5, 0.5, F * size - 1, F * size - 1);
    c.globalAlpha = 1;
    c.fillStyle = ink;
    c.font = `18px ${getComputedStyle(root).fontFamily}`;
    c.fillText("×", F * size + 14, (F * size) / 2);
  }

  const unwatch = watchLooks(root, draw);
  const stop = () => {
    cancelAnimationFrame(frame);
    unwatch();
  };
  stops.set(root, stop);
  frame = requestAnimationFrame(tick);
  return stop;
}

/**
 * Return the cross-correlation, valid, of gray values as 0 to 1.
 * @param {number[][]} picture
 * @param {number[]} weights
 */
function convolve(picture, weights) {
  const value = (/** @type {number} */ place, /** @type {number} */ i) =>
    picture[Math.floor(place / OUT) + Math.floor(i / F)][(place % OUT) + (i % F)] / 255;
  return Array.from({ length: OUT * OUT }, (_, place) =>
    weights.reduce((sum, weight, i) => sum + weight * value(place, i), 0),
  );
}

/**
 * Fill a cell.
 * @param {Pen} pen
 * @param {number} x
 * @param {number} y
 * @param {number} cell
 * @param {Rgb} color
 */
function fill(pen, x, y, cell, color) {
  pen.fillStyle = `rgb(${color})`;
  pen.fillRect(x * cell, y * cell, cell, cell);
}

/**
 * Draw a kernel, a pixel a weight.
 * @param {HTMLCanvasElement} canvas
 * @param {number[]} weights
 * @param {Rgb} paper
 */
function drawIcon(canvas, weights, paper) {
  canvas.width = canvas.height = F;
  const largest = Math.max(...weights.map(Math.abs));
  const pen = penOf(canvas);
  weights.forEach((weight, i) => fill(pen, i % F, Math.floor(i / F), 1, signed(weight / largest, paper)));
}

/**
 * Return a color: blue below zero, the page at zero, orange above; the root keeps small values visible.
 * @param {number} value from -1 to 1
 * @param {Rgb} paper
 */
function signed(value, paper) {
  const ends = ENDS[luminance(paper) < 0.5 ? "dark" : "light"];
  return mix(paper, ends[value < 0 ? 0 : 1], Math.sqrt(Math.min(1, Math.abs(value))));
}

/** @param {number} value */
const number = (value) => fixed(value, 2);

/** @param {number} value */
const fraction = (value) =>
  Number.isInteger(value) ? String(value).replace("-", "\u2212") : `${Math.round(value * 16)}/16`;
