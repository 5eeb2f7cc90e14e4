// A network as one stage: the picture, the blocks with their planes, and the answers in a row; below it the planes of the
// layer that is chosen, with the sum of the unit pointed at, or its last layer, whose logits can be pulled.

import { mountPart, watchLooks } from "../kit/component.js";
import { readTheme } from "../kit/drawing.js";
import { make } from "../kit/elements.js";
import { decodePixels, formatNumber } from "../kit/math.js";
import { stepByKeys } from "../kit/keys.js";
import { Notes } from "../kit/notes.js";
import { account, opened } from "./unit_arithmetic.js";
import { Answers, written } from "./answers.js";
import { feeds } from "./contributions.js";
import { seen } from "./input_picture.js";
import { Flow } from "./network_row.js";
import { Ladder } from "./unit_trace.js";
import { Planes } from "./planes.js";
import { Pull } from "./logits.js";
import { tellSum } from "./unit_sum.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/component.js").Tell} Tell */

/**
 * @typedef {object} Data What core.ui.views.anatomy.network_stage sends.
 * @property {import("./network_row.js").Layer[]} layers
 * @property {number} selected layer, from 1
 * @property {import("./planes.js").Data} planes of that layer
 * @property {import("./answers.js").Data | null} answers
 * @property {string} missing what is said without a picture
 * @property {boolean} logits whether the selected layer puts out the logits
 * @property {string} sentence what to notice about the layer
 */

const PRESSED = "a, button, input, select, textarea, summary, [role], [contenteditable]"; // what Space is for
const BESIDE_FROM = 760; // CSS pixels: from here on the sum stands beside the planes
const TIGHT_BELOW = 940;
const GAP = 24; // CSS pixels between them
const CAPTION = 26; // CSS pixels of the planes' caption

class Stage {
  /** @type {Data} */
  data;
  /** @type {Tell} */
  tell;
  /** @type {import("./unit_arithmetic.js").Source} */
  source;
  /** @type {import("../kit/math.js").Planes} */
  pixels;
  width = 0;
  isArranging = false;

  /** @type {Notes} */
  notes;

  /** @param {Parent} parent */
  constructor(parent) {
    this.answers = new Answers();
    this.flow = new Flow(
      (layer, plane) => this.tell("chosen", { layer, plane }),
      (layer) => this.arrive(layer),
      this.answers.root,
    );
    this.planes = new Planes(
      (unit) => this.point(unit),
      (plane) => this.tell("chosen", { layer: this.data.selected, plane }),
    );
    this.ladder = new Ladder();
    this.pull = new Pull(
      (number) => this.pointClass(number),
      (sentence) => this.pulled(sentence),
    );
    this.notice = make("p", { class: "notice", "aria-live": "polite" });
    this.heading = make("p", { class: "heading" });
    this.sums = make("div", { class: "sums", tabindex: 0, role: "group", "aria-label": "The sum in full" });
    this.right = make("div", { class: "right" }, this.heading, this.ladder.root, this.sums);
    this.lower = make("div", { class: "lower" });
    this.root = make("div", { class: "anatomy" }, this.flow.root, this.notice, this.lower);
    parent.append(this.root);
    this.notes = new Notes("anatomy", this.root, this.hints(), ".notice, .heading, .origins, .sums > *");
    this.endLooks = watchLooks(this.root, () => this.data && this.root.clientWidth !== this.width && this.arrange());
    this.onSpace = (/** @type {KeyboardEvent} */ event) => {
      const at = event.composedPath()[0];
      if (event.code !== "Space" || event.defaultPrevented || !(at instanceof Element)) return;
      if (at.matches(PRESSED) && at !== this.planes.canvas) return; // there Space presses, writes or scrolls
      const { top, bottom } = this.flow.root.getBoundingClientRect();
      if (bottom < 0 || top > innerHeight) return;
      event.preventDefault();
      this.notes.use();
      this.flow.start();
    };
    document.addEventListener("keydown", this.onSpace);
    this.leave = new AbortController();
    const step = (/** @type {number} */ by) => {
      this.notes.use();
      this.flow.step(by);
    };
    stepByKeys(this.flow.root, step, this.leave.signal);
    this.onResize = () => this.data && this.arrange();
    window.addEventListener("resize", this.onResize);
  }

  /**
   * Return what to do with the stage, until it was done once.
   * @returns {import("../kit/notes.js").Note[]}
   */
  hints() {
    const at = (/** @type {string} */ selector) => () => this.root.querySelector(selector);
    return [
      { at: at(".send"), text: "Or press Space", side: "below", along: 0.3, fixed: true },
      {
        at: at(".sprite canvas"),
        text: "Point at a unit: wires lead to what fed it",
        side: "below",
        along: 0.3,
      },
      {
        at: () => (this.isPulled === undefined || this.data.answers?.lengths ? null : at(".answers table")()),
        text: "Click a bar to pull it",
        side: "below",
        along: 0.3,
        fixed: true,
      },
    ];
  }

  dispose() {
    this.notes.dispose();
    this.endLooks();
    this.flow.dispose();
    this.leave.abort();
    document.removeEventListener("keydown", this.onSpace);
    window.removeEventListener("resize", this.onResize);
    this.root.remove();
  }

