// The layer as a drawing: a picture, K filters, and the block of planes they make. All planes are computed here, by the
// rules of core.images.filter_layer.planes, so that a weight, a bias or ReLU acts at once; Python gets an update afterwards.

import { AtRest } from "../kit/at_rest.js";
import { mountPart } from "../kit/component.js";
import { penOf, readTheme } from "../kit/drawing.js";
import { make, makeSvg } from "../kit/elements.js";
import { compute, decodePixels } from "../kit/math.js";
import { Notes } from "../kit/notes.js";
import { Notice } from "../kit/notice.js";
import { Detail, paintFilter, paintPlane, scaleOf } from "./detail.js";
import { ACROSS, RISE, layOut } from "./oblique.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/component.js").Tell} Tell */
/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/math.js").Planes} Planes */
/** @typedef {import("../kit/math.js").Encoded} Encoded */
/** @typedef {import("./detail.js").Edit} Edit */
/** @typedef {import("./detail.js").Filter} Filter */
/** @typedef {import("./detail.js").Given} Given */
/** @typedef {import("./detail.js").Weights} Weights */
/** @typedef {import("./oblique.js").Block} Block */
/** @typedef {ReturnType<FilterLayer["build"]>} Parts */

/**
 * @typedef {object} Data What Python sends.
 * @property {Encoded} image
 * @property {string} alt
 * @property {Given[]} filters
 * @property {string} selected
 * @property {Record<string, Edit>} edits of each filter, by its key
 * @property {boolean} relu
 * @property {number} stride
 * @property {number} border
 * @property {boolean} editable
 * @property {string[]} notice what to notice
 * @property {{mean: number[], std: number[]} | null} normalize
 * @property {Record<string, {title: string, shares: number[]}>} mixes
 * @property {number} serial
 * @property {number} version
 */

const SMALL_BELOW = 520; // CSS pixels
const LOW_WINDOW = 800; // CSS pixels: in a lower one the planes are smaller, so that what to notice is in sight
const BESIDE_FROM = 700; // from here on the large plane stands beside its filter
const QUIET_MS = 350; // pause before Python gets an update
const NUMBER = 18; // CSS pixels of a number on a filter and its plane, with the space beside it
const JOIN_MS = 70; // from one plane joining the stack to the next

/** The whole drawing, and what the person has made of its filters. */
export class FilterLayer {
  /** @type {Data} */
  data;
  /** @type {Tell} */
  tell;
  /** @type {Planes} */
  image;
  /** @type {Planes} the picture as the filters see it */
  seen;
  /** @type {Record<string, Edit>} */
  edits;
  /** @type {string} */
  selected;
  /** @type {Filter[]} */
  filters;
  /** @type {Theme} */
  theme;
  /** @type {number} */
  width;
  /** @type {import("./oblique.js").Layout} */
  layout;
  /** @type {HTMLElement} */
  window;
  /** @type {Notes | undefined} */
  notes;

  /** @param {Parent} parent */
  constructor(parent) {
    this.threads = makeSvg("svg", { "aria-hidden": "true" });
    this.captions = ["input", "filters", "output"].map((name) => make("p", { class: `caption ${name}` }));
    this.inputs = make("div", { class: "inputs", "aria-hidden": "true" });
    this.thumbs = make("div", { class: "thumbs", "aria-hidden": "true" });
    this.planes = make("div", { class: "planes", role: "radiogroup", "aria-label": "Planes of the output block" });
    this.scene = make("div", { class: "scene" }, this.inputs, this.thumbs, this.planes, this.threads, ...this.captions);
    this.detail = new Detail(this);
    this.spoken = make("p", { class: "spoken", "aria-live": "polite" });
    this.notice = new Notice();
    const parts = [this.scene, this.notice.root, this.detail.root, this.spoken];
    this.root = make("div", { class: "stack", role: "group" }, ...parts);
    parent.append(this.root);
    this.atRest = new AtRest(this.root, QUIET_MS, () => this.report());
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.scene.addEventListener("pointerleave", () => this.point(null));
    this.resizes = new ResizeObserver(() => this.root.clientWidth !== this.width && this.data && this.arrange());
    this.resizes.observe(this.root);
    this.elements = /** @type {Map<string, Parts>} */ (new Map()); // of each filter, by its key: thumb, plane and button
    this.hovered = /** @type {string | null} */ (null);
    this.version = 0; // of what the person has changed: an older echo from Python is not taken over
  }

