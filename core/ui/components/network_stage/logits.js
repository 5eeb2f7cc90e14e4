// The last layer, a row a class: its products, its logit, which can be pulled, its exponential, and its probability.

import { css, mix, prepareCanvas } from "../kit/drawing.js";
import { clamp, make } from "../kit/elements.js";
import { formatNumber } from "../kit/math.js";
import { number as scrubbed } from "../kit/number.js";
import { account } from "./unit_arithmetic.js";
import { softmax } from "./contributions.js";
import { written } from "./answers.js";

/** @typedef {import("./unit_arithmetic.js").Source} Source */
/** @typedef {import("./answers.js").Data} Answers */
/** @typedef {import("../kit/drawing.js").Theme} Theme */

/** @typedef {{products: number[], rest: number, others: number, bias: number}} Parts */

/**
 * @typedef {object} Row
 * @property {number} number of its class
 * @property {HTMLElement} row
 * @property {HTMLCanvasElement} strip
 * @property {HTMLElement} bar
 * @property {HTMLElement} mark
 * @property {{show: (value: number) => void}} logit
 * @property {HTMLElement[]} power bar and number
 * @property {HTMLElement[]} share bar and number
 */

const LARGEST = 12; // products of a class that are drawn each by itself
const [STRIP, BAR] = [210, 14]; // CSS pixels: width of a strip, and of one bar in it
const UNITS = 56; // CSS pixels: width of the units
const STEP = 0.1; // of a logit
const COOL = { low: 0.1, high: 5, step: 0.1 };

/**
 * Return the largest products of a class, and the rest together.
 * @param {number[]} products
 * @param {number} bias
 * @returns {Parts}
 */
export function partsOf(products, bias) {
  const sorted = [...products].sort((a, b) => Math.abs(b) - Math.abs(a));
  const rest = sorted.slice(LARGEST);
  return {
    products: sorted.slice(0, LARGEST),
    rest: rest.reduce((sum, value) => sum + value, 0),
    others: rest.length,
    bias,
  };
}

export class Pull {
  /** @type {number[]} the logits as they are now */
  logits = [];
  temperature = 1;
  /** @type {Row[]} */
  rows = [];
  /** @type {Map<number, Parts>} */
  parts = new Map();
  /** @type {Answers | undefined} */
  data;
  /** @type {Source | null} the layer's sums, where it is fully connected and its weights are here */
  source = null;
  limit = 1; // of what a logit can be pulled to

  /**
   * @param {(number: number) => void} onPoint called with the class that is pointed at
   * @param {(sentence: string) => void} onChange called after each change of a logit or of the temperature
   */
  constructor(onPoint, onChange) {
    this.onPoint = onPoint;
    this.onChange = onChange;
    const { low, high, step } = COOL;
    this.range = make("input", { type: "range", min: low, max: high, step, value: 1, "aria-label": "Temperature" });
    this.degree = make("output");
    this.reset = make("button", { type: "button" }, "Put back");
    this.total = make("span", { class: "total" });
    const label = make("label", {}, "Temperature ", this.range, this.degree);
    const head = make("div", { class: "head" }, label, this.reset, this.total);
    this.units = make("canvas", { class: "units", role: "img" });
    this.header = make("tr");
    this.body = make("tbody");
    const table = make("table", {}, make("thead", {}, this.header), this.body);
    this.root = make("div", { class: "pull" }, head, make("div", { class: "sides" }, this.units, table));
    this.range.addEventListener("input", () => {
      this.temperature = Number(this.range.value);
      const shares = this.shares();
      const best = shares.indexOf(Math.max(...shares));
      const way = this.temperature > 1 ? "flattens" : this.temperature < 1 ? "sharpens" : "leaves";
      this.changed(
        `A temperature of ${this.temperature.toFixed(1)} ${way} the answer: ${this.name(best)} gets ${written(shares[best], false)}.`,
      );
    });
    this.reset.addEventListener("click", () => {
      this.putBack();
      this.changed("The logits are the network's own again.");
    });
  }

  /** @param {number} number */
  name(number) {
    return this.data?.names[number] ?? "";
  }

  /** Return the probabilities of all classes. */
  shares() {
    return softmax(this.logits, this.temperature);
  }

  get isChanged() {
    return this.temperature !== 1 || this.logits.some((z, i) => z !== this.data?.values[i]);
  }

  putBack() {
    this.logits = [...(this.data?.values ?? [])];
    this.temperature = 1;
    this.range.value = "1";
  }

