// The network as a picture: blocks with live planes, and ribbons between them. All lengths are CSS pixels.

import { css, mix, prepareCanvas } from "../kit/drawing.js";
import { clamp } from "../kit/elements.js";
import { fullSize } from "../kit/math.js";
import { argmax, contributions } from "./network.js";

/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/drawing.js").Rgb} Rgb */
/** @typedef {import("./network.js").Network} Network */
/** @typedef {import("./network.js").Answer} Answer */
/** @typedef {import("./network.js").Maps} Maps */
/** @typedef {{x: number, y: number, width: number, height: number}} Box */
/** @typedef {{box: Box, zoom: number, side: number}} Column planes of side x side, each number `zoom` px wide */
/** @typedef {{width: number, height: number, top: number, columns: Column[], units: Box, cell: number, tile: Box}} Layout */

export const PASS_MS = 2400;
export const PAD = 168; // px of the square
export const ROWS = 4;
const ACROSS = 2; // planes side by side
export const SHOWN = ROWS * ACROSS;
const GAP = [4, 8]; // px between planes, across and down
const HEAD = 44; // px: the bracket and the names above the planes
const FOOT = 20; // px: the sizes below
const TILE = 10; // px of a weight
const UNIT_COLUMNS = 4;
const LINES = 12; // of the units that count most for the answer
const SIDES = [26, 13, 9, 4];
const MARK = "#e69f00";

/** When each part fills, in ms: the four columns of planes, the units, the bars. */
const TIMES = [
  [150, 900],
  [800, 1150],
  [1100, 1650],
  [1550, 1850],
  [1800, 2050],
  [2050, PASS_MS],
];

/**
 * Return how much of a part is there, from 0 to 1.
 * @param {number} part
 * @param {number} time ms since the pass began
 */
export const share = (part, time) => clamp((time - TIMES[part][0]) / (TIMES[part][1] - TIMES[part][0]), 0, 1);

/**
 * Return where everything stands; what width is left goes to the ribbons.
 * @param {number} width
 * @param {boolean} tall
 * @returns {Layout}
 */
export function arrange(width, tall) {
  const zooms = tall ? [3, 4, 5, 8] : [2, 3, 4, 6];
  const sizes = SIDES.map((side, i) => ({ zoom: zooms[i], side, width: side * zooms[i] * ACROSS + GAP[0] }));
  const body = ROWS * SIDES[0] * zooms[0] + (ROWS - 1) * GAP[1];
  const cell = tall ? 9 : 6;
  const wide = UNIT_COLUMNS * (cell + 1) - 1;
  const free = width - sizes.reduce((sum, size) => sum + size.width, 0) - wide;
  const first = Math.max(64, (free * 2) / 7.5); // this ribbon holds the kernel
  const gap = Math.max(14, (free - first) / 5.3); // four ribbons, and a wider one to the bars
  let x = first;
  const columns = sizes.map(({ zoom, side, width: own }) => {
    const height = ROWS * side * zoom + (ROWS - 1) * GAP[1];
    const box = { x: Math.round(x), y: Math.round(HEAD + (body - height) / 2), width: own, height };
    x += own + gap;
    return { box, zoom, side };
  });
  const tall128 = 32 * (cell + 1) - 1;
  const units = { x: Math.round(x), y: Math.round(HEAD + (body - tall128) / 2), width: wide, height: tall128 };
  const tile = { x: first / 2 - 1.5 * TILE, y: HEAD + body / 2 - 1.5 * TILE, width: 3 * TILE, height: 3 * TILE };
  return { width, height: HEAD + body + FOOT, top: HEAD, columns, units, cell, tile };
}

