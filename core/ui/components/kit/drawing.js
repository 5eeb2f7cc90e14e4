// How numbers become colors and pictures on canvases. Canvas units are device pixels throughout: `unit` is the side of one
// cell in device pixels and `ratio` the device pixels in a CSS pixel, so that a cell is always a whole number of pixels.

/** Any CSS color as [r, g, b], by letting a canvas parse it. */
function toRgb(color) {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

const luminance = ([r, g, b]) => (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
const mix = (a, b, t) => a.map((v, i) => v + (b[i] - v) * t);
const css = (rgb) => `rgb(${rgb.map(Math.round).join(" ")})`;

/** The page's colors and letters, from Streamlit's theme variables and the two ends of the diverging scale in inspector.css. */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
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

function range(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return { low, high, size: Math.max(Math.abs(low), Math.abs(high)) };
}

const named = (depth, low, limit) => {
  const kind = depth === 3 ? (low < 0 ? "sizes" : "color") : low < 0 ? "signed" : "grey";
  return { kind, limit: limit > 1e-12 && Number.isFinite(limit) ? limit : 1 };
};

/** The scales of input and output. Signed values diverge about zero; a kernel that keeps brightness shows a picture. */
export function chooseScales(image, output, s) {
  const [before, after] = [range(image.values), range(output.values)];
  if (s.scale === "shared") {
    const limit = Math.max(before.size, after.size);
    return { input: named(image.depth, before.low, limit), output: named(output.depth, after.low, limit) };
  }
  const input = named(image.depth, before.low, before.low >= 0 && before.high <= 1 ? 1 : before.size);
  const own = named(output.depth, after.low, after.size);
  const gain = s.operation === "convolve" ? s.kernel.flat(2).reduce((a, b) => a + b, 0) : 1;
  const asPicture = s.scale === "picture" || (s.scale === "auto" && gain >= 0.5);
  const picture = { kind: output.depth === 3 ? "color" : input.kind === "color" ? "grey" : input.kind, limit: input.limit };
  return { input, output: asPicture ? picture : own };
}

/** [r, g, b] of one value on a one-plane scale. */
export function shade(value, scale, theme) {
  const t = Math.min(1, Math.abs(value) / scale.limit);
  if (scale.kind === "signed") return mix(theme.background, value < 0 ? theme.below : theme.above, t);
  return value > 0 ? [255 * t, 255 * t, 255 * t] : [0, 0, 0];
}

/** Black or white, whichever reads on that color. */
const ink = (rgb) => (luminance(rgb) > 0.42 ? "#000000" : "#ffffff");

/** An empty canvas of that many device pixels. Setting its size is slow, so it is done only when the size is new. */
function prepareCanvas(canvas, width, height, ratio) {
  const context = canvas.getContext("2d");
  if (canvas.width === width && canvas.height === height) {
    context.clearRect(0, 0, width, height);
  } else {
    [canvas.width, canvas.height] = [width, height];
    [canvas.style.width, canvas.style.height] = [`${width / ratio}px`, `${height / ratio}px`];
  }
  return context;
}

function write(context, text, x, y, size, theme, color) {
  context.font = `${size}px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = color;
  context.fillText(text, x, y);
}

function gridLines(context, columns, rows, unit, theme) {
  context.fillStyle = `rgb(${theme.text.join(" ")} / 0.18)`;
  for (let x = 0; x <= columns; x++) context.fillRect(Math.min(x * unit, columns * unit - 1), 0, 1, rows * unit);
  for (let y = 0; y <= rows; y++) context.fillRect(0, Math.min(y * unit, rows * unit - 1), columns * unit, 1);
}

/** A whole grid, drawn once for each change: colors, then lines and numbers where a cell is large enough to hold them.
 *  `inner` {x, y, width, height} frames the picture within its padding; what lies outside is drawn fainter. */
export function paintGrid(canvas, grid, scale, unit, ratio, theme, format, inner = null) {
  const { depth, height, width, values } = grid;
  const context = prepareCanvas(canvas, width * unit, height * unit, ratio);
  const pixels = new ImageData(width, height);
  const area = width * height;
  const { data } = pixels;
  for (let i = 0; i < area; i++) {
    if (depth === 3) for (let c = 0; c < 3; c++) data[4 * i + c] = (255 * (scale.kind === "sizes" ? Math.abs(values[c * area + i]) : values[c * area + i])) / scale.limit;
    else [data[4 * i], data[4 * i + 1], data[4 * i + 2]] = shade(values[i], scale, theme);
    const [x, y] = [i % width, Math.floor(i / width)];
    const isBorder = inner && (x < inner.x || y < inner.y || x >= inner.x + inner.width || y >= inner.y + inner.height);
    data[4 * i + 3] = Number.isNaN(values[i]) ? 0 : isBorder ? 140 : 255; // NaN: nothing there
  }
  const small = document.createElement("canvas");
  [small.width, small.height] = [width, height];
  small.getContext("2d").putImageData(pixels, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, width * unit, height * unit);
  if (unit / ratio > 12) gridLines(context, width, height, unit, theme);
  if (unit / ratio >= 34 && depth === 1)
    values.forEach((v, i) => {
      if (Number.isNaN(v)) return;
      const alpha = pixels.data[4 * i + 3] / 255;
      const color = ink(mix(theme.background, shade(v, scale, theme), alpha));
      write(context, format(v), ((i % width) + 0.5) * unit, (Math.floor(i / width) + 0.5) * unit, Math.min(15 * ratio, unit * 0.32), theme, color);
    });
  if (inner && (inner.width < width || inner.height < height)) {
    context.strokeStyle = css(theme.accent);
    context.lineWidth = Math.max(1, Math.round(ratio));
    context.setLineDash([4 * ratio, 3 * ratio]);
    context.strokeRect(inner.x * unit, inner.y * unit, inner.width * unit, inner.height * unit);
  }
}

/** Hatches the cells that no window ever reads: `rows` and `columns` say for each whether one does. */
export function hatchUnread(canvas, rows, columns, unit, ratio, theme) {
  if (rows.every(Boolean) && columns.every(Boolean)) return;
  const context = canvas.getContext("2d");
  const [width, height] = [columns.length * unit, rows.length * unit];
  context.save();
  context.beginPath();
  rows.forEach((row, y) => columns.forEach((column, x) => row && column || context.rect(x * unit, y * unit, unit, unit)));
  context.clip();
  context.fillStyle = `rgb(${theme.background.join(" ")} / 0.6)`;
  context.fillRect(0, 0, width, height);
  context.strokeStyle = css(theme.text);
  context.lineWidth = Math.max(1, Math.round(ratio));
  context.beginPath();
  for (let x = -height; x < width; x += 7 * ratio) context.moveTo(x, height), context.lineTo(x + height, 0);
  context.stroke();
  context.restore();
}

/** The small grids between input and output; `marked` is the index of a cell to ring (a winner, a hovered weight) or -1. */
export function paintSmall(canvas, values, rows, columns, unit, ratio, scale, theme, format, marked) {
  const context = prepareCanvas(canvas, columns * unit, rows * unit, ratio);
  values.forEach((v, i) => {
    const [x, y] = [(i % columns) * unit, Math.floor(i / columns) * unit];
    if (Number.isNaN(v)) return;
    const rgb = shade(v, scale, theme);
    context.fillStyle = css(rgb);
    context.fillRect(x, y, unit, unit);
    if (unit / ratio >= 26) write(context, format(v), x + unit / 2, y + unit / 2, unit * 0.34, theme, ink(rgb));
  });
  if (unit / ratio >= 8) gridLines(context, columns, rows, unit, theme);
  const inset = 3 * ratio; // within the cell: around it, the canvas would cut the frame off
  if (marked >= 0) outline(context, (marked % columns) * unit + inset, Math.floor(marked / columns) * unit + inset, unit - 2 * inset, unit - 2 * inset, ratio, theme);
}

/** A frame that shows on any picture: the accent color between two lines of the page's background. */
export function outline(context, x, y, width, height, ratio, theme) {
  const line = Math.max(1, Math.round(ratio));
  for (const [color, thick, out] of [[css(theme.background), 4 * line, 1.5 * line], [css(theme.accent), 2 * line, 1.5 * line]]) {
    context.strokeStyle = color;
    context.lineWidth = thick;
    context.strokeRect(x - out, y - out, width + 2 * out, height + 2 * out);
  }
}

const MARGIN = 12; // device pixels an overlay reaches beyond its grid, so that a frame at the border is whole

/** A canvas over a grid that remembers what it drew, so that only that much is wiped before the next frame. */
export class Overlay {
  constructor(canvas) {
    this.canvas = canvas;
    this.dirty = [];
  }

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

  frame(x, y, width, height, ratio, theme) {
    this.dirty.push([x, y, width, height]);
    outline(this.context, x, y, width, height, ratio, theme);
  }

  /** Fills rectangles [x, y, width, height] that lie within `box` with a translucent color. */
  tint(rectangles, box, rgb, alpha) {
    this.dirty.push(box);
    this.context.fillStyle = `rgb(${rgb.join(" ")} / ${alpha})`;
    this.context.beginPath();
    for (const rectangle of rectangles) this.context.rect(...rectangle);
    this.context.fill();
  }
}
