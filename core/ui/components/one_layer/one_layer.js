// One convolution: five sliders that move the picture at once, its windows on a picture, the output, the formula of its
// size, one sentence on the last move, and what it costs.

import { mountPart } from "../kit/component.js";
import { arrowStep, make, makeSvg, setAll } from "../kit/elements.js";
import { stepByKeys } from "../kit/keys.js";
import { SIZES as MEANINGS } from "../kit/meanings.js";
import { Notes } from "../kit/notes.js";
import { number } from "../kit/number.js";
import { Panel, say } from "../kit/panel.js";
import { formula, pulse } from "./formula.js";
import { Picture } from "./picture.js";
import { answer, bounds, fitted, groupings, measures, widest } from "./arithmetic.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("./arithmetic.js").Layer} Layer */
/** @typedef {import("./arithmetic.js").Name} Name */
/** @typedef {import("./arithmetic.js").Limits} Limits */

/** @type {["window" | "stride" | "padding" | "dilation" | "width", string, string, string][]} name, letter, word and help */
const SIZES = [
  ["window", "F", "window", MEANINGS.window],
  ["stride", "S", "stride", MEANINGS.stride],
  ["padding", "P", "padding", "Zeros on each side, in pixels; fewer than the window, so that none holds zeros alone."],
  ["dilation", "D", "dilation", MEANINGS.dilation],
  ["width", "W_in", "width", "The input has W × W pixels."],
];
/** @type {["depth" | "filters", string, string, string][]} */
const PLANES = [
  ["depth", "D_in", "planes in", "Depth of the input in planes: gray pictures have 1, color pictures 3."],
  ["filters", "K", "filters", "Each filter makes one plane of the output."],
];
const CELLS_PER_SECOND = 3;
const REST_MS = 900; // after which a move is over, and the next is compared with what stands then
const NARROW = 640; // CSS pixels
const ANSWERS = 196; // CSS pixels of formula and sentence below the output

class OneLayer extends Panel {
  /** @type {Layer} */
  layer;
  /** @type {Layer | null} what the last move began with */
  before = null;
  /** @type {number} */
  resting;
  /** @type {number | undefined} */
  clock;

