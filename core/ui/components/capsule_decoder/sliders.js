// One capsule's numbers as sliders, beside the picture and what the decoder draws of them.

import { make } from "../kit/elements.js";
import { draw } from "./decoder.js";
import { want } from "./exchange.js";
import { lengthOf, paint, signed } from "./picture.js";

/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("./decoder.js").Decoder} Decoder */
/** @typedef {{decoder: string, digit: number, vector: number[], pixels: number[], title: string, side: number}} Data */

const TIMES = 7; // CSS pixels a pixel
const REACH = 0.6; // of a slider either way; farther where a capsule's own number is
const STEP = 0.01;

export class Sliders {
  /** @type {Data} */
  data;
  /** @type {Decoder | null} */
  decoder = null;
  /** @type {number[]} */
  values = [];
  /** @type {{input: HTMLInputElement, output: HTMLOutputElement, mark: HTMLElement}[]} */
  rows = [];
  /** @type {(() => void) | null} */
  stop = null;

  /** @param {Parent} parent */
  constructor(parent) {
    this.given = make("canvas", { role: "img" });
    this.drawn = make("canvas", { role: "img", class: "drawn" });
    this.title = make("figcaption");
    this.caption = make("figcaption", {}, "Waiting for the decoder's weights …");
    this.numbers = make("div", { class: "numbers", role: "group", "aria-label": "The capsule's numbers" });
    this.reset = make("button", { type: "button", disabled: "" }, "Put the numbers back");
    this.reset.addEventListener("click", () => this.start());
    this.told = make("span", { class: "told", role: "status" });
    const pictures = make(
      "div",
      { class: "pictures" },
      make("figure", {}, this.given, this.title),
      make("figure", {}, this.drawn, this.caption),
    );
    const controls = make(
      "div",
      { class: "controls" },
      this.numbers,
      make("div", { class: "bar" }, this.reset, this.told),
    );
    this.root = make("div", { class: "capsule" }, pictures, controls);
    parent.append(this.root);
  }

  dispose() {
    this.stop?.();
    this.root.remove();
  }

  /** @param {Data} data */
  update(data) {
    const same = this.data && JSON.stringify(this.data) === JSON.stringify(data);
    const known = this.data?.decoder === data.decoder;
    this.data = data;
    if (same) return;
    for (const canvas of [this.given, this.drawn]) {
      canvas.width = canvas.height = data.side;
      canvas.style.width = canvas.style.height = `${data.side * TIMES}px`;
    }
    paint(this.given, data.pixels);
    this.given.setAttribute("aria-label", data.title);
    this.title.textContent = data.title;
    if (this.rows.length !== data.vector.length) this.build();
    this.start();
    if (known) return;
    this.stop?.();
    this.decoder = null;
    this.stop = want(data.decoder, (decoder) => {
      this.decoder = decoder;
      this.draw();
    });
  }

  build() {
    this.rows = this.data.vector.map((_, i) => {
      const input = make("input", { type: "range", step: STEP, "aria-label": `Number ${i + 1}` });
      const [output, mark] = [make("output"), make("i")];
      input.addEventListener("input", () => this.move(i));
      return { input, output, mark };
    });
    this.numbers.replaceChildren(
      ...this.rows.map(({ input, output, mark }, i) =>
        make("label", {}, make("b", {}, String(i + 1)), make("span", {}, mark, input), output),
      ),
    );
  }

  /** Set all numbers to the network's own. */
  start() {
    this.values = [...this.data.vector];
    const reach = Math.max(REACH, ...this.values.map((value) => Math.ceil(10 * Math.abs(value)) / 10));
    this.rows.forEach(({ input, mark }, i) => {
      [input.min, input.max] = [String(-reach), String(reach)];
      input.value = String(this.values[i]);
      mark.style.setProperty("--at", String((this.values[i] + reach) / (2 * reach)));
      this.tell(i);
    });
    this.reset.disabled = true;
    this.told.textContent = "";
    this.draw();
  }

  /** @param {number} i */
  move(i) {
    this.values[i] = this.rows[i].input.valueAsNumber;
    this.reset.disabled = false;
    this.tell(i);
    this.draw();
    this.told.textContent = `Number ${i + 1}: ${signed(this.values[i] - this.data.vector[i])} from the network's own`;
  }

  /** @param {number} i */
  tell(i) {
    const text = signed(this.values[i]);
    this.rows[i].output.textContent = text;
    this.rows[i].input.setAttribute("aria-valuetext", text);
  }

  draw() {
    if (!this.decoder) return;
    const began = performance.now();
    paint(this.drawn, draw(this.decoder, this.values, this.data.digit));
    const took = performance.now() - began;
    const text = `Drawn from these ${this.values.length} numbers alone; their length is ${lengthOf(this.values).toFixed(2)}`;
    this.caption.textContent = text;
    this.drawn.setAttribute("aria-label", text);
    this.root.dataset.took = took.toFixed(2); // ms, from the numbers to the painted canvas
  }
}
