// A network's layers in a row: blocks of planes whose sides are to scale and whose depth grows with the number of planes,
// bars for lists of units, broader ones for capsules.

import { mountPart } from "../kit/component.js";
import { css, mix, penOf, prepareCanvas, readTheme, shade } from "../kit/drawing.js";
import { clamp, focused, make } from "../kit/elements.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/component.js").Tell} Tell */

/** @typedef {{count: number, height: number, width: number, values: Float32Array}} Shares Planes, from -1 to 1. */

/**
 * @typedef {object} Layer What Python sends of a layer.
 * @property {number[]} shape
 * @property {string} base64
 * @property {number} depth
 * @property {boolean} flat
 * @property {boolean} picture
 * @property {string} title
 * @property {string} size
 * @property {string} aria_label
 */

const FRONT = 58; // CSS pixels: the side of the largest plane
const SMALLEST = 7;
const BACK = 3.5; // CSS pixels from a plane to the one behind it
const BAR = [9, 78]; // CSS pixels: width, height
const NUMBER = [3, 40]; // CSS pixels: width of one of a capsule's numbers, and the most of all of them

/**
 * Return planes as numbers from -1 to 1.
 * @param {{shape: number[], base64: string}} packed
 * @returns {Shares}
 */
function decodeShares({ shape: [count, height, width], base64 }) {
  const bytes = Int8Array.from(atob(base64), (c) => c.charCodeAt(0));
  return { count, height, width, values: Float32Array.from(bytes, (b) => b / 127) };
}

/**
 * Return one plane, a pixel a unit; of a picture all of its channels at once.
 * @param {Shares} shares
 * @param {number} plane
 * @param {Theme} theme
 * @param {boolean} isPicture
 */
function painted({ count, height, width, values }, plane, theme, isPicture) {
  const pixels = new ImageData(width, height);
  const area = height * width;
  /** @type {(i: number) => number[]} */
  const color = (i) =>
    isPicture
      ? [0, 1, 2].map((c) => 255 * values[(count === 3 ? c : 0) * area + i])
      : shade(values[plane * area + i], { kind: "signed", limit: 1 }, theme);
  for (let i = 0; i < area; i++) pixels.data.set([...color(i), 255], 4 * i);
  const canvas = make("canvas", { width, height });
  penOf(canvas).putImageData(pixels, 0, 0);
  return canvas;
}

/**
 * Draw a layer's block of planes, or its bar.
 * @param {HTMLCanvasElement} canvas
 * @param {Layer} layer
 * @param {number} largest side of all planes
 * @param {Theme} theme
 * @param {number} ratio
 */
function drawBlock(canvas, layer, largest, theme, ratio) {
  const block = decodeShares(layer);
  const scale = Math.max(FRONT / largest, SMALLEST / Math.max(block.height, block.width));
  const [height, width] = layer.flat
    ? [Math.max(14, (BAR[1] * block.height) / 48), clamp(NUMBER[0] * block.width, BAR[0], NUMBER[1])]
    : [block.height * scale, block.width * scale];
  const behind = layer.flat || layer.picture ? 0 : Math.min(block.count - 1, Math.ceil(Math.log2(layer.depth + 1)) - 1); // 16 planes: 4 behind the first
  const reach = Math.max(0, behind) * BACK;
  const context = prepareCanvas(
    canvas,
    Math.ceil((width + reach + 2) * ratio),
    Math.ceil((height + reach + 2) * ratio),
    ratio,
  );
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.imageSmoothingEnabled = false;
  context.lineWidth = 1;
  context.strokeStyle = css(mix(theme.background, theme.text, 0.45));
  for (let plane = Math.max(0, behind); plane >= 0; plane--) {
    const [x, y] = [1 + plane * BACK, 1 + reach - plane * BACK];
    context.drawImage(painted(block, plane, theme, layer.picture), x, y, width, height);
    context.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);
  }
}

class LayerRow {
  /** @param {Parent} parent */
  constructor(parent) {
    this.root = make("div", { class: "row", role: "group", "aria-label": "Layers of the network" });
    this.root.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
      const buttons = this.buttons.map(({ button }) => button).filter((button) => !button.disabled);
      const place = buttons.findIndex((button) => button === focused(this.root));
      if (!step || place < 0) return;
      event.preventDefault();
      buttons[clamp(place + step, 0, buttons.length - 1)].focus();
    });
    parent.append(this.root);
    /** @type {ReturnType<LayerRow["build"]>[]} */
    this.buttons = [];
  }

  dispose() {
    this.root.remove();
  }

  build() {
    const [canvas, title, size] = [make("canvas", { "aria-hidden": "true" }), make("b"), make("span")];
    const button = make("button", { type: "button" }, canvas, title, size);
    this.root.append(button);
    return { button, canvas, title, size };
  }

  /**
   * @param {{layers: Layer[], selected: number, largest: number}} data
   * @param {Tell} tell
   */
  update({ layers, selected, largest }, tell) {
    const [theme, ratio] = [readTheme(this.root), window.devicePixelRatio || 1];
    while (this.buttons.length > layers.length) this.buttons.pop()?.button.remove();
    layers.forEach((layer, number) => {
      const { button, canvas, title, size } = (this.buttons[number] ??= this.build());
      drawBlock(canvas, layer, largest, theme, ratio);
      [title.textContent, size.textContent] = [layer.title, layer.size];
      button.setAttribute("aria-label", layer.aria_label);
      button.setAttribute("aria-pressed", String(number === selected));
      button.disabled = number === 0; // the picture is no layer
      button.onclick = () => {
        for (const other of this.root.children) other.setAttribute("aria-pressed", String(other === button)); // at once: the page follows
        tell("chosen", number);
      };
    });
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(LayerRow, component);
}