  /** @param {Parent} parent */
  constructor(parent) {
    super(parent, "one-layer");
    this.moved = "";
    this.rested = true; // no move is under way
    this.held = false; // a pointer is down in here
    this.picture = new Picture();
    this.formula = formula();
    this.sentence = make("p", { class: "notice", "aria-live": "polite" });
    this.sizes = make("div", { class: "sizes", role: "group", "aria-label": "Sizes" });
    this.costs = make("div", { class: "cost", role: "group", "aria-label": "Cost" });
    this.sliders = /** @type {ReturnType<OneLayer["control"]>[]} */ ([]); // once the limits are known
    this.planes = /** @type {ReturnType<OneLayer["control"]>[]} */ ([]);
    this.groups = make("select", { title: "Groups G: the planes are split, and each filter reads one group of them" });
    this.groups.addEventListener("change", () => this.change("groups", Number(this.groups.value)));
    this.bias = make("input", {
      type: "checkbox",
      role: "switch",
      title: "One bias per filter, added to each of its outputs",
    });
    this.bias.addEventListener("change", () => this.change("bias", this.bias.checked));
    this.parameters = make("span");
    this.macs = make("span");
    const keys = "Slides the window by itself; the keys [ and ] move it back and on";
    this.playButton = make("button", { type: "button", class: "play", title: keys });
    this.playButton.addEventListener("click", () => this.play(this.clock === undefined));
    this.links = makeSvg("path", { class: "links" });
    const answers = make("div", { class: "answers" }, this.formula.field, this.sentence);
    this.root.append(
      this.sizes,
      this.picture.input.figure,
      this.picture.output.figure,
      this.playButton,
      answers,
      this.costs,
      makeSvg("svg", { class: "over", "aria-hidden": "true" }, this.links),
    );
    this.follow();
    this.notes = new Notes(
      "calculator",
      this.root,
      this.hints(),
      ".sizes, figcaption, .play, .answers, .cost, .marks text, .bracket",
    );
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.play(!this.calm.matches);
    this.leave = new AbortController();
    const anywhere = { capture: true, signal: this.leave.signal };
    const byKey = (/** @type {number} */ by) => {
      this.play(false);
      this.step(by);
    };
    stepByKeys(this.root, byKey, this.leave.signal);
    this.root.addEventListener("pointerdown", () => (this.held = true), anywhere);
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => this.letGo(), anywhere);
    window.addEventListener("resize", () => this.ready && this.arrange(), { signal: this.leave.signal });
  }

  /**
   * Return what to do with the layer, until it was done once.
   * @returns {import("../kit/notes.js").Note[]}
   */
  hints() {
    const { input, output } = this.picture;
    return [
      { at: () => this.sliders[4]?.field, text: "Drag a slider, or a number", side: "below", along: 0.6 },
      {
        at: () => input.canvas,
        text: "Move over it: the window follows",
        side: "right",
        along: 0.9,
        wide: 72,
      },
      { at: () => output.canvas, text: "One window, one number", side: "right", along: 0.3 },
    ];
  }

  dispose() {
    super.dispose();
    this.leave.abort();
    clearTimeout(this.resting);
    clearInterval(this.clock);
  }

  // ---- from Python and back -------------------------------------------------------------------------------------------

  /** @param {Record<string, any>} settings */
  adopt(settings) {
    this.before = null;
    this.moved = "";
    this.layer = {
      width: settings.c_w,
      window: settings.c_f,
      stride: settings.c_s,
      padding: settings.c_p,
      dilation: settings.c_dilation,
      depth: settings.c_d,
      filters: settings.c_k,
      groups: settings.c_groups,
      bias: settings.c_bias === "true",
    };
  }

  /**
   * @param {{limits: Limits}} data
   * @param {unknown} before
   */
  receive(data, before) {
    if (before) return;
    this.sliders = SIZES.map(([name, sign, word, help]) => this.control(name, sign, word, help, true));
    this.planes = PLANES.map(([name, sign, word, help]) => this.control(name, sign, word, help, false));
    this.sizes.append(...this.sliders.map(({ field }) => field));
    this.costs.append(
      ...this.planes.map(({ field }) => field),
      make("label", { title: this.groups.title }, "groups", this.groups),
      make("label", { title: this.bias.title }, "bias", this.bias),
      make("p", {}, this.parameters, this.macs),
    );
  }

  report() {
    const { width, window, stride, padding, dilation, depth, filters, groups, bias } = this.layer;
    return {
      c_w: width,
      c_f: window,
      c_s: stride,
      c_p: padding,
      c_dilation: dilation,
      c_d: depth,
      c_k: filters,
      c_groups: groups,
      c_bias: String(bias),
    };
  }

  /** @returns {Limits} */
  get limits() {
    return this.data.limits;
  }

  // ---- what a person does ---------------------------------------------------------------------------------------------

  /**
   * Return a number in its letter's frame, to drag or to write; a size has a slider, too. And what shows their value.
   * @param {Name} name
   * @param {string} sign
   * @param {string} word
   * @param {string} help
   * @param {boolean} hasSlider
   */
  control(name, sign, word, help, hasSlider) {
    const [letter, index] = sign.split("_");
    const set = (/** @type {number} */ value) => {
      this.change(name, value);
      box.show(this.layer[name]); // what does not fit beside the others is not taken
    };
    const [low, high] = widest(this.limits, name);
    const box = number({ label: `${letter}, ${word}`, help, low, high, step: 1, value: low, set, bare: true });
    const input = make("input", { type: "range", step: 1, title: help, "aria-label": `${word} ${letter}` });
    input.addEventListener("input", () => this.change(name, input.valueAsNumber));
    const head = make(
      "span",
      { class: "head" },
      make("i", {}, letter, ...(index ? [make("sub", {}, index)] : [])),
      word,
    );
    const field = make(
      "div",
      { class: "size", "data-letter": hasSlider ? letter : "", title: help },
      head,
      box.field,
      ...(hasSlider ? [input] : []),
    );
    let last = NaN;
    /** @type {(value: number, low?: number, high?: number) => void} */
    const show = (value, low = 0, high = value) => {
      setAll(input, { min: low, max: high, "aria-valuetext": `${value} px` });
      input.disabled = low === high;
      input.value = String(value);
      box.show(value);
      if (last !== value && !Number.isNaN(last) && !this.calm.matches) pulse(box.field);
      last = value;
    };
    return { name, field, show };
  }

  /**
   * Change one value, and those whose bounds it moves.
   * @param {keyof Layer} name
   * @param {number | boolean} value
   */
  change(name, value) {
    const layer = fitted({ ...this.layer, [name]: value }, this.limits);
    if (JSON.stringify(layer) === JSON.stringify(this.layer)) return;
    if (this.rested || this.moved !== name) this.before = this.layer;
    [this.moved, this.rested] = [name, false];
    this.layer = layer;
    this.play(false);
    clearTimeout(this.resting);
    this.resting = window.setTimeout(() => (this.rested = !this.held), REST_MS);
    this.changed();
  }

  letGo() {
    if (!this.held) return;
    this.held = false;
    this.rested = true;
    if (this.ready) this.redraw(); // colors have their own limits again
  }

  /** Follow pointer and keyboard on the grids. */
  follow() {
    const { input, output } = this.picture;
    /** @type {(grid: HTMLElement, toCell: (x: number, y: number) => number[]) => void} */
    const hover = (grid, toCell) => {
      /** @param {PointerEvent} event */
      const at = (event) => {
        const { left, top } = grid.getBoundingClientRect();
        this.play(false);
        const [column, row] = toCell(event.clientX - left, event.clientY - top);
        this.moveTo(row, column);
      };
      grid.addEventListener("pointermove", at);
      grid.addEventListener("pointerdown", at);
    };
    hover(input.grid, (x, y) =>
      [x, y].map((place) => {
        const { stride } = this.layer;
        return Math.round((place / this.picture.units.input - measures(this.layer).span / 2) / stride);
      }),
    );
    hover(output.grid, (x, y) => [x, y].map((place) => Math.floor(place / this.picture.units.output)));
    input.grid.addEventListener("keydown", (event) => {
      const step = arrowStep(event);
      if (!step) return;
      event.stopPropagation();
      this.play(false);
      const [row, column] = this.picture.cell;
      this.moveTo(row + step[0], column + step[1]);
    });
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  moveTo(row, column) {
    this.picture.moveTo(row, column);
    this.link();
  }

  /** @param {boolean} on */
  play(on) {
    clearInterval(this.clock);
    this.clock = on ? window.setInterval(() => document.hidden || this.step(1), 1000 / CELLS_PER_SECOND) : undefined;
    this.playButton.textContent = on ? "Pause" : "Slide the window";
  }

  /** @param {number} by */
  step(by) {
    if (!this.ready) return;
    this.picture.advance(by);
    this.link();
  }

  // ---- drawing --------------------------------------------------------------------------------------------------------

  arrange() {
    this.measure();
    if (this.width) this.redraw();
  }

  redraw() {
    const { layer, limits } = this;
    const found = measures(layer);
    const isNarrow = this.width < NARROW;
    const high = isNarrow ? 240 : Math.max(230, Math.min(window.innerHeight, 1000) - 330);
    const room = { width: (this.width - (isNarrow ? 24 : 64)) / 2, height: high, answers: isNarrow ? 0 : ANSWERS };
    this.picture.draw(layer, room, this.ratio, this.theme, this.held);
    const range = bounds(layer, limits);
    for (const { name, show } of this.sliders) show(layer[name], ...range[/** @type {keyof typeof range} */ (name)]);
    for (const { name, show } of this.planes) show(Number(layer[name]));
    const padded = found.padded > layer.width ? `, padded to ${found.padded} × ${found.padded}` : "";
    this.picture.input.caption.textContent = `Input ${layer.width} × ${layer.width}${padded}`;
    this.picture.output.caption.textContent = `Output ${found.output} × ${found.output}`;
    this.picture.input.grid.setAttribute(
      "aria-label",
      `A grid of whole numbers from 0 to 9, ${this.picture.input.caption.textContent}. Arrow keys move the window.`,
    );
    const { window: F, stride: S, padding: P, dilation: D, width: W } = layer;
    this.formula.show({ F, S, P, D, W, "F′": found.span, O: found.output });
    const said = answer(layer, this.before, this.moved);
    if (this.sentence.textContent !== said) this.sentence.textContent = said;
    this.cost();
    this.link();
  }

  /** Say what the layer costs, and offer the groups that divide its planes. */
  cost() {
    const { layer } = this;
    const { perFilter, parameters, macs, output } = measures(layer);
    const options = groupings(layer).map(String);
    if (options.join() !== Array.from(this.groups.options, ({ value }) => value).join())
      this.groups.replaceChildren(...options.map((value) => make("option", { value }, value)));
    this.groups.value = String(layer.groups);
    this.groups.disabled = options.length === 1;
    this.bias.checked = layer.bias;
    const { filters, window, depth, groups } = layer;
    const split = groups > 1 ? ` / ${groups}` : "";
    const weights = `${window} · ${window} · ${depth}${split}`;
    const each = layer.bias ? `(${weights} + 1)` : weights;
    this.parameters.replaceChildren(
      `K · ${layer.bias ? "(" : ""}F · F · D`,
      make("sub", {}, "in"),
      `${groups > 1 ? " / G" : ""}${layer.bias ? " + 1)" : ""} = ${filters} · ${each} = `,
      make("b", {}, say(parameters)),
      " parameters",
    );
    this.macs.replaceChildren(
      `${say(filters * perFilter)} weights at ${output} × ${output} positions = `,
      make("b", {}, say(macs)),
      " multiplications",
    );
  }

  /** Draw the lines from the window to the number that it gives. */
  link() {
    const { input, output, cell, units } = this.picture;
    const origin = this.root.getBoundingClientRect();
    const [from, to] = [input.canvas, output.canvas].map((canvas) => canvas.getBoundingClientRect());
    const { stride } = this.layer;
    const side = measures(this.layer).span * units.input;
    const right = from.left - origin.left + cell[1] * stride * units.input + side;
    const top = from.top - origin.top + cell[0] * stride * units.input;
    const left = to.left - origin.left + cell[1] * units.output;
    const middle = to.top - origin.top + cell[0] * units.output;
    this.links.setAttribute(
      "d",
      `M${right} ${top}L${left} ${middle}M${right} ${top + side}L${left} ${middle + units.output}`,
    );
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(OneLayer, component);
}
