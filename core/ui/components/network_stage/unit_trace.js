// Where one unit's value comes from, in a line: the picture with the frame of what it sees, the planes that count most with
// its window, and its sum as a waterfall.

import { css, mix, outline, penOf, prepareCanvas, shade } from "../kit/drawing.js";
import { make } from "../kit/elements.js";
import { formatNumber, fullSize } from "../kit/math.js";
import { feeds, PICTURE_NAME, planeName, SHOWN, steps, windowOf } from "./contributions.js";
import { Field } from "./input_picture.js";

/** @typedef {import("./unit_arithmetic.js").Account} Account */
/** @typedef {import("./unit_arithmetic.js").Source} Source */
/** @typedef {import("./contributions.js").Unit} Unit */
/** @typedef {import("./contributions.js").Step} Step */
/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/math.js").Planes} Picture */

const [SMALL, LARGE, WIDE_FROM] = [40, 64, 540]; // CSS pixels: sides of the pictures, and where the larger ones fit
const FALL = [72, 200, 360]; // CSS pixels: height of the waterfall, its least and most width
const LETTERS = 12; // CSS pixels

export class Ladder {
  /** @type {Theme | undefined} */
  theme;
  ratio = 1;
  room = 0; // CSS pixels
  side = SMALL; // of a picture
  /** @type {Map<number, HTMLCanvasElement>} planes that come in, painted */
  painted = new Map();

  constructor() {
    this.field = new Field();
    this.sees = make("figcaption");
    this.pictured = make("figure", {}, this.field.root, this.sees);
    this.sources = Array.from({ length: SHOWN }, () => {
      const [canvas, caption] = [make("canvas", { "aria-hidden": "true" }), make("figcaption")];
      return { canvas, caption, figure: make("figure", {}, canvas, caption) };
    });
    this.fall = make("canvas", { class: "fall", "aria-hidden": "true" });
    const arrow = () => make("span", { class: "arrow", "aria-hidden": "true" }, "→");
    this.between = arrow();
    const planes = this.sources.map(({ figure }) => figure);
    this.before = arrow();
    this.root = make("div", { class: "origins" }, this.pictured, this.between, ...planes, this.before, this.fall);
  }

  /**
   * Draw the picture, and forget the planes of the layer before.
   * @param {Picture} picture
   * @param {string} alt
   * @param {number} room CSS pixels
   * @param {number} ratio
   * @param {Theme} theme
   */
  arrange(picture, alt, room, ratio, theme) {
    [this.room, this.ratio, this.theme] = [room, ratio, theme];
    this.side = room >= WIDE_FROM ? LARGE : SMALL;
    this.painted.clear();
    this.field.show(picture, alt, this.side, ratio, theme);
  }

  /**
   * Show one unit's.
   * @param {Source} source
   * @param {Unit} unit
   * @param {Account} account
   * @param {number[]} seen top, bottom, left, right
   */
  point(source, unit, account, seen) {
    const [top, bottom, left, right] = seen;
    this.field.frame(seen);
    this.sees.textContent = bottom > top && right > left ? `${bottom - top} × ${right - left} px` : "padding";
    const window_ = windowOf(source, unit);
    const isPicture = source.inputName === PICTURE_NAME;
    const fed = window_ && !(isPicture && source.input.shape[0] === 1) ? feeds(source, unit, account) : [];
    this.between.hidden = fed.length === 0;
    this.sources.forEach(({ canvas, caption, figure }, i) => {
      figure.hidden = i >= fed.length;
      if (i >= fed.length || !window_) return;
      this.paint(canvas, source, fed[i].plane, window_);
      const name = planeName(source, fed[i].plane);
      const value = `${isPicture ? name : fed[i].plane + 1}: ${formatNumber(fed[i].value)}`;
      caption.textContent = fed.length > 1 ? value : name;
    });
    this.drawFall(steps(source, unit, account), unit.value, Math.min(SHOWN, fed.length));
  }

