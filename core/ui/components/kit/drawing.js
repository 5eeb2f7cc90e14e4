// How numbers become colors and pictures on canvases. Canvas units are device pixels throughout: `unit` is the side of one
// cell in device pixels and `ratio` the device pixels in a CSS pixel, so that a cell is always a whole number of pixels.

import { make } from "./elements.js";
import { NOISE, gridFormat } from "./math.js";

/** @typedef {import("./math.js").Planes} Planes */
/** @typedef {CanvasRenderingContext2D} Pen */
/** @typedef {[number, number, number]} Rgb Red, green and blue, 0 to 255. */
/** @typedef {[number, number, number, number]} Box x, y, width and height */
/** @typedef {{x: number, y: number, width: number, height: number}} Rectangle */
/** @typedef {{kind: string, limit: number}} Scale "signed", "gray", or of three planes "color" or "sizes", up to a limit. */
/** @typedef {{dark: boolean, background: Rgb, text: Rgb, accent: Rgb, below: Rgb, above: Rgb, font: string}} Theme */

/**
 * Return what draws on a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function penOf(canvas, settings) {
  const context = canvas.getContext("2d", settings);
  if (!context) throw new Error("This browser has no 2D canvas.");
  return context;
}

/**
 * Return any CSS color as [r, g, b], by letting a canvas parse it.
 * @param {string} color
 * @returns {Rgb}
 */
