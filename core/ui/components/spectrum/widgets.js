// What both components of the frequency page are made of: colors as tables, pixels on canvases, axes.

import { mix, penOf, prepareCanvas, toRgb } from "../kit/drawing.js";
import { clamp, make, makeSvg } from "../kit/elements.js";
import { Panel, say, text } from "../kit/panel.js";

/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/drawing.js").Rgb} Rgb */

const SPACE = "\u202f"; // narrow and unbreakable, between a number and its unit

/**
 * Return a count of pixels with its unit.
 * @param {number} count
 */
export const pixels = (count) => `${say(count, 1)}${SPACE}px`;

/**
 * Return colors of 0 to 1 as 256 pixels that a canvas takes as they are.
 * @param {(share: number) => Rgb} color
 */
const table = (color) =>
  Uint32Array.from({ length: 256 }, (_, i) => {
    const [r, g, b] = color(i / 255).map(Math.round);
    return (255 << 24) | (b << 16) | (g << 8) | r;
  });

/**
 * Return gray, viridis from its ten stops, and the signed scale, whose -1 is at 0 and whose zero is the page's background.
 * @param {Theme} theme
 * @param {string[]} viridis
 */
function colorTables(theme, viridis) {
  const stops = viridis.map(toRgb);
  return {
    gray: table((t) => [255 * t, 255 * t, 255 * t]),
    viridis: table((t) => {
      const place = t * (stops.length - 1);
      const i = Math.min(Math.floor(place), stops.length - 2);
      return mix(stops[i], stops[i + 1], place - i);
    }),
    signed: table((t) => mix(theme.background, t < 0.5 ? theme.below : theme.above, Math.abs(2 * t - 1))),
  };
}

/** @type {WeakMap<HTMLCanvasElement, HTMLCanvasElement>} of each canvas its picture, a pixel a cell */
const smalls = new WeakMap();

/**
 * Paint a canvas of size x size cells, each `unit` device pixels wide, without smoothing. `pixel(i)` is its color.
 * @param {HTMLCanvasElement} canvas
 * @param {number} size
 * @param {number} unit
 * @param {number} ratio
 * @param {(i: number) => number} pixel
 */
export function paint(canvas, size, unit, ratio, pixel) {
  const image = new ImageData(size, size);
  const colors = new Uint32Array(image.data.buffer);
  for (let i = 0; i < colors.length; i++) colors[i] = pixel(i);
  const small = smalls.get(canvas) ?? make("canvas", { width: size, height: size });
  smalls.set(canvas, small);
  penOf(small).putImageData(image, 0, 0);
  const context = prepareCanvas(canvas, size * unit, size * unit, ratio);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, size * unit, size * unit);
}

/**
 * Return the color of a share, 0 to 1.
 * @param {Uint32Array} colors
 * @param {number} share
 */
export const at = (colors, share) => colors[Math.round(255 * clamp(share, 0, 1))];

/**
 * Return axes around a spectrum `side` wide that holds -half to half cycles an image, left and below, and its name below.
 * @param {number} side
 * @param {number} half
 * @param {string} name
 */
export function spectrumAxes(side, half, name) {
  const group = makeSvg("g", { class: "axes", "aria-hidden": "true" });
  for (const share of [-1, -0.5, 0, 0.5, 1]) {
    const place = (side * (1 + share)) / 2;
    const anchor = share === -1 ? "start" : share === 1 ? "end" : "middle";
    group.append(makeSvg("path", { d: `M${place} ${side}v4M0 ${place}h-4` }));
    group.append(text(place, side + 16, say(share * half), { "text-anchor": anchor }));
    group.append(
      text(-7, clamp(side - place, 8, side - 2) + 4, say(share * half), { "text-anchor": "end", class: "vertical" }),
    );
  }
  group.append(text(side / 2, side + 32, name, { "text-anchor": "middle", class: "title" }));
  return group;
}

/**
 * Return a canvas with an SVG over it, to be pointed at, dragged on and used by keyboard.
 * @param {string} role
 */
export function makeScreen(role) {
  const canvas = make("canvas");
  const over = makeSvg("svg", { class: "over", "aria-hidden": "true" });
  return {
    canvas,
    over,
    screen: make(
      "div",
      { class: "screen", tabindex: "0", role: "application", "aria-roledescription": role },
      canvas,
      over,
    ),
  };
}

/** A panel that paints with tables of colors. */
export class ColorPanel extends Panel {
  /** @type {ReturnType<typeof colorTables>} */
  colors;

  measure() {
    super.measure();
    this.colors = colorTables(this.theme, this.data.viridis);
  }
}