  /**
   * Draw a plane that comes in, with the unit's window.
   * @param {HTMLCanvasElement} canvas
   * @param {Source} source
   * @param {number} plane
   * @param {import("./contributions.js").Window} window_
   */
  paint(canvas, { input }, plane, window_) {
    const { theme, ratio, side } = this;
    if (!theme) return;
    const [, height, width] = input.shape;
    let small = this.painted.get(plane);
    if (!small) {
      const values = input.values.subarray(plane * height * width, (plane + 1) * height * width);
      const limit = fullSize(values);
      const pixels = new ImageData(width, height);
      values.forEach((v, i) => pixels.data.set([...shade(v, { kind: "signed", limit }, theme), 255], 4 * i));
      small = make("canvas", { width, height });
      penOf(small).putImageData(pixels, 0, 0);
      this.painted.set(plane, small);
    }
    const unit = Math.max(1, Math.floor((side * ratio) / Math.max(height, width)));
    const context = prepareCanvas(canvas, width * unit, height * unit, ratio);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, width * unit, height * unit);
    const [x, y] = [Math.max(0, window_.x), Math.max(0, window_.y)];
    const [wide, high] = [
      Math.min(width, window_.x + window_.width) - x,
      Math.min(height, window_.y + window_.height) - y,
    ];
    if (wide > 0 && high > 0) outline(context, x * unit, y * unit, wide * unit, high * unit, ratio, theme);
  }

  /**
   * Draw a sum as a waterfall: each step begins where the one before it ended.
   * @param {Step[]} parts
   * @param {number} total
   * @param {number} pictures how many planes stand in the same line
   */
  drawFall(parts, total, pictures) {
    const { theme, ratio, room, side } = this;
    this.fall.hidden = this.before.hidden = parts.length === 0;
    if (!theme || parts.length === 0) return;
    const taken = (side + 8) * (pictures + 1) + 56;
    const width = Math.max(FALL[1], Math.min(FALL[2], room - taken));
    const context = prepareCanvas(this.fall, Math.round(width * ratio), Math.round(FALL[0] * ratio), ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const bars = fallOf(parts, total);
    const ends = bars.flatMap(({ from, to }) => [from, to]);
    const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
    const [top, foot] = [LETTERS + 4, FALL[0] - LETTERS - 5];
    const scale = (/** @type {number} */ value) => foot - ((value - low) / (high - low || 1)) * (foot - top);
    const each = width / bars.length;
    context.font = `${LETTERS}px ${theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = css(mix(theme.background, theme.text, 0.3));
    context.fillRect(0, scale(0), width, 1);
    bars.forEach(({ label, from, to }, i) => {
      const isTotal = i === bars.length - 1;
      const value = to - from;
      const [x, upper, tall] = [i * each, scale(Math.max(from, to)), Math.abs(scale(from) - scale(to))];
      context.fillStyle = css(value < 0 ? theme.below : theme.above);
      context.fillRect(x + 5, upper, each - 10, Math.max(1, tall));
      if (isTotal) {
        context.strokeStyle = css(theme.text);
        context.lineWidth = 1.5;
        context.strokeRect(x + 5, upper, each - 10, Math.max(1, tall));
      } else {
        context.fillStyle = css(mix(theme.background, theme.text, 0.5));
        context.fillRect(x + 5, scale(to), each, 1);
      }
      context.fillStyle = css(theme.text);
      context.fillText(formatNumber(value), x + each / 2, upper - LETTERS / 2 - 1, each - 2);
      context.fillText(label, x + each / 2, FALL[0] - LETTERS / 2 - 1, each - 4);
    });
    context.setTransform(1, 0, 0, 1, 0, 0);
  }
}

/**
 * Return the bars of a waterfall, the last of which is the total.
 * @param {Step[]} parts
 * @param {number} total
 */
export function fallOf(parts, total) {
  let at = 0;
  const bars = parts.map(({ label, value }) => {
    const from = at;
    at += value;
    return { label, from, to: at };
  });
  return [...bars, { label: "sum", from: 0, to: total }];
}