export function toRgb(color) {
  const context = penOf(document.createElement("canvas"), { willReadFrequently: true });
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

/**
 * Return how bright a color is, 0 to 1 (ITU-R BT.709).
 * @param {Rgb} rgb
 */
export const luminance = ([r, g, b]) => (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;

/**
 * Return the color between a (t = 0) and b (t = 1).
 * @param {Rgb} a
 * @param {Rgb} b
 * @param {number} t
 * @returns {Rgb}
 */
export const mix = ([r, g, b], [toR, toG, toB], t) => [r + (toR - r) * t, g + (toG - g) * t, b + (toB - b) * t];

/**
 * Return a color as CSS writes it.
 * @param {Rgb} rgb
 */
export const css = (rgb) => `rgb(${rgb.map(Math.round).join(" ")})`;

/**
 * Return the page's colors and letters, from Streamlit's theme variables and the two ends of the diverging scale in a style sheet.
 * @param {Element} element
 * @returns {Theme}
 */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (/** @type {string} */ name, /** @type {string} */ otherwise) =>
    style.getPropertyValue(name).trim() || otherwise;
  const background = toRgb(read("--st-background-color", "#ffffff"));
  const dark = luminance(background) < 0.5;
  return {
    dark,
    background,
    text: toRgb(read("--st-text-color", dark ? "#fafafa" : "#31333f")),
    accent: toRgb(read("--st-primary-color", "#0072b2")),
    below: toRgb(read(dark ? "--below-on-dark" : "--below-on-light", "#0072b2")),
    above: toRgb(read(dark ? "--above-on-dark" : "--above-on-light", "#d55e00")),
    font: read("--st-font", "sans-serif"),
  };
}

/**
 * Return the smallest and the largest value, and the largest size.
 * @param {Iterable<number>} values
 */
export function range(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return { low, high, size: Math.max(Math.abs(low), Math.abs(high)) };
}

/**
 * Name a scale by what it shows.
 * @param {number} depth
 * @param {boolean} signed
 * @param {number} limit
 * @returns {Scale}
 */
const named = (depth, signed, limit) => {
  const kind = depth === 3 ? (signed ? "sizes" : "color") : signed ? "signed" : "gray";
  return { kind, limit: limit >= NOISE && Number.isFinite(limit) ? limit : 1 };
};

/**
 * Return whether an operation can give values below zero: its output's colors never depend on the values that occur.
 * @param {boolean} input whether its input has values below zero
 * @param {{operation: string, kernel?: number[][][] | null, bias?: number, relu?: boolean, signed?: boolean}} s
 */
export function isSigned(input, s) {
  if (s.signed !== undefined) return s.signed;
  if (s.operation === "l2") return false;
  if (s.operation !== "convolve") return input;
  const weights = (s.kernel ?? []).flat(2);
  return !s.relu && (input ? weights.some((w) => w !== 0) : weights.some((w) => w < 0) || (s.bias ?? 0) < 0);
}

/**
 * Return the scales of input and output. Signed values diverge about zero; a kernel that keeps brightness shows a picture.
 * @param {Planes} image
 * @param {Planes} output
 * @param {{scale?: string, operation: string, kernel?: number[][][] | null, bias?: number, relu?: boolean, signed?: boolean}} s
 * @returns {{input: Scale, output: Scale}}
 */
export function chooseScales(image, output, s) {
  const [before, after] = [range(image.values), range(output.values)];
  const below = before.low < 0;
  const signed = isSigned(below, s);
  if (s.scale === "shared") {
    const limit = Math.max(before.size, after.size);
    return { input: named(image.depth, below, limit), output: named(output.depth, signed, limit) };
  }
  const input = named(image.depth, below, !below && before.high <= 1 ? 1 : before.size);
  const own = named(output.depth, signed, after.size);
  const gain = s.operation === "convolve" ? (s.kernel ?? []).flat(2).reduce((a, b) => a + b, 0) : 1;
  const asPicture = s.scale === "picture" || (s.scale === "auto" && gain >= 0.5);
  const picture = {
    kind: output.depth === 3 ? "color" : input.kind === "color" ? "gray" : input.kind,
    limit: input.limit,
  };
  return { input, output: asPicture ? picture : own };
}

/**
 * Return the color of one value on a one-plane scale.
 * @param {number} value
 * @param {Scale} scale
 * @param {Theme} theme
 * @returns {Rgb}
 */
export function shade(value, scale, theme) {
  const t = Math.min(1, Math.abs(value) / scale.limit);
  if (scale.kind === "signed") return mix(theme.background, value < 0 ? theme.below : theme.above, t);
  return value > 0 ? [255 * t, 255 * t, 255 * t] : [0, 0, 0];
}

/**
 * Return black or white, whichever reads on that color.
 * @param {Rgb} rgb
 */
export const ink = (rgb) => (luminance(rgb) > 0.42 ? "#000000" : "#ffffff");

/**
 * Empty a canvas of that many device pixels. Setting its size is slow, so it is done only when the size is new.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @param {number} ratio
 */
export function prepareCanvas(canvas, width, height, ratio) {
  const context = penOf(canvas);
  if (canvas.width === width && canvas.height === height) {
    context.clearRect(0, 0, width, height);
  } else {
    [canvas.width, canvas.height] = [width, height];
    [canvas.style.width, canvas.style.height] = [`${width / ratio}px`, `${height / ratio}px`];
  }
  return context;
}

/**
 * Write centered about [x, y].
 * @param {Pen} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {Theme} theme
 * @param {string} color
 */
function write(context, text, x, y, size, theme, color) {
  context.font = `${size}px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = color;
  context.fillText(text, x, y);
}

/**
 * Draw lines between cells.
 * @param {Pen} context
 * @param {number} columns
 * @param {number} rows
 * @param {number} width
 * @param {number} height
 * @param {Theme} theme
 */
function gridLines(context, columns, rows, width, height, theme) {
  const [right, bottom] = [columns * width, rows * height];
  context.fillStyle = `rgb(${theme.text.join(" ")} / 0.18)`;
  for (let x = 0; x <= columns; x++) context.fillRect(Math.min(x * width, right - 1), 0, 1, bottom);
  for (let y = 0; y <= rows; y++) context.fillRect(0, Math.min(y * height, bottom - 1), right, 1);
}

/** @type {HTMLCanvasElement | undefined} where a picture has one pixel a cell, before it is enlarged */
let small;

const NUMBERS_WRITTEN = 34; // CSS pixels: in narrower cells a grid has no numbers
const LEVELS = 255; // of a color, on either side of zero
const NO_COLORS = new Uint8ClampedArray(0);

/**
 * Return a one-plane scale's colors from its lower to its upper limit, red, green and blue in turn.
 * @param {Scale} scale
 * @param {Theme} theme
 */
function colorsOf({ kind }, theme) {
  const colors = new Uint8ClampedArray(3 * (2 * LEVELS + 1));
  for (let level = -LEVELS; level <= LEVELS; level++)
    colors.set(shade(level / LEVELS, { kind, limit: 1 }, theme), 3 * (level + LEVELS));
  return colors;
}

/**
 * Draw a whole grid, once for each change: colors, then lines and numbers where a cell is large enough to hold them.
 * @param {HTMLCanvasElement} canvas
 * @param {Planes} grid
 * @param {Scale} scale
 * @param {number} unit
 * @param {number} ratio
 * @param {Theme} theme
 * @param {(value: number) => string} format
 * @param {Rectangle | null} inner frames the picture within its padding; what lies outside is drawn fainter
 */
export function paintGrid(canvas, grid, scale, unit, ratio, theme, format, inner = null) {
  const { depth, height, width, values } = grid;
  const context = prepareCanvas(canvas, width * unit, height * unit, ratio);
  const pixels = new ImageData(width, height);
  const area = width * height;
  const { data } = pixels;
  const colors = depth === 3 ? NO_COLORS : colorsOf(scale, theme);
  for (let i = 0; i < area; i++) {
    if (depth === 3)
      for (let c = 0; c < 3; c++)
        data[4 * i + c] =
          (255 * (scale.kind === "sizes" ? Math.abs(values[c * area + i]) : values[c * area + i])) / scale.limit;
    else {
      const level = Math.round(LEVELS * Math.max(-1, Math.min(1, values[i] / scale.limit))) + LEVELS;
      for (let c = 0; c < 3; c++) data[4 * i + c] = colors[3 * level + c]; // NaN has none, and is nothing
    }
    const [x, y] = [i % width, Math.floor(i / width)];
    const isBorder = inner && (x < inner.x || y < inner.y || x >= inner.x + inner.width || y >= inner.y + inner.height);
    data[4 * i + 3] = Number.isNaN(values[i]) ? 0 : isBorder ? 140 : 255; // NaN: nothing there
  }
  small ??= document.createElement("canvas");
  if (small.width !== width || small.height !== height) [small.width, small.height] = [width, height];
  penOf(small).putImageData(pixels, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, width * unit, height * unit);
  if (unit / ratio > 12) gridLines(context, width, height, unit, unit, theme);
  if (unit / ratio >= NUMBERS_WRITTEN && depth === 1)
    values.forEach((v, i) => {
      if (Number.isNaN(v)) return;
      const alpha = pixels.data[4 * i + 3] / 255;
      const color = ink(mix(theme.background, shade(v, scale, theme), alpha));
      write(
        context,
        format(v),
        ((i % width) + 0.5) * unit,
        (Math.floor(i / width) + 0.5) * unit,
        typeSize(unit / ratio) * ratio,
        theme,
        color,
      );
    });
  if (inner && (inner.width < width || inner.height < height)) {
    context.strokeStyle = css(theme.accent);
    context.lineWidth = Math.max(1, Math.round(ratio));
    context.setLineDash([4 * ratio, 3 * ratio]);
    context.strokeRect(inner.x * unit, inner.y * unit, inner.width * unit, inner.height * unit);
  }
}

/**
 * Hatch the cells that no window ever reads: `rows` and `columns` say for each whether one does. Their numbers stay legible.
 * @param {HTMLCanvasElement} canvas
 * @param {Planes} grid
 * @param {boolean[]} rows
 * @param {boolean[]} columns
 * @param {number} unit
 * @param {number} ratio
 * @param {Theme} theme
 * @param {(value: number) => string} format
 */
export function hatchUnread(canvas, grid, rows, columns, unit, ratio, theme, format) {
  if (rows.every(Boolean) && columns.every(Boolean)) return;
  const context = penOf(canvas);
  const [width, height] = [columns.length * unit, rows.length * unit];
  context.save();
  context.beginPath();
  rows.forEach((row, y) =>
    columns.forEach((column, x) => (row && column) || context.rect(x * unit, y * unit, unit, unit)),
  );
  context.clip();
  context.fillStyle = `rgb(${theme.background.join(" ")} / 0.6)`;
  context.fillRect(0, 0, width, height);
  context.strokeStyle = `rgb(${theme.text.join(" ")} / 0.7)`;
  context.lineWidth = Math.max(1, Math.round(ratio));
  context.beginPath();
  for (let x = -height; x < width; x += 7 * ratio) (context.moveTo(x, height), context.lineTo(x + height, 0));
  context.stroke();
  context.restore();
  if (unit / ratio < NUMBERS_WRITTEN || grid.depth > 1) return;
  const size = typeSize(unit / ratio) * ratio;
  rows.forEach((row, y) =>
    columns.forEach((column, x) => {
      const value = grid.values[y * grid.width + x];
      if ((row && column) || Number.isNaN(value)) return;
      const [middle, line] = [(x + 0.5) * unit, (y + 0.5) * unit];
      context.font = `${size}px ${theme.font}`;
      const wide = context.measureText(format(value)).width + 6 * ratio;
      context.fillStyle = css(theme.background);
      context.fillRect(middle - wide / 2, line - 0.7 * size, wide, 1.3 * size);
      write(context, format(value), middle, line, size, theme, css(theme.text));
    }),
  );
}

/** CSS pixels: the two sizes of numbers in pictures, and the width from which a cell has the larger one. */
const [SMALL_TYPE, TYPE, WIDE_CELL] = [12, 14, 44];
const NUMBERS_FROM = 26; // CSS pixels: narrower cells hold none

/**
 * Return the size of numbers in a cell, in CSS pixels.
 * @param {number} width of the cell, in CSS pixels
 */
export const typeSize = (width) => (width >= WIDE_CELL ? TYPE : SMALL_TYPE);

/**
 * Return how the numbers of one grid are written so that all fit into its cells: with fewer decimals where these are narrow.
 * @param {number[]} values
 * @param {number} width of a cell, in CSS pixels
 * @param {Theme} theme
 */
export function fittingFormat(values, width, theme, digits = 2) {
  const pen = measuringPen();
  pen.font = `${typeSize(width)}px ${theme.font}`;
  const fits = (/** @type {(value: number) => string} */ format) =>
    values.every((v) => Number.isNaN(v) || pen.measureText(format(v)).width <= width - 2);
  for (let few = digits; few > 0; few--) {
    const format = gridFormat(values, few);
    if (fits(format)) return format;
  }
  return gridFormat(values, 0);
}

/** @type {Pen | undefined} */
let measuring;
const measuringPen = () => (measuring ??= penOf(document.createElement("canvas")));

/**
 * Draw one of the small grids between input and output.
 * @param {HTMLCanvasElement} canvas
 * @param {number[]} values
 * @param {number} rows
 * @param {number} columns
 * @param {number | number[]} cell its side, or its width and height, in device pixels
 * @param {number} ratio
 * @param {Scale} scale
 * @param {Theme} theme
 * @param {(value: number) => string} format
 * @param {number} marked the index of a cell to ring (a winner) or -1
 */
export function paintSmall(canvas, values, rows, columns, cell, ratio, scale, theme, format, marked) {
  const [width, height] = typeof cell === "number" ? [cell, cell] : cell;
  const context = prepareCanvas(canvas, columns * width, rows * height, ratio);
  const size = typeSize(width / ratio);
  values.forEach((v, i) => {
    const [x, y] = [(i % columns) * width, Math.floor(i / columns) * height];
    if (Number.isNaN(v)) return;
    const rgb = shade(v, scale, theme);
    context.fillStyle = css(rgb);
    context.fillRect(x, y, width, height);
    if (width / ratio >= NUMBERS_FROM && height / ratio >= size + 2)
      write(context, format(v), x + width / 2, y + height / 2, size * ratio, theme, ink(rgb));
  });
  if (height / ratio >= 8) gridLines(context, columns, rows, width, height, theme);
  const inset = 3 * ratio; // within the cell: around it, the canvas would cut the frame off
  if (marked >= 0)
    outline(
      context,
      (marked % columns) * width + inset,
      Math.floor(marked / columns) * height + inset,
      width - 2 * inset,
      height - 2 * inset,
      ratio,
      theme,
    );
}

/**
 * Draw a frame that shows on any picture: the accent color between two lines of the page's background.
 * @param {Pen} context
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {number} ratio
 * @param {Theme} theme
 */
export function outline(context, x, y, width, height, ratio, theme) {
  const line = Math.max(1, Math.round(ratio));
  const out = 1.5 * line;
  for (const [color, thick] of /** @type {[Rgb, number][]} */ ([
    [theme.background, 4 * line],
    [theme.accent, 2 * line],
  ])) {
    context.strokeStyle = css(color);
    context.lineWidth = thick;
    context.strokeRect(x - out, y - out, width + 2 * out, height + 2 * out);
  }
}

const MARGIN = 12; // device pixels an overlay reaches beyond its grid, so that a frame at the border is whole

/** A canvas over a grid that remembers what it drew, so that only that much is wiped before the next frame. */
export class Overlay {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = penOf(canvas);
    /** @type {Box[]} */
    this.dirty = [];
  }

  /**
   * @param {number} width
   * @param {number} height
   * @param {number} ratio
   */
  resize(width, height, ratio) {
    this.context = prepareCanvas(this.canvas, width + 2 * MARGIN, height + 2 * MARGIN, ratio);
    this.canvas.style.inset = `${-MARGIN / ratio}px auto auto ${-MARGIN / ratio}px`;
    this.context.setTransform(1, 0, 0, 1, MARGIN, MARGIN);
    this.dirty = [];
  }

  clear() {
    for (const [x, y, width, height] of this.dirty)
      this.context.clearRect(x - MARGIN, y - MARGIN, width + 2 * MARGIN, height + 2 * MARGIN);
    this.dirty = [];
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   * @param {number} ratio
   * @param {Theme} theme
   */
  frame(x, y, width, height, ratio, theme) {
    this.dirty.push([x, y, width, height]);
    outline(this.context, x, y, width, height, ratio, theme);
  }

  /**
   * Fill rectangles that lie within `box` with a translucent color; all are [x, y, width, height].
   * @param {Box[]} rectangles
   * @param {Box} box
   * @param {Rgb} rgb
   * @param {number} alpha
   */
  tint(rectangles, box, rgb, alpha) {
    this.dirty.push(box);
    this.context.fillStyle = `rgb(${rgb.join(" ")} / ${alpha})`;
    this.context.beginPath();
    for (const rectangle of rectangles) this.context.rect(...rectangle);
    this.context.fill();
  }
}

/**
 * Give a canvas its size in CSS pixels, sharp on any screen, and return what draws on it in CSS pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function sharpPen(canvas, width, height) {
  const ratio = Math.ceil(devicePixelRatio || 1);
  [canvas.width, canvas.height] = [width * ratio, height * ratio];
  [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
  const pen = penOf(canvas);
  pen.scale(ratio, ratio);
  return pen;
}

/**
 * Draw the frame of a square in a color that shows on any gray: a black line twice as wide lies under it.
 * @param {Pen} pen
 * @param {number} x
 * @param {number} y
 * @param {number} side
 * @param {string} color
 * @param {number} width of the colored line
 */
export function markSquare(pen, x, y, side, color, width) {
  for (const [stroke, thick] of /** @type {[string, number][]} */ ([
    ["#000", 2 * width],
    [color, width],
  ])) {
    pen.strokeStyle = stroke;
    pen.lineWidth = thick;
    pen.strokeRect(x, y, side, side);
  }
}

/**
 * Return the element of a grid of pixels that takes the keyboard.
 * @param {Node[]} layers what is drawn in it, from below
 */
export const keyboardGrid = (...layers) =>
  make(
    "div",
    { class: "grid", role: "application", "aria-roledescription": "grid of pixels", tabindex: "0" },
    ...layers,
  );

/** Return a grid of pixels that takes the keyboard: a canvas drawn once a change, under an overlay drawn each frame. */
export function pixelGrid() {
  const [base, over] = [make("canvas"), make("canvas", { class: "over" })];
  return { base, grid: keyboardGrid(base, over), overlay: new Overlay(over) };
}