  /**
   * @param {Answers} data
   * @param {Source | null} source the layer's sums, where it is fully connected and its weights are here
   */
  update(data, source) {
    const same = this.data?.values.join() === data.values.join() && this.data.names.join() === data.names.join();
    this.data = data;
    if (!same) this.putBack();
    const size = Math.max(...data.values.map(Math.abs));
    this.limit = Math.ceil(Math.max(5, 1.5 * size));
    this.root.style.setProperty("--role", data.color);
    this.source = source?.weights && source.made.kind === "linear" ? source : null;
    this.parts.clear();
    if (this.source)
      for (const number of data.shown) {
        const unit = { tile: number, plane: number, row: 0, column: 0 };
        this.parts.set(number, partsOf(account(this.source, unit).products, this.source.biases[number] ?? 0));
      }
    const inputs = this.source ? this.source.input.shape[0] : 0;
    const largest = Math.min(LARGEST, inputs);
    const others = inputs > largest ? `, ${(inputs - largest).toLocaleString("en-US")} others` : "";
    /** @type {(name: string, ...content: (Node | string)[]) => HTMLElement} */
    const title = (name, ...content) => make("th", { scope: "col", class: name }, ...content);
    this.header.replaceChildren(
      title("", "class"),
      ...(inputs ? [title("strip", `${largest} largest products${others}, bias`)] : []),
      title("", "logit z: pull it"),
      title("bars power", "e", make("sup", {}, "z")),
      title("bars", "probability"),
    );
    this.rows = data.shown.map((number) => this.row(number));
    this.body.replaceChildren(...this.rows.map(({ row }) => row));
  }

  /**
   * @param {number} number
   * @returns {Row}
   */
  row(number) {
    const name = this.name(number);
    const [strip, bar, mark] = [make("canvas", { "aria-hidden": "true" }), make("i"), make("u")];
    const pull = make("div", { class: "logit", "aria-hidden": "true" }, bar, mark);
    const initial = this.data?.values[number] ?? 0;
    const logit = scrubbed({
      label: `Logit of ${name}`,
      help: "The score of this class before the softmax.",
      low: -this.limit,
      high: this.limit,
      step: STEP,
      digits: 2,
      value: this.logits[number],
      initial,
      set: (value) => this.set(number, value),
      bare: true,
    });
    const [power, share] = [
      [make("i"), make("span")],
      [make("i"), make("span")],
    ];
    const cells = [
      make("th", { scope: "row", title: name }, name),
      ...(this.source ? [make("td", { class: "strip" }, strip)] : []),
      make("td", { class: "pulled" }, make("div", {}, logit.field, pull)),
      make("td", { class: "bars power" }, make("div", {}, power[1], power[0])),
      make("td", { class: "bars" }, make("div", {}, share[1], share[0])),
    ];
    const row = make("tr", {}, ...cells);
    row.addEventListener("pointerenter", () => this.point(number));
    row.addEventListener("focusin", () => this.point(number));
    pull.addEventListener("dblclick", () => this.set(number, initial));
    pull.addEventListener("pointerdown", (event) => {
      const [start, from, wide] = [event.clientX, this.logits[number], pull.clientWidth];
      pull.setPointerCapture(event.pointerId);
      const move = (/** @type {PointerEvent} */ moved) => {
        if (moved.clientX !== start || this.logits[number] !== from)
          this.set(number, from + ((moved.clientX - start) / wide) * 2 * this.limit);
      };
      pull.addEventListener("pointermove", move);
      const end = () => pull.removeEventListener("pointermove", move);
      pull.addEventListener("pointerup", end, { once: true });
      pull.addEventListener("pointercancel", end, { once: true });
    });
    return { number, row, strip, bar, mark, logit, power, share };
  }

  /** Point at the class with the largest probability. */
  pointBest() {
    const shares = this.shares();
    this.point(shares.indexOf(Math.max(...shares)));
  }

  /** @param {number} number */
  point(number) {
    for (const { row, number: own } of this.rows) row.classList.toggle("on", own === number);
    this.onPoint(number);
  }

  /**
   * Return a class's sum in words.
   * @param {number} number
   */
  sum(number) {
    const parts = this.parts.get(number);
    const z = this.data?.values[number] ?? 0;
    if (!parts) return `${this.name(number)} has the logit ${formatNumber(z)}.`;
    const largest = parts.products.reduce((sum, value) => sum + value, 0);
    const sign = (/** @type {number} */ v) => `${v < 0 ? "−" : "+"} ${formatNumber(Math.abs(v))}`;
    const others = parts.others ? ` ${sign(parts.rest)} (${parts.others} others)` : "";
    return `${this.name(number)}: ${formatNumber(largest)} (the ${parts.products.length} largest products)${others} ${sign(parts.bias)} (bias) = ${formatNumber(z)}, its logit.`;
  }

  /**
   * Set a logit.
   * @param {number} number
   * @param {number} value
   */
  set(number, value) {
    const { limit } = this;
    const before = this.shares()[number];
    const own = this.data?.values[number] ?? 0;
    this.logits[number] = value === own ? own : clamp(Math.round(value * 100) / 100, -limit, limit);
    const shares = this.shares();
    const best = shares.indexOf(Math.max(...shares));
    const lead = best === number ? "" : ` ${this.name(best)} has ${written(shares[best], false)}.`;
    const from = softmax(this.data?.values ?? [], 1)[number] ?? before;
    this.changed(
      `The logit of ${this.name(number)} is ${formatNumber(this.logits[number])} instead of ${formatNumber(own)}: its probability is ${written(shares[number], false)} instead of ${written(from, false)}.${lead}`,
    );
  }