  dispose() {
    this.resizes.disconnect();
    this.atRest.stop();
    this.notes?.dispose();
    this.root.remove();
  }

  // ---- from Python and back -------------------------------------------------------------------------------------------

  /**
   * @param {Data} data
   * @param {Tell} tell
   */
  update(data, tell) {
    this.tell = tell;
    if (this.data?.serial !== data.serial) this.version = 0;
    const isEcho = data.version < this.version;
    this.data = data;
    this.root.setAttribute("aria-label", data.alt);
    this.notice.root.hidden = !data.notice?.length;
    if (data.notice?.length) this.notice.show(data.notice);
    this.image = decodePixels(data.image);
    this.seen = this.normalized();
    if (!isEcho) {
      this.edits = structuredClone(data.edits);
      this.selected = data.selected;
    }
    this.filters = data.filters.map((given) => this.edited(given));
    if (!this.filters.some((filter) => filter.key === this.selected)) this.selected = this.filters[0].key;
    this.theme = readTheme(this.root);
    this.filters.forEach((filter) => this.compute(filter));
    this.arrange();
    if (data.notice?.length)
      this.notes ??= new Notes("filters", this.scene, this.hints(), ".caption, .order, .planes > *");
    this.notes?.place();
  }

  /**
   * Return what to do with the layer, until it was done once.
   * @returns {import("../kit/notes.js").Note[]}
   */
  hints() {
    return [{ at: () => this.rim(1), text: "Click a plane to change its filter below", side: "above", wide: 300 }];
  }

  /**
   * Return a place on a plane's upper rim that no other plane covers.
   * @param {number} k of the planes; the last where there are fewer
   */
  rim(k) {
    const { last } = this.layout;
    const [x, y] = last.corner(Math.min(k, this.filters.length - 1));
    const { left, top } = this.scene.getBoundingClientRect();
    return new DOMRect(left + x + 0.8 * ACROSS * last.width, top + y + 0.8 * RISE * last.width, 1, 1);
  }

  /**
   * Return a filter as the person has made it. Weights of another size than the page's filters now have are left aside.
   * @param {Given} given
   * @returns {Filter}
   */
  edited(given) {
    const { bias = given.bias, relu = this.data.relu, mix = given.mix, weights = null } = this.edits[given.key] ?? {};
    const size = (/** @type {Weights} */ planes) => `${planes.length} ${planes[0].length} ${planes[0][0].length}`;
    const fits = weights !== null && size(weights) === size(given.weights);
    const edited = { ...given, bias, relu, mix, weights: fits ? weights : this.mixed(given, mix), isChanged: fits };
    return /** @type {Filter} */ (edited); // `compute` gives it its plane
  }

  /**
   * Return the filter's planes of weights: in color, one grid weighed for red, green and blue.
   * @param {Given} given
   * @param {string} mix
   */
  mixed(given, mix) {
    const [shares, { base }] = [this.data.mixes[mix]?.shares, given];
    return shares && base ? shares.map((share) => base.map((row) => row.map((w) => w * share))) : given.weights;
  }

  /**
   * Take over the person's change of one filter.
   * @param {Filter} filter
   * @param {Edit} patch
   */
  edit(filter, patch) {
    const given = this.data.filters.find(({ key }) => key === filter.key);
    if (!given) return;
    const now = { ...this.edits[filter.key], ...patch };
    if ("mix" in patch) delete now.weights;
    if (now.bias === given.bias) delete now.bias;
    if (now.relu === this.data.relu) delete now.relu;
    if (now.mix === given.mix) delete now.mix;
    if (Object.keys(now).length) this.edits[filter.key] = now;
    else delete this.edits[filter.key];
    Object.assign(filter, this.edited(given));
    this.compute(filter);
    this.paint(filter);
    this.detail.show(this.current);
    this.changed();
  }

  changed() {
    this.version += 1;
    this.atRest.wait();
  }

  report() {
    const { selected, edits, version } = this;
    this.tell("view", { serial: this.data.serial, version, selected, edits });
  }

  // ---- computing ------------------------------------------------------------------------------------------------------

