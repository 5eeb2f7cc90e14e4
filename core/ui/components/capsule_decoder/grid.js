// The paper's figure: each number of a capsule, one a row, moved from low to high, and what the decoder draws.

import { arrowStep, clamp, make, onCells } from "../kit/elements.js";
import { markSquare, penOf } from "../kit/drawing.js";
import { draw } from "./decoder.js";
import { want } from "./exchange.js";
import { paint, signed } from "./picture.js";

/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("./decoder.js").Decoder} Decoder */
/** @typedef {{decoder: string, digit: number, vector: number[], steps: number[], side: number}} Data */

const GAP = 2; // pixels between pictures
const TIMES = 8; // CSS pixels a pixel of the enlarged picture
const FRAME_MS = 10; // of drawing before the page is painted

export class Grid {
  /** @type {Data} */
  data;
  /** @type {Decoder | null} */
  decoder = null;
  /** @type {[number, number]} row and column of the cell that is enlarged */
  cell = [0, 0];
  /** @type {(() => void) | null} */
  stop = null;
  frame = 0;

  /** @param {Parent} parent */
  constructor(parent) {
    this.canvas = make("canvas", {
      tabindex: 0,
      role: "application",
      "aria-label": "Grid of reconstructions: arrow keys move",
    });
    this.over = make("canvas", { class: "over", "aria-hidden": "true" });
    this.large = make("canvas", { role: "img", class: "drawn" });
    this.caption = make("figcaption", { role: "status" });
    this.head = make("div", { class: "head" });
    this.side = make("div", { class: "side" });
    const sheet = make(
      "div",
      { class: "sheet" },
      this.head,
      this.side,
      make("div", { class: "cells" }, this.canvas, this.over),
    );
    this.root = make("div", { class: "capsule grid" }, sheet, make("figure", {}, this.large, this.caption));
    parent.append(this.root);
    onCells(
      this.canvas,
      () => 1,
      () => this.pitch,
      (row, column) => this.point(row, column),
    );
    this.canvas.addEventListener("keydown", (event) => {
      const step = arrowStep(event);
      if (step) this.point(this.cell[0] + step[0], this.cell[1] + step[1]);
    });
  }

  get pitch() {
    return this.data.side + GAP;
  }

  dispose() {
    cancelAnimationFrame(this.frame);
    this.stop?.();
    this.root.remove();
  }

  /** @param {Data} data */
  update(data) {
    const same = this.data && JSON.stringify(this.data) === JSON.stringify(data);
    const known = this.data?.decoder === data.decoder;
    this.data = data;
    if (same) return;
    const [rows, columns] = [data.vector.length, data.steps.length];
    for (const canvas of [this.canvas, this.over])
      [canvas.width, canvas.height] = [columns * this.pitch, rows * this.pitch];
    this.large.width = this.large.height = data.side;
    this.large.style.width = this.large.style.height = `${data.side * TIMES}px`;
    this.root.style.setProperty("--pitch", `${this.pitch}px`);
    this.head.replaceChildren(...data.steps.map((step) => make("span", {}, signed(step).replace("+0.00", "0"))));
    this.side.replaceChildren(...data.vector.map((_, i) => make("span", {}, String(i + 1))));
    this.cell = [0, columns - 1];
    if (known) this.fill();
    else {
      this.stop?.();
      this.decoder = null;
      this.stop = want(data.decoder, (decoder) => {
        this.decoder = decoder;
        this.fill();
      });
    }
  }

  /**
   * Return what the decoder draws at a cell.
   * @param {number} row
   * @param {number} column
   */
  pixels(row, column) {
    const moved = this.data.vector.map((value, i) => (i === row ? value + this.data.steps[column] : value));
    return this.decoder && draw(this.decoder, moved, this.data.digit);
  }

  /** Draw all cells, a few in each frame. */
  fill() {
    cancelAnimationFrame(this.frame);
    const [rows, columns] = [this.data.vector.length, this.data.steps.length];
    let next = 0;
    const some = () => {
      const began = performance.now();
      while (next < rows * columns && performance.now() - began < FRAME_MS) {
        const [row, column] = [Math.floor(next / columns), next % columns];
        const pixels = this.pixels(row, column);
        if (pixels) paint(this.canvas, pixels, column * this.pitch + GAP / 2, row * this.pitch + GAP / 2);
        next += 1;
      }
      this.root.dataset.drawn = String(next);
      if (next < rows * columns) this.frame = requestAnimationFrame(some);
    };
    some();
    this.point(...this.cell);
  }

  /**
   * Enlarge a cell, and say which number it moves by how much.
   * @param {number} row
   * @param {number} column
   */
  point(row, column) {
    const { vector, steps } = this.data;
    this.cell = [clamp(row, 0, vector.length - 1), clamp(column, 0, steps.length - 1)];
    const [at, step] = this.cell;
    const pixels = this.pixels(at, step);
    if (pixels) paint(this.large, pixels);
    const text = `Number ${at + 1}: ${signed(vector[at])} ${signed(steps[step]).replace(/^(.)/, "$1 ")} = ${signed(vector[at] + steps[step])}`;
    this.caption.textContent = text;
    this.large.setAttribute("aria-label", `Reconstruction. ${text}`);
    const pen = penOf(this.over);
    pen.clearRect(0, 0, this.over.width, this.over.height);
    const color = getComputedStyle(this.root).getPropertyValue("--role");
    markSquare(pen, step * this.pitch + 1, at * this.pitch + 1, this.pitch - 2, color, 2);
  }
}