  /** @param {string} sentence */
  changed(sentence) {
    this.show();
    this.onChange(sentence);
  }

  /**
   * Draw the units and the products, which stay, then what can be pulled.
   * @param {Theme} theme
   * @param {number} ratio
   * @param {number} room CSS pixels of height
   */
  arrange(theme, ratio, room) {
    const high = clamp(Math.floor((room - 72) / Math.max(1, this.rows.length)), 20, 32);
    this.root.style.setProperty("--row", `${high}px`);
    const largest = Math.max(
      ...[...this.parts.values()].flatMap(({ products, rest, bias }) => [...products, rest, bias].map(Math.abs)),
    );
    for (const { number, strip } of this.rows) {
      const parts = this.parts.get(number);
      if (!parts) continue;
      const context = prepareCanvas(strip, Math.round(STRIP * ratio), Math.round((high - 4) * ratio), ratio);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      const middle = (high - 4) / 2;
      context.fillStyle = css(mix(theme.background, theme.text, 0.3));
      context.fillRect(0, middle, STRIP, 1);
      const gaps = [...parts.products.map(() => 0), ...(parts.others ? [6] : []), 12];
      [...parts.products, ...(parts.others ? [parts.rest] : []), parts.bias].forEach((value, i) => {
        const tall = (Math.abs(value) / largest) * middle;
        context.fillStyle = css(value < 0 ? theme.below : theme.above);
        context.fillRect(i * BAR + gaps[i], value < 0 ? middle : middle - tall, BAR - 3, Math.max(1, tall));
      });
      context.setTransform(1, 0, 0, 1, 0, 0);
    }
    this.drawUnits(theme, ratio, high * this.rows.length);
    this.show();
  }

  /**
   * Draw the units that come in as signed bars, one below the other; of more than there are pixels the strongest.
   * @param {Theme} theme
   * @param {number} ratio
   * @param {number} high
   */
  drawUnits(theme, ratio, high) {
    this.units.hidden = !this.source;
    if (!this.source) return;
    const { values } = this.source.input;
    const count = Math.min(values.length, Math.floor(high));
    const each = values.length / count;
    const shown = Array.from({ length: count }, (_, i) =>
      values
        .subarray(Math.floor(i * each), Math.floor((i + 1) * each))
        .reduce((best, v) => (Math.abs(v) > Math.abs(best) ? v : best), 0),
    );
    const largest = Math.max(...shown.map(Math.abs)) || 1;
    const zero = shown.some((v) => v < 0) ? UNITS / 2 : 0;
    const context = prepareCanvas(this.units, Math.round(UNITS * ratio), Math.round(high * ratio), ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    shown.forEach((value, i) => {
      const wide = (Math.abs(value) / largest) * (UNITS - zero);
      context.fillStyle = css(value < 0 ? theme.below : theme.above);
      context.fillRect(value < 0 ? zero - wide : zero, (i * high) / count, wide, Math.max(1, high / count - 0.5));
    });
    context.fillStyle = css(mix(theme.background, theme.text, 0.4));
    context.fillRect(zero, 0, 1, high);
    context.setTransform(1, 0, 0, 1, 0, 0);
    this.units.setAttribute("aria-label", `The ${values.length} units that come in, as bars`);
  }

  /** Show the logits as they are now, and what follows from them. */
  show() {
    const { temperature, limit, data } = this;
    if (!data) return;
    const shares = this.shares();
    const powers = this.logits.map((z) => Math.exp(z / temperature));
    const most = Math.max(...powers);
    for (const { number, bar, mark, logit, power, share } of this.rows) {
      const value = this.logits[number];
      const at = (/** @type {number} */ logit) => 50 + (50 * logit) / limit;
      [bar.style.left, bar.style.width] = [`${Math.min(50, at(value))}%`, `${Math.abs(at(value) - 50)}%`];
      bar.classList.toggle("below", value < 0);
      mark.style.left = `${at(data.values[number])}%`;
      logit.show(value);
      power[0].style.transform = `scaleX(${powers[number] / most})`;
      power[1].textContent = formatNumber(powers[number]);
      share[0].style.transform = `scaleX(${shares[number]})`;
      share[1].textContent = written(shares[number], false);
    }
    this.degree.textContent = temperature.toFixed(1);
    this.reset.disabled = !this.isChanged;
    const by = temperature === 1 ? "" : "/T";
    this.total.replaceChildren(
      "each e",
      make("sup", {}, `z${by}`),
      ` is divided by the sum of all, ${formatNumber(powers.reduce((a, b) => a + b, 0))}`,
    );
  }
}