  /** Return the picture as the filters see it: a network's first layer is given (x - mean) / deviation. */
  normalized() {
    const { normalize } = this.data;
    if (!normalize) return this.image;
    const area = this.image.height * this.image.width;
    const values = this.image.values.map(
      (v, i) => (v - normalize.mean[Math.floor(i / area)]) / normalize.std[Math.floor(i / area)],
    );
    return { ...this.image, values };
  }

  /**
   * @param {Planes} image
   * @param {Weights} weights
   */
  convolved(image, weights) {
    const { stride, border } = this.data;
    const window = [weights[0].length, weights[0][0].length];
    const settings = {
      operation: "convolve",
      kernel: weights,
      window,
      stride: [stride, stride],
      dilation: [1, 1],
      padding: "zero",
      amount: [border, border],
      ceil: false,
      bias: 0,
      relu: false,
    };
    return compute(image, settings).output;
  }

  /**
   * Compute the filter's plane without bias and ReLU, and the scale of its colors. A bias does not move its limit; what a
   * negative weight or bias can take below zero, and no ReLU cuts, has a scale that diverges.
   * @param {Filter} filter
   */
  compute(filter) {
    filter.plane = this.convolved(this.seen, filter.weights);
    const maySign = !filter.relu && (filter.bias < 0 || filter.weights.flat(2).some((w) => w < 0));
    filter.scale = scaleOf(filter.plane.values, filter.weights, !this.data.normalize, maySign);
    if (!filter.twin) return;
    filter.twin.plane = this.convolved(this.seen, filter.twin.weights);
    filter.twin.scale = scaleOf(filter.twin.plane.values, filter.twin.weights, false, true); // as a learned filter's
  }

  /**
   * Return what the layer puts out at a place of the plane: the sum, the bias, and nothing below zero with ReLU.
   * @param {Filter} filter
   * @param {number} value
   */
  answer(filter, value) {
    const sum = value + filter.bias;
    return filter.relu ? Math.max(0, sum) : sum;
  }

  get current() {
    return this.filters.find((filter) => filter.key === this.selected) ?? this.filters[0];
  }

  // ---- drawing --------------------------------------------------------------------------------------------------------

  arrange() {
    this.width = this.root.clientWidth;
    if (this.width === 0) return;
    this.root.classList.toggle("beside", this.width >= BESIDE_FROM);
    const room = this.width;
    const { height, width } = this.filters[0].plane;
    this.layout = layOut(room, {
      input: this.image,
      output: { height, width, depth: this.filters.length },
      count: this.filters.length,
      small: room < SMALL_BELOW,
      low: window.innerHeight < LOW_WINDOW,
    });
    this.scene.style.height = `${this.layout.height}px`;
    this.threads.setAttribute("viewBox", `0 0 ${room} ${this.layout.height}`);
    this.drawInput();
    this.placeFilters();
    this.caption();
    this.place();
    this.detail.show(this.current);
  }

  /** Draw the picture: one plane, or three of light, each in its own color. */
  drawInput() {
    const { first } = this.layout;
    const { depth, height, width, values } = this.image;
    this.inputs.replaceChildren();
    for (let c = depth - 1; c >= 0; c--) {
      const canvas = make("canvas", { width, height });
      const pixels = new ImageData(width, height);
      for (let i = 0; i < height * width; i++) {
        const v = 255 * values[c * height * width + i];
        pixels.data.set(depth === 1 ? [v, v, v, 255] : [c === 0 ? v : 0, c === 1 ? v : 0, c === 2 ? v : 0, 255], 4 * i);
      }
      penOf(canvas).putImageData(pixels, 0, 0);
      this.inputs.append(this.standing(make("div", { class: "plane" }, canvas), first, c));
    }
    this.window = make("div", { class: "window", hidden: "" });
    this.inputs.append(this.window);
  }

  /**
   * Put an element in the place of plane k of a block.
   * @param {HTMLElement} element
   * @param {Block} block
   * @param {number} k
   */
  standing(element, block, k, lift = 0) {
    element.style.width = `${block.width}px`;
    element.style.height = `${block.height}px`;
    element.style.transform = block.transform(k, lift);
    const canvas = element.querySelector("canvas");
    element.classList.toggle("coarse", canvas !== null && block.width > 2.5 * canvas.width); // pixels to be seen
    return element;
  }

