// The picture that goes in, with the frame of what a unit sees of it.

import { outline, paintGrid, prepareCanvas } from "../kit/drawing.js";
import { make } from "../kit/elements.js";

/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/math.js").Planes} Planes */
/** @typedef {number[]} Seen top, bottom, left and right; bottom and right are one past the last pixel */

export class Field {
  /** @type {Theme | undefined} */
  theme;
  ratio = 1;
  pixel = 1; // device pixels of one of the picture's

  constructor() {
    this.canvas = make("canvas", { role: "img" });
    this.over = make("canvas", { "aria-hidden": "true" });
    this.root = make("div", { class: "grid" }, this.canvas, this.over);
  }

  /**
   * Draw the picture, each pixel a whole number of pixels, at most `side` CSS pixels high and wide.
   * @param {Planes} picture
   * @param {string} alt
   * @param {number} side
   * @param {number} ratio
   * @param {Theme} theme
   */
  show(picture, alt, side, ratio, theme) {
    [this.ratio, this.theme] = [ratio, theme];
    this.pixel = Math.max(1, Math.floor((side * ratio) / Math.max(picture.height, picture.width)));
    const scale = { kind: picture.depth === 3 ? "color" : "gray", limit: 1 };
    paintGrid(this.canvas, picture, scale, this.pixel, ratio, theme, () => "");
    this.canvas.setAttribute("aria-label", alt);
    prepareCanvas(this.over, this.canvas.width, this.canvas.height, ratio);
  }

  /**
   * Frame what a unit sees, and veil the rest; nothing is framed if it sees padding alone.
   * @param {Seen} field
   */
  frame([top, bottom, left, right]) {
    const { over, pixel, ratio, theme } = this;
    if (!theme) return;
    const context = prepareCanvas(over, this.canvas.width, this.canvas.height, ratio);
    const [x, y, width, height] = [left, top, right - left, bottom - top].map((n) => n * pixel);
    if (width <= 0 || height <= 0) return;
    context.fillStyle = `rgb(${theme.background.join(" ")} / 0.5)`;
    context.fillRect(0, 0, over.width, over.height);
    context.clearRect(x, y, width, height);
    const inset = 3 * ratio; // within the canvas, or its edge would cut the frame off
    const [startX, startY] = [Math.max(x, inset), Math.max(y, inset)];
    const [endX, endY] = [Math.min(x + width, over.width - inset), Math.min(y + height, over.height - inset)];
    outline(context, startX, startY, Math.max(1, endX - startX), Math.max(1, endY - startY), ratio, theme);
  }
}

/**
 * Return in words what a unit sees: "5 × 5 px, rows 3 to 7, columns 1 to 5".
 * @param {Seen} field
 */
export function seen([top, bottom, left, right]) {
  if (bottom <= top || right <= left) return "only padding";
  return `${bottom - top}\u00a0×\u00a0${right - left}\u00a0px, rows ${top + 1} to ${bottom}, columns ${left + 1} to ${right}`;
}
