// The networks' answers as rows: what each says now, its outputs as bars, and what it says over the range of one number.

import { make } from "../kit/elements.js";
import { capital } from "../kit/panel.js";
import { largest, nearest, turningPoints } from "./answers.js";
import { UNCHANGED } from "./transform.js";
import { HANDLES, changes, withUnit } from "./what_to_notice.js";

/** @typedef {import("./answers.js").Strip} Strip */
/** @typedef {import("./transform.js").Values} Values */
/** @typedef {keyof Values} Name */
/** @typedef {{name: string, meaning: string, color: string, lengths: boolean}} Network */
/** @typedef {{classes: string[], truth: number | null, noun: string}} Subject */

/** One network's row. */
export class Row {
  /** @type {HTMLElement[]} */
  cells = [];
  /** @type {string} of the strip that stands there */
  made = "";

  /**
   * @param {Network} network
   * @param {Subject} subject
   * @param {(value: number) => void} choose a value of the strip
   */
  constructor(network, subject, choose) {
    this.network = network;
    this.subject = subject;
    const { classes } = subject;
    this.isWordy = classes.some((name) => name.length > 1);
    this.said = make("b", { class: "said" });
    this.sure = make("span", { class: "sure" });
    this.verdict = make("span", { class: "verdict" });
    this.bars = classes.map((name) => ({ bar: make("i"), box: make("span", { title: name }), name }));
    for (const { bar, box, name } of this.bars) box.append(bar, make("small", {}, name));
    const outputs = make("div", { class: this.isWordy ? "bars words" : "bars", role: "img" });
    outputs.append(...this.bars.map(({ box }) => box));
    this.outputs = outputs;
    this.strip = make("div", { class: this.isWordy ? "strip words" : "strip", role: "img" });
    this.changes = make("p", { class: "changes" });
    const head = make(
      "div",
      { class: "head" },
      make("i", { class: "swatch" }),
      make("span", { class: "who", title: network.meaning }, capital(network.name)),
      this.said,
      this.sure,
      this.verdict,
    );
    const left = make("div", { class: "left" }, head, this.strip, this.changes);
    this.root = make("div", { class: this.isWordy ? "net words" : "net" }, left, outputs);
    this.root.style.setProperty("--role", network.color);
    this.choose = choose;
    /** @type {number[]} */
    this.values = [];
    const act = (/** @type {PointerEvent} */ event) => {
      const box = this.strip.getBoundingClientRect();
      const place = Math.floor(((event.clientX - box.left) / box.width) * this.values.length);
      const value = this.values[place];
      if (value !== undefined) choose(value);
    };
    this.strip.addEventListener("pointerdown", (event) => {
      this.strip.setPointerCapture(event.pointerId);
      act(event);
    });
    this.strip.addEventListener("pointermove", (event) => this.strip.hasPointerCapture(event.pointerId) && act(event));
  }

  /**
   * Show what the network says of the picture now.
   * @param {Float32Array} outputs
   * @param {number} kept what it should say
   */
  now(outputs, kept) {
    const { classes, truth } = this.subject;
    const best = largest(outputs);
    const written = (/** @type {number} */ value, digits = 0) =>
      this.network.lengths ? value.toFixed(2) : `${(100 * value).toFixed(digits)}\u202f%`;
    this.said.textContent = classes[best];
    this.sure.textContent = this.network.lengths ? `length ${written(outputs[best])}` : written(outputs[best], 1);
    const isRight = best === kept;
    this.verdict.textContent =
      truth === null ? (isRight ? "" : "changed") : isRight ? "✓ right" : `✗ not ${classes[kept]}`;
    this.root.classList.toggle("wrong", !isRight);
    this.bars.forEach(({ bar, box }, i) => {
      bar.style.setProperty("--share", String(Math.min(1, Math.max(outputs[i], 0.005))));
      box.classList.toggle("best", i === best);
    });
    const what = this.network.lengths
      ? "Length of each class's capsule"
      : `Probability of each ${this.isWordy ? "class" : this.subject.noun}`;
    this.outputs.setAttribute(
      "aria-label",
      `${what}: ${classes.map((name, i) => `${name} ${written(outputs[i])}`).join(", ")}`,
    );
    return best;
  }

  /**
   * Show what the network says over the range of one number.
   * @param {Float32Array[]} outputs
   * @param {number[]} values
   * @param {Name} along
   * @param {string} name of the strip: the same one is not built again
   */
  over(outputs, values, along, name) {
    if (name === this.made) return;
    [this.made, this.values] = [name, values];
    const { classes, truth } = this.subject;
    const predictions = outputs.map(largest);
    const still = nearest(values, UNCHANGED[along]);
    const kept = truth ?? predictions[still];
    const turns = new Set(predictions.map((_, i) => i).filter((i) => i && predictions[i] !== predictions[i - 1]));
    const labels = predictions.map((label, i) => `${withUnit(along, values[i])}: ${classes[label]}`);
    this.cells = predictions.map((label, i) => {
      const cell = make("span", { title: labels[i] }, this.isWordy ? classes[label].slice(0, 2) : classes[label]);
      cell.classList.toggle("right", label === kept);
      cell.classList.toggle("turn", turns.has(i));
      cell.classList.toggle("still", i === still);
      return cell;
    });
    this.strip.replaceChildren(...this.cells);
    this.strip.setAttribute(
      "aria-label",
      `Prediction for every value of ${HANDLES[along].title.toLowerCase()}: ${labels.join(", ")}`,
    );
    this.changes.textContent = changes(predictions, values, along, classes);
    this.root.dataset.turns = turningPoints(predictions, still)
      .map((i) => values[i])
      .join(" ");
  }

  /**
   * Mark the cell of the value that the picture has now.
   * @param {number} value
   */
  mark(value) {
    if (!this.values.length) return;
    const place = nearest(this.values, value);
    this.cells.forEach((cell, i) => cell.classList.toggle("now", i === place));
  }
}