  /** Place a thumb, a plane and a button for each filter; those that are new fly from their filter to their place. */
  placeFilters() {
    const { places, thumb, last, numbered } = this.layout;
    const keys = new Set(this.filters.map(({ key }) => key));
    for (const [key, { elements }] of this.elements)
      if (!keys.has(key)) {
        elements.forEach((element) => element.remove());
        this.elements.delete(key);
      }
    let joining = 0;
    const buttons = this.filters.map(({ key }) => this.partsOf(key).button);
    const inOrder = [...this.planes.querySelectorAll(".hit")].every((button, k) => button === buttons[k]);
    if (!inOrder) this.planes.append(...buttons); // the keyboard's order; moving a button takes the focus from it
    this.filters.forEach((filter, k) => {
      const parts = this.partsOf(filter.key);
      const { small, plane, button, numbers } = parts;
      button.setAttribute("aria-label", `Plane ${k + 1} of ${this.filters.length}: ${filter.title}`);
      [plane.style.zIndex, button.style.zIndex] = [`${100 - k}`, `${300 - k}`]; // the first stands in front
      small.style.cssText = `left: ${places[k][0]}px; top: ${places[k][1]}px; width: ${thumb}px; height: ${thumb}px`;
      this.standing(button, last, k);
      numbers.forEach((number) => ((number.textContent = `${k + 1}`), (number.hidden = !numbered)));
      numbers[0].style.translate = `${places[k][0] - NUMBER}px ${places[k][1]}px`;
      numbers[1].style.zIndex = plane.style.zIndex;
      this.paint(filter);
      if (parts.isPlaced || this.calm.matches) return;
      parts.isPlaced = true;
      plane.style.width = `${last.width}px`;
      plane.style.height = `${last.height}px`;
      plane.style.transform = `matrix(${thumb / last.width}, 0, 0, ${thumb / last.height}, ${places[k].join(", ")})`;
      plane.style.opacity = "0";
      plane.style.transitionDelay = `${joining++ * JOIN_MS}ms`;
      plane.getBoundingClientRect(); // so that it is there before it moves
      setTimeout(() => (plane.style.transitionDelay = ""), 400 + joining * JOIN_MS);
    });
  }

  /** @param {string} key */
  build(key) {
    const small = make("canvas", { class: "thumb" });
    const canvas = make("canvas");
    const plane = make("div", { class: "plane" }, canvas);
    const button = make("button", { type: "button", class: "hit", role: "radio" });
    for (const element of [small, button]) {
      element.addEventListener("pointerenter", () => this.point(key));
      element.addEventListener("click", () => this.select(key));
    }
    button.addEventListener("focus", () => button.matches(":focus-visible") && this.point(key));
    button.addEventListener("blur", () => this.point(null));
    button.addEventListener("keydown", (event) => this.press(event, key));
    const numbers = [1, 2].map(() => make("span", { class: "order", "aria-hidden": "true" })); // of filter and plane
    this.thumbs.append(small, numbers[0]);
    this.planes.append(plane, numbers[1], button);
    const parts = {
      small,
      plane,
      canvas,
      button,
      numbers,
      elements: [small, plane, button, ...numbers],
      isPlaced: false,
    };
    this.elements.set(key, parts);
    return parts;
  }