/** Draws a network's answer on a canvas, as far as it has come. */
export class Flow {
  /** @type {Layout} */
  layout;
  /** @type {Theme} */
  theme;
  /** @type {Answer} */
  answer;
  /** @type {{value: number, unit: number}[]} what the units that count most add to the answer */
  lines;
  digit = 0; // the answer
  /** @type {Uint32Array} colors of -128 to 127, in full color at both ends */
  colors;
  /** @type {number[]} bar's middles, px from the top */
  bars = [];
  padTop = HEAD;
  ratio = 1;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Network} network
   * @param {Answer[]} samples they say which planes are shown, and what is full color
   */
  constructor(canvas, network, samples) {
    this.canvas = canvas;
    this.network = network;
    this.images = SIDES.map((side) => new ImageData(side, side * SHOWN));
    this.sheets = SIDES.map((side) =>
      Object.assign(document.createElement("canvas"), { width: side, height: side * SHOWN }),
    );
    this.planes = [0, 1].map((block) => mostActive(samples, block));
    this.limits = [0, 1].flatMap((block) =>
      [
        samples.flatMap(({ blocks }) => [...blocks[block].sums.values]),
        samples.flatMap(({ blocks }) => [...blocks[block].pooled.values]),
      ].map((values) => fullSize(values, 0.995)),
    );
    this.unitLimit = fullSize(
      samples.flatMap(({ hidden }) => [...hidden]),
      0.98,
    );
  }

  /**
   * Take a place and colors.
   * @param {Layout} layout
   * @param {Theme} theme
   * @param {number} ratio
   */
  arrange(layout, theme, ratio) {
    [this.layout, this.theme, this.ratio] = [layout, theme, ratio];
    this.colors = Uint32Array.from({ length: 256 }, (_, i) => {
      const [r, g, b] = mix(theme.background, i < 128 ? theme.below : theme.above, Math.abs(i - 128) / 127);
      return (255 << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r);
    });
  }

  /**
   * Take what the network computed.
   * @param {Answer} answer
   */
  adopt(answer) {
    this.answer = answer;
    if (!this.colors) return; // not placed yet
    answer.blocks.forEach(({ sums, pooled }, block) =>
      [sums, pooled].forEach((maps, i) => this.#paint(2 * block + i, maps, this.planes[block])),
    );
    const digit = argmax(answer.probabilities);
    const added = contributions(this.network, answer, digit);
    const strongest = Array.from(added, (value, unit) => ({ value, unit })).sort(
      (a, b) => Math.abs(b.value) - Math.abs(a.value),
    );
    this.lines = strongest.slice(0, LINES);
    this.digit = digit;
  }

  /**
   * @param {number} column
   * @param {Maps} maps
   * @param {number[]} planes
   */
  #paint(column, maps, planes) {
    const pixels = new Uint32Array(this.images[column].data.buffer);
    const area = maps.side ** 2;
    const gain = 127 / this.limits[column];
    let k = 0;
    for (const plane of planes)
      for (let i = plane * area; i < (plane + 1) * area; i++)
        pixels[k++] = this.colors[128 + Math.max(-128, Math.min(127, Math.round(maps.values[i] * gain)))];
    this.sheets[column].getContext("2d")?.putImageData(this.images[column], 0, 0);
  }

  /**
   * Draw the pass as it stands `time` ms after its beginning.
   * @param {number} time
   */
  draw(time) {
    const { layout, ratio } = this;
    const pen = prepareCanvas(this.canvas, Math.round(layout.width * ratio), Math.round(layout.height * ratio), ratio);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.imageSmoothingEnabled = false;
    this.#ribbons(pen, time);
    layout.columns.forEach((column, i) => this.#column(pen, column, i, share(i, time)));
    this.#kernel(pen);
    this.#window(pen, share(0, time));
    this.#units(pen, share(4, time));
    this.#answerLines(pen, share(5, time));
    pen.setTransform(1, 0, 0, 1, 0, 0);
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number} time
   */
  #ribbons(pen, time) {
    const { layout, theme } = this;
    const bars = this.bars.length
      ? [this.bars[0] - 8, this.bars[9] + 8]
      : [layout.units.y, layout.units.y + layout.units.height];
    /** @type {Box[]} */
    const boxes = [
      { x: 0, y: this.padTop, width: 0, height: PAD },
      ...layout.columns.map(({ box }) => box),
      layout.units,
      { x: layout.width, y: bars[0], width: 0, height: bars[1] - bars[0] },
    ];
    boxes.slice(1).forEach((to, i) => {
      const from = boxes[i];
      const [left, right] = [from.x + from.width, to.x];
      const middle = (left + right) / 2;
      pen.beginPath();
      pen.moveTo(left, from.y);
      pen.bezierCurveTo(middle, from.y, middle, to.y, right, to.y);
      pen.lineTo(right, to.y + to.height);
      pen.bezierCurveTo(middle, to.y + to.height, middle, from.y + from.height, left, from.y + from.height);
      pen.fillStyle = `rgb(${theme.text.join(" ")} / 0.06)`;
      pen.fill();
      const done = share(i, time);
      if (done <= 0 || done >= 1) return;
      const light = pen.createLinearGradient(left, 0, right, 0);
      const at = (done * 3) % 1; // three waves a part
      const accent = theme.above.join(" ");
      light.addColorStop(clamp(at - 0.4, 0, 1), `rgb(${accent} / 0)`);
      light.addColorStop(at, `rgb(${accent} / 0.4)`);
      light.addColorStop(clamp(at + 0.1, 0, 1), `rgb(${accent} / 0)`);
      pen.fillStyle = light;
      pen.fill();
    });
  }

  /**
   * Draw a column's planes, filled row by row.
   * @param {CanvasRenderingContext2D} pen
   * @param {Column} column
   * @param {number} index
   * @param {number} done
   */
  #column(pen, { box, zoom, side }, index, done) {
    const size = side * zoom;
    const cells = Math.floor(done * side * side);
    const [rows, rest] = [Math.floor(cells / side), cells % side];
    const sheet = this.sheets[index];
    for (let plane = 0; plane < SHOWN; plane++) {
      const x = box.x + (plane % ACROSS) * (size + GAP[0]);
      const y = box.y + Math.floor(plane / ACROSS) * (size + GAP[1]);
      pen.fillStyle = css(this.theme.background);
      pen.fillRect(x, y, size, size);
      if (rows) pen.drawImage(sheet, 0, plane * side, side, rows, x, y, size, rows * zoom);
      if (rest) pen.drawImage(sheet, 0, plane * side + rows, rest, 1, x, y + rows * zoom, rest * zoom, zoom);
      pen.strokeStyle = `rgb(${this.theme.text.join(" ")} / 0.3)`;
      pen.lineWidth = 1;
      pen.strokeRect(x - 0.5, y - 0.5, size + 1, size + 1);
    }
  }

  /**
   * Draw the weights of the first plane's kernel.
   * @param {CanvasRenderingContext2D} pen
   */
  #kernel(pen) {
    const { tile } = this.layout;
    const [block] = this.network.blocks;
    const weights = block.weights.subarray(9 * this.planes[0][0], 9 * this.planes[0][0] + 9);
    const gain = 127 / fullSize(weights);
    weights.forEach((weight, i) => {
      const color = this.colors[128 + Math.round(weight * gain)];
      pen.fillStyle = `rgb(${color & 255} ${(color >> 8) & 255} ${(color >> 16) & 255})`;
      pen.fillRect(tile.x + (i % 3) * TILE, tile.y + Math.floor(i / 3) * TILE, TILE, TILE);
    });
    pen.strokeStyle = MARK;
    pen.lineWidth = 2;
    pen.strokeRect(tile.x - 1, tile.y - 1, tile.width + 2, tile.height + 2);
  }

  /**
   * Draw lines from the window on the picture through the kernel to the pixel it fills.
   * @param {CanvasRenderingContext2D} pen
   * @param {number} done
   */
  #window(pen, done) {
    if (done <= 0 || done >= 1) return;
    const { columns, tile } = this.layout;
    const [{ box, zoom, side }] = columns;
    const cell = Math.floor(done * side * side);
    const [row, column] = [Math.floor(cell / side), cell % side];
    pen.strokeStyle = MARK;
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.moveTo(0, this.padTop + ((row + 1.5) * PAD) / 28);
    pen.lineTo(tile.x, tile.y + tile.height / 2);
    pen.moveTo(tile.x + tile.width, tile.y + tile.height / 2);
    pen.lineTo(box.x + column * zoom, box.y + (row + 0.5) * zoom);
    pen.stroke();
    pen.strokeRect(box.x + column * zoom - 1, box.y + row * zoom - 1, zoom + 2, zoom + 2);
  }

  /**
   * Return where a hidden unit is drawn.
   * @param {number} unit
   */
  #unitAt(unit) {
    const { units, cell } = this.layout;
    return [units.x + (unit % UNIT_COLUMNS) * (cell + 1), units.y + Math.floor(unit / UNIT_COLUMNS) * (cell + 1)];
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number} done
   */
  #units(pen, done) {
    const { cell } = this.layout;
    const { hidden } = this.answer;
    for (let unit = 0; unit < hidden.length; unit++) {
      const [x, y] = this.#unitAt(unit);
      const value = unit < done * hidden.length ? Math.min(1, hidden[unit] / this.unitLimit) : 0;
      const color = this.colors[128 + Math.round(127 * value)];
      pen.fillStyle = `rgb(${color & 255} ${(color >> 8) & 255} ${(color >> 16) & 255})`;
      pen.fillRect(x, y, cell, cell);
      pen.strokeStyle = `rgb(${this.theme.text.join(" ")} / 0.18)`;
      pen.lineWidth = 1;
      pen.strokeRect(x + 0.5, y + 0.5, cell - 1, cell - 1);
    }
  }

  /**
   * Draw lines from the units that count most to the answer: orange for it, blue against it.
   * @param {CanvasRenderingContext2D} pen
   * @param {number} done
   */
  #answerLines(pen, done) {
    if (!done || !this.bars.length) return;
    const { layout, theme } = this;
    const to = this.bars[this.digit];
    const most = Math.abs(this.lines[0].value) || 1;
    for (const { value, unit } of this.lines) {
      const [x, y] = this.#unitAt(unit);
      const left = x + layout.cell;
      const middle = (left + layout.width) / 2;
      pen.beginPath();
      pen.moveTo(left, y + layout.cell / 2);
      pen.bezierCurveTo(middle, y + layout.cell / 2, middle, to, layout.width, to);
      pen.strokeStyle = `rgb(${(value < 0 ? theme.below : theme.above).map(Math.round).join(" ")} / ${0.75 * done})`;
      pen.lineWidth = Math.max(0.5, (3 * Math.abs(value)) / most);
      pen.stroke();
    }
  }
}

/**
 * Return the planes of a block that hold most, the same for all pictures, so that they keep their places.
 * @param {Answer[]} samples
 * @param {number} block
 */
function mostActive(samples, block) {
  const totals = Array.from({ length: samples[0].blocks[block].pooled.count }, (_, plane) => ({ plane, total: 0 }));
  for (const { blocks } of samples) {
    const { side, values } = blocks[block].pooled;
    values.forEach((v, i) => (totals[Math.floor(i / side ** 2)].total += v));
  }
  return totals
    .sort((a, b) => b.total - a.total)
    .slice(0, SHOWN)
    .map(({ plane }) => plane);
}
