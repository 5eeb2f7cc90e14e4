// A digit, its pixels in one line, and threads from a pixel and its neighbors to their places in the line.

import { watchLooks } from "../kit/component.js";
import { markSquare, sharpPen } from "../kit/drawing.js";
import { arrowStep, clamp, find } from "../kit/elements.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/drawing.js").Pen} Pen */
/** @typedef {{row: number, column: number}} Place */
/** @typedef {{at: Place, sent: boolean | null, stop: () => void}} Life `sent` is whether Python last wanted a shuffled line. */

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const STRIP = 22; // px: a row of the line
const FALL = 84; // px: of the threads
const GAP = 56; // px: between the two pictures
const MARK = "#E69F00";

/** @type {WeakMap<Element, Life>} what stays while Python sends other data */
const lives = new WeakMap();

/**
 * Show the digit of `data`; `order` gives the pixel at each place of the shuffled line.
 * @param {Component} component
 */
export default function mount({ parentElement, data }) {
  const root = find(parentElement, ".flattened");
  const life = lives.get(root) ?? { at: { row: 9, column: 16 }, sent: null, stop: () => {} };
  lives.set(root, life);
  life.stop();
  const { at } = life;
  /** @type {{digit: number[], order: number[]}} */
  const { digit, order } = data;
  /** @type {HTMLCanvasElement} */
  const canvas = find(root, "canvas");
  /** @type {HTMLInputElement} */
  const box = find(root, "input");
  const words = find(root, "p");
  /** @type {number[]} of each pixel in the shuffled line */
  const placeOf = new Array(PIXELS);
  order.forEach((pixel, place) => (placeOf[pixel] = place));
  if (life.sent !== data.shuffled) box.checked = life.sent = data.shuffled;

  function cellSize() {
    return root.clientWidth >= 700 ? 8 : root.clientWidth >= 420 ? 6 : 4;
  }

  function draw() {
    const [width, cell, isShuffled] = [root.clientWidth, cellSize(), box.checked];
    const side = SIDE * cell;
    const pixel = Math.max(1, Math.floor(width / PIXELS));
    const perRow = Math.min(PIXELS, Math.floor(width / pixel));
    const rows = Math.ceil(PIXELS / perRow);
    const top = side + FALL;
    const c = sharpPen(canvas, width, top + rows * (STRIP + 6) + 2);
    const ink = getComputedStyle(root).color;
    for (let i = 0; i < PIXELS; i++) {
      const value = digit[isShuffled ? order[i] : i];
      const [x, y] = [(i % SIDE) * cell, Math.floor(i / SIDE) * cell];
      fillGray(c, digit[i], x, y, cell, cell);
      if (isShuffled) fillGray(c, value, side + GAP + x, y, cell, cell);
      fillGray(c, value, (i % perRow) * pixel, top + Math.floor(i / perRow) * (STRIP + 6), pixel, STRIP);
    }
    if (isShuffled) {
      c.fillStyle = ink;
      c.font = `22px ${getComputedStyle(root).fontFamily}`;
      c.textAlign = "center";
      c.fillText("→", side + GAP / 2, side / 2 + 6);
    }
    const neighbors = around(at);
    for (const { index, isMiddle } of [
      ...neighbors.filter((n) => !n.isMiddle),
      ...neighbors.filter((n) => n.isMiddle),
    ]) {
      const place = isShuffled ? placeOf[index] : index;
      const [x, y] = [((index % SIDE) + 0.5) * cell, (Math.floor(index / SIDE) + 0.5) * cell];
      const [toX, toY] = [((place % perRow) + 0.5) * pixel, top + Math.floor(place / perRow) * (STRIP + 6)];
      c.strokeStyle = isMiddle ? MARK : ink;
      c.globalAlpha = isMiddle ? 1 : 0.55;
      c.lineWidth = isMiddle ? 2 : 1;
      c.beginPath();
      c.moveTo(x, y);
      c.bezierCurveTo(x, side + FALL * 0.7, toX, side + FALL * 0.2, toX, toY - 2);
      c.stroke();
      c.globalAlpha = 1;
      c.strokeRect(toX - Math.max(pixel, 2), toY - 1.5, 2 * Math.max(pixel, 2), STRIP + 3);
      const [shuffledX, shuffledY] = [side + GAP + (place % SIDE) * cell, Math.floor(place / SIDE) * cell];
      if (isShuffled) markSquare(c, shuffledX, shuffledY, cell, isMiddle ? MARK : "#fff", 1.5);
    }
    markSquare(c, (at.column - 1) * cell, (at.row - 1) * cell, 3 * cell, "#fff", 1.5);
    markSquare(c, at.column * cell, at.row * cell, cell, MARK, 1.5);
    words.textContent = sentence(at, isShuffled ? placeOf : null);
  }

  canvas.onpointermove = (event) => {
    const [bounds, cell] = [canvas.getBoundingClientRect(), cellSize()];
    const column = Math.floor((event.clientX - bounds.left) / cell);
    const row = Math.floor((event.clientY - bounds.top) / cell);
    if (column >= 0 && column < SIDE && row >= 0 && row < SIDE) move(row, column);
  };
  canvas.onkeydown = (event) => {
    const step = arrowStep(event);
    if (step) move(at.row + step[0], at.column + step[1]);
  };
  box.onchange = draw;

  /**
   * @param {number} row
   * @param {number} column
   */
  function move(row, column) {
    at.row = clamp(row, 1, SIDE - 2);
    at.column = clamp(column, 1, SIDE - 2);
    draw();
  }

  life.stop = watchLooks(root, draw);
  draw();
  return life.stop;
}

/**
 * Return the pixel at a place and its eight neighbors.
 * @param {Place} place
 */
function around({ row, column }) {
  return [-1, 0, 1].flatMap((dy) =>
    [-1, 0, 1].map((dx) => ({ index: (row + dy) * SIDE + column + dx, isMiddle: dx === 0 && dy === 0 })),
  );
}

/**
 * Say where a pixel and its neighbors lie in the line.
 * @param {Place} at
 * @param {number[] | null} placeOf of each pixel in the shuffled line; null: the line is not shuffled
 */
function sentence(at, placeOf) {
  const index = at.row * SIDE + at.column;
  if (!placeOf)
    return (
      `Row ${at.row + 1}, column ${at.column + 1} is number ${index + 1} of 784. ` +
      "The pixels above and below it lie 28 places away."
    );
  const places = around(at)
    .filter((n) => !n.isMiddle)
    .map((n) => Math.abs(placeOf[n.index] - placeOf[index]));
  return `Number ${placeOf[index] + 1} of 784 now. Its eight neighbors lie ${Math.min(...places)} to ${Math.max(...places)} places away.`;
}

/**
 * Fill a rectangle with a gray value, 0 to 255.
 * @param {Pen} pen
 * @param {number} value
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
function fillGray(pen, value, x, y, width, height) {
  pen.fillStyle = `rgb(${value},${value},${value})`;
  pen.fillRect(x, y, width, height);
}