  /**
   * Return what shows a filter.
   * @param {string} key
   * @returns {Parts}
   */
  partsOf(key) {
    return this.elements.get(key) ?? this.build(key);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {string} key
   */
  press(event, key) {
    const [count, at] = [this.filters.length, this.filters.findIndex((filter) => filter.key === key)];
    const [next, previous] = [(at + 1) % count, (at - 1 + count) % count];
    /** @type {Record<string, number>} */
    const targets = {
      Home: 0,
      End: count - 1,
      ArrowRight: next,
      ArrowDown: next,
      ArrowLeft: previous,
      ArrowUp: previous,
    };
    if (!(event.key in targets)) return;
    event.preventDefault(); // or the page scrolls
    this.select(this.filters[targets[event.key]].key);
    this.partsOf(this.selected).button.focus();
  }

  /** @param {Filter} filter */
  paint(filter) {
    const { small, canvas } = this.partsOf(filter.key);
    paintPlane(canvas, filter.plane, filter.scale, this.theme, (v) => this.answer(filter, v));
    paintFilter(small, filter.weights, this.theme);
  }

  /** @param {string | null} key */
  point(key) {
    if (key === this.hovered) return;
    this.hovered = key;
    this.place();
  }

  /** @param {string} key */
  select(key) {
    this.selected = key;
    this.place();
    this.detail.show(this.current);
    this.spoken.textContent = this.detail.inWords(this.current);
    this.changed();
  }

  /** Stand every plane where it belongs now: the one under the pointer lifted out, the selected one a little. */
  place() {
    const { last, lift } = this.layout;
    this.filters.forEach(({ key }, k) => {
      const { small, plane, button, numbers } = this.partsOf(key);
      const [isUp, isSelected] = [key === this.hovered, key === this.selected];
      const up = isUp ? lift : isSelected ? 0.35 * lift : 0;
      this.standing(plane, last, k, up);
      const [x, y] = last.corner(k, up);
      numbers[1].style.translate = `${x + ACROSS * last.width - NUMBER}px ${y + RISE * last.width + NUMBER / 2}px`;
      plane.style.opacity = "1";
      for (const element of [small, plane]) {
        element.classList.toggle("up", isUp);
        element.classList.toggle("selected", isSelected);
      }
      button.setAttribute("aria-checked", String(isSelected));
      button.tabIndex = isSelected ? 0 : -1;
    });
    this.drawThreads();
  }

  /** Draw the lines from the picture through the filter to its plane. */
  drawThreads() {
    const { first, last, places, thumb, lift } = this.layout;
    const key = this.hovered ?? this.selected;
    const k = this.filters.findIndex((filter) => filter.key === key);
    const [fx, fy] = [places[k][0], places[k][1] + thumb / 2];
    const up = key === this.hovered ? lift : 0.35 * lift;
    const [x, y] = last.corner(k, up);
    const [tx, ty] = [x + 0.8 * ACROSS * last.width, y + 0.8 * RISE * last.width]; // on its upper edge, which is in sight
    const [ix, iy] = [first.right, first.y - 0.62 * first.height];
    const into = `M${ix} ${iy}C${(ix + fx) / 2} ${iy} ${(ix + fx) / 2} ${fy} ${fx} ${fy}`;
    const out =
      k === 0
        ? `C${fx + thumb + 30} ${fy} ${x - 30} ${y + 20} ${x} ${y + 20}`
        : `C${fx + thumb + 40} ${fy} ${fx + thumb + 20} ${ty - 40} ${tx} ${ty}`;
    this.threads.innerHTML = `<path d="${into}M${fx + thumb} ${fy}${out}"/>`;
  }

  caption() {
    const { first, last, filters, height } = this.layout;
    const [{ weights, plane }] = this.filters;
    const count = this.filters.length;
    const size = (/** @type {number[]} */ ...sides) => sides.join(" × ");
    const words = [
      ["Input", size(this.image.depth, this.image.height, this.image.width)],
      [count === 1 ? "1 filter" : `${count} filters`, size(weights.length, weights[0].length, weights[0][0].length)],
      ["Output", size(count, plane.height, plane.width)],
    ];
    const half = Math.min(70, filters.middle - first.middle, last.middle - filters.middle);
    [first.middle, filters.middle, last.middle].forEach((x, i) => {
      const [name, shape] = words[i];
      this.captions[i].replaceChildren(make("b", {}, name), make("span", {}, shape));
      this.captions[i].style.cssText = `left: ${x - half}px; top: ${height - 40}px; width: ${2 * half}px`;
    });
  }

  /**
   * Frame the window of one output cell on the picture, or none.
   * @param {number[] | null} cell
   */
  frame(cell) {
    this.window.hidden = cell === null;
    if (cell === null) return;
    const { first, scale } = this.layout;
    const [rows, columns] = [this.current.weights[0].length, this.current.weights[0][0].length];
    const { stride, border } = this.data;
    const [y, x] = cell.map((place) => (place * stride - border) * scale);
    this.window.style.width = `${columns * scale}px`;
    this.window.style.height = `${rows * scale}px`;
    const [left, top] = first.corner(0);
    this.window.style.transform = `matrix(${ACROSS}, ${RISE}, 0, 1, ${left + ACROSS * x}, ${top + y + RISE * x})`;
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(FilterLayer, component);
}
