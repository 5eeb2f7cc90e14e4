// Frames of one picture, played to and fro or scrubbed through.

import { mountPart } from "../kit/component.js";
import { penOf } from "../kit/drawing.js";
import { make } from "../kit/elements.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {{shape: number[], pixels: string, captions: string[], alt: string, start: number}} Data */

const FRAME_MS = 110;
const WIDEST = 336; // CSS pixels

class Flipbook {
  /** @type {Data} */
  data;
  /** @type {Uint8Array} */
  bytes;
  /** @type {number} */
  frame;
  /** @type {number} 1 forth, -1 back */
  way;
  /** @type {number} 0 while it stands still */
  timer;

  /** @param {Parent} parent */
  constructor(parent) {
    this.canvas = make("canvas", { role: "img" });
    this.caption = make("figcaption", {});
    this.play = make("button", { type: "button" });
    this.play.addEventListener("click", () => (this.timer ? this.stop() : this.start()));
    this.slider = make("input", { type: "range", min: 0, step: 1 });
    this.slider.addEventListener("input", () => {
      this.stop();
      this.show(this.slider.valueAsNumber);
    });
    const bar = make("div", { class: "bar" }, this.play, this.slider);
    this.root = make("figure", { class: "flipbook" }, this.caption, this.canvas, bar);
    parent.append(this.root);
    this.stop();
  }

  dispose() {
    this.stop();
    this.root.remove();
  }

  /** @param {Data} data */
  update(data) {
    const same = this.data && this.data.pixels === data.pixels;
    this.data = data;
    if (same) return;
    this.stop();
    const [count, height, width] = data.shape;
    this.bytes = Uint8Array.from(atob(data.pixels), (c) => c.charCodeAt(0));
    this.slider.max = String(count - 1);
    this.slider.setAttribute("aria-label", data.alt);
    const times = Math.max(1, Math.floor(Math.min(WIDEST, this.root.clientWidth || WIDEST) / width));
    [this.canvas.width, this.canvas.height] = [width, height];
    this.canvas.style.width = `${width * times}px`; // whole multiples; CSS keeps the pixels sharp
    this.way = 1;
    this.show(data.start);
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.start();
  }

  start() {
    this.timer = window.setInterval(() => {
      const last = this.data.shape[0] - 1;
      if (this.frame + this.way < 0 || this.frame + this.way > last) this.way = -this.way;
      this.show(this.frame + this.way);
    }, FRAME_MS);
    this.play.textContent = "Pause";
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.play.textContent = "Play";
  }

  /** @param {number} frame */
  show(frame) {
    this.frame = frame;
    const [, height, width, depth] = this.data.shape;
    const pixels = new ImageData(width, height);
    const from = frame * height * width * depth;
    for (let i = 0; i < height * width; i++) {
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = this.bytes[from + i * depth + (depth >= 3 ? c : 0)];
      pixels.data[4 * i + 3] = depth === 4 ? this.bytes[from + i * depth + 3] : 255;
    }
    penOf(this.canvas).putImageData(pixels, 0, 0);
    this.slider.value = String(frame);
    this.slider.setAttribute("aria-valuetext", this.data.captions[frame]);
    this.caption.textContent = this.data.captions[frame];
    this.canvas.setAttribute("aria-label", `${this.data.alt}: ${this.data.captions[frame]}`);
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(Flipbook, component);
}