  /**
   * @param {Data} data
   * @param {Tell} tell
   */
  update(data, tell) {
    const about = (/** @type {Data} */ { sentence, selected, planes }) => `${sentence} ${selected} ${planes.alt}`;
    const isNew = !this.data || about(this.data) !== about(data);
    [this.data, this.tell] = [data, tell];
    this.source = opened(data.planes.source);
    this.pixels = decodePixels(data.planes.picture);
    this.planes.update(data.planes);
    this.answers.update(data.answers, data.missing);
    this.isPulled = data.logits && data.answers !== null;
    if (data.answers && !data.answers.lengths) this.pull.update(data.answers, this.isPulled ? this.source : null);
    this.flow.update({
      layers: data.layers,
      selected: data.selected,
      plane: data.planes.selected,
      picture: this.pixels,
      alt: data.planes.alt,
    });
    this.lower.classList.toggle("pulling", this.isPulled);
    this.lower.replaceChildren(...(this.isPulled ? [this.pull.root] : [this.planes.root, this.right]));
    if (isNew && this.flow.sending === undefined) this.notice.textContent = data.sentence;
    this.arrange();
  }

  /** Set sizes and places of everything, then draw it. */
  arrange() {
    this.width = this.root.clientWidth;
    if (this.width === 0) return;
    this.isArranging = true;
    const ratio = (this.ratio = window.devicePixelRatio || 1);
    const theme = (this.theme = readTheme(this.root));
    this.root.dataset.scheme = theme.dark ? "dark" : "light";
    const beside = this.width >= BESIDE_FROM;
    this.root.classList.toggle("beside", beside);
    this.root.classList.toggle("tight", beside && this.width < TIGHT_BELOW);
    const high = beside ? this.lower.clientHeight : 0;
    const left = beside ? Math.floor(((this.width - GAP) * 5) / 12) : this.width;
    this.room = beside ? this.width - GAP - left : this.width;
    this.flow.order = this.data.answers?.shown ?? [];
    this.show();
    this.flow.arrange(theme, ratio);
    if (this.isPulled) this.pull.arrange(theme, ratio, beside ? high : 10 * 44 + 72);
    else {
      this.ladder.arrange(this.pixels, this.data.planes.alt, this.room, ratio, theme);
      this.planes.arrange({ wide: left, tall: beside ? high - CAPTION : 520, ratio, theme });
    }
    if (this.isPulled) {
      this.flow.frame(this.data.layers[this.data.selected].box);
      this.pull.pointBest();
    }
    this.isArranging = false;
    this.notes.place();
  }

  /** Fill the answers' bars. */
  show() {
    const { answers } = this.data;
    if (!answers) return;
    const shares = answers.lengths ? answers.values : this.pull.shares();
    this.answers.show(shares, !answers.lengths && this.pull.isChanged);
    this.flow.shares = shares;
  }

  /**
   * Show what one unit sees and how its value comes about.
   * @param {import("./planes.js").Unit} unit
   */
  point(unit) {
    const { data, source, planes } = this;
    const value = planes.value(unit);
    const plane = data.planes.first + unit.tile;
    const capsule = data.planes.capsules ? planes.capsule(unit.tile) : undefined;
    const whole = { ...unit, plane, value, capsule };
    const found = account(source, whole);
    const field = planes.field();
    const fed = feeds(source, whole, found);
    this.heading.textContent = `${planes.where()}: ${formatNumber(value)}`;
    this.flow.frame(field);
    this.flow.wire({ layer: data.selected, plane, feeds: fed });
    if (!this.theme || !this.ratio) return;
    this.ladder.point(source, whole, found, field);
    this.sums.replaceChildren(
      ...tellSum({ room: this.room ?? 0, theme: this.theme, ratio: this.ratio }, source, whole, found),
    );
    const what = data.planes.capsules ? "capsule" : "unit";
    const keys = "Arrow keys move the unit, Page Up and Page Down the plane, Enter selects it.";
    const label = `${this.heading.textContent}. The ${what} sees ${seen(field)}. ${keys}`;
    planes.canvas.setAttribute("aria-label", label);
    if (this.isArranging) return; // nobody has moved: the sentence is about the layer
    const [top, bottom, left, right] = field;
    const size = bottom > top && right > left ? `${bottom - top}\u00a0×\u00a0${right - left}\u00a0px` : "only padding";
    const part = source.made.kind === "linear" ? "input" : "plane";
    const most = fed.length > 1 ? `, and ${part} ${fed[0].plane + 1} counts most (${formatNumber(fed[0].value)})` : "";
    this.notice.textContent = `${planes.where()} is ${formatNumber(value)}: it sees ${size}${most}.`;
  }

  /**
   * Show what feeds the logit of a class.
   * @param {number} number
   */
  pointClass(number) {
    const { source, data } = this;
    const unit = { tile: number, plane: number, row: 0, column: 0, value: data.answers?.values[number] ?? 0 };
    this.flow.wire({ layer: data.selected, plane: number, feeds: feeds(source, unit, account(source, unit)) });
    if (!this.isArranging) this.notice.textContent = this.pull.sum(number);
  }

  /** @param {string} sentence */
  pulled(sentence) {
    this.show();
    this.flow.join(Infinity);
    this.notice.textContent = sentence;
  }

  /**
   * Say where the picture is that was sent through.
   * @param {number} layer from 1; one more than there are at the end
   */
  arrive(layer) {
    const { layers, answers } = this.data;
    if (layer > 0 && layer < layers.length) {
      const [top, bottom, left, right] = layers[layer].box;
      this.notice.textContent = `${layers[layer].title}: ${layers[layer].size}. A unit here sees ${bottom - top}\u00a0×\u00a0${right - left}\u00a0px.`;
    } else if (layer > 0 && answers) {
      const shares = answers.lengths ? answers.values : this.pull.shares();
      const best = shares.indexOf(Math.max(...shares));
      this.notice.textContent = `After ${layers.length - 1} layers the network answers ${answers.names[best]}, ${written(shares[best], answers.lengths)}.`;
    }
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(Stage, component);
}
