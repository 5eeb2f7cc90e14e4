// The whole network in a row: the picture, its layers in blocks, and the answers, joined by ribbons. Wires lead from a unit
// back to what fed it, and a picture can be sent through, layer by layer.

import { css, mix, penOf, prepareCanvas, shade } from "../kit/drawing.js";
import { FINGER, clamp, focused, make } from "../kit/elements.js";
import { cellOf } from "./contributions.js";
import { Field } from "./input_picture.js";

/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/drawing.js").Rgb} Rgb */
/** @typedef {import("../kit/math.js").Planes} Picture */
/** @typedef {import("./contributions.js").Feed} Feed */

/**
 * @typedef {object} Layer What core.ui.views.anatomy.network_row packs of a layer; the first is the picture.
 * @property {string} title
 * @property {string} size
 * @property {string} meaning of its title, in a phrase; empty where there is none
 * @property {string} aria_label
 * @property {string} block the title of its block; empty where it goes on with that of the layer before
 * @property {boolean} flat a list of units or capsules
 * @property {number} total planes, units or capsules
 * @property {number[]} numbers those that are sent, from 0, the strongest first; of a list nothing: its cells share them
 * @property {number[]} shape of what is drawn: (cells, H, W)
 * @property {string} base64 -127 to 127 stand for full colors
 * @property {number[]} box what a unit in its middle sees: top, bottom, left, right
 */

/** @typedef {{layers: Layer[], selected: number, plane: number, picture: Picture, alt: string}} Data */

/** @typedef {{x: number, y: number, width: number, height: number}} Box CSS pixels within the flow */

/**
 * @typedef {object} Column
 * @property {HTMLButtonElement} button
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} title
 * @property {Grid} grid
 * @property {Box} box where its cells stand
 * @property {number[]} places of its cells among the planes that were sent
 * @property {HTMLCanvasElement} [small] its planes one below the other, a pixel each value
 */

/** @typedef {{columns: number, rows: number, wide: number, high: number, gap: number, count: number}} Grid In CSS pixels. */

const GAP = 2; // CSS pixels between cells
const BESIDE = 4; // CSS pixels between the layers of a block
const OPEN = [66, 86]; // CSS pixels: width of the layer that is chosen and of the one that feeds it, in little room and in more
const [NARROW, BROAD] = [32, 80]; // CSS pixels: width of the other layers
const LIST = 40; // CSS pixels: width of a list
const LEAST = 10; // CSS pixels of a plane in those: of more planes, the strongest are shown
const LOUPE = 122; // CSS pixels: width of the plane under the pointer, enlarged
const SHORT = 16; // units of a list that stand one below the other, as the answers do
const BAR = [10, 40]; // CSS pixels: width of a list's bar, and most of one of capsules
const WIRES = 24; // at most, the strongest
const PICTURE = 100; // CSS pixels
const STEP_MS = 180; // of a layer, when the picture is sent through
const STEPPED_MS = 4000; // until a layer that was stepped to is let go
const ANSWER_MS = 500; // until the answers have filled

/**
 * Return the largest cells, `most` of them, that fit into a box; cells are `width` : `height`.
 * @param {number} count
 * @param {number} width
 * @param {number} height
 * @param {number} wide
 * @param {number} high
 * @returns {Grid}
 */
export function fitCells(count, width, height, wide, high) {
  const longest = Math.max(width, height);
  for (let side = Math.floor(Math.max(wide, high)); side > 2; side--) {
    const [w, h] = [Math.max(2, (side * width) / longest), Math.max(2, (side * height) / longest)];
    const columns = Math.min(count, Math.floor((wide + GAP) / (w + GAP)));
    const rows = Math.floor((high + GAP) / (h + GAP));
    if (columns * rows >= count)
      return { columns, rows: Math.ceil(count / columns), wide: w, high: h, gap: GAP, count };
  }
  const columns = Math.max(1, Math.floor(wide / 2));
  return { columns, rows: Math.ceil(count / columns), wide: 1, high: 1, gap: 1, count };
}

/**
 * Return how many cells of the least size fit into a box.
 * @param {number} width
 * @param {number} height
 * @param {number} wide
 * @param {number} high
 */
export function mostCells(width, height, wide, high) {
  const longest = Math.max(width, height);
  const fit = (/** @type {number} */ room, /** @type {number} */ side) =>
    Math.max(1, Math.floor((room + GAP) / ((LEAST * side) / longest + GAP)));
  return fit(wide, width) * fit(high, height);
}

export class Flow {
  /** @type {Data} */
  data;
  /** @type {Column[]} */
  columns = [];
  /** @type {Theme} */
  theme;
  ratio = 1;
  frameRequest = 0;
  /** @type {number | undefined} the layer that the picture is at, while it is sent through */
  sending;
  /** @type {number | undefined} the layer that a key stepped to last: the next step goes on from there */
  stepped;
  ending = 0; // the timer of the answers' filling
  /** @type {{layer: number, plane: number, feeds: Feed[]} | null} */
  wired = null;
  /** @type {number[]} the classes of the answers' rows */
  order = [];
  /** @type {number[]} what each class gets */
  shares = [];

  /**
   * @param {(layer: number, plane: number | null) => void} onChoose
   * @param {(layer: number) => void} onArrive called when the picture reached a layer, and with all of them at the end
   * @param {HTMLElement} answers
   */
  constructor(onChoose, onArrive, answers) {
    this.onChoose = onChoose;
    this.onArrive = onArrive;
    this.answers = answers;
    this.field = new Field();
    this.send = make(
      "button",
      { type: "button", class: "send", title: "Space; the keys [ and ] step through the layers" },
      "Send it through",
    );
    this.send.addEventListener("click", () => this.start());
    this.given = make("div", { class: "given" }, this.field.root, this.send);
    this.layers = make("div", { class: "layers", role: "group", "aria-label": "Layers of the network" });
    this.ribbons = make("canvas", { class: "ribbons", "aria-hidden": "true", "data-ground": "" });
    this.wires = make("canvas", { class: "wires", "aria-hidden": "true", "data-ground": "" });
    this.loupe = make("div", { class: "loupe", "aria-hidden": "true", hidden: "" });
    this.root = make("div", { class: "flow" }, this.ribbons, this.given, this.layers, answers, this.wires, this.loupe);
    answers.addEventListener("click", () => this.data && this.onChoose(this.columns.length, null)); // there they are pulled
    this.layers.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
      const place = this.columns.findIndex(({ button }) => button === focused(this.root));
      if (!step || place < 0) return;
      event.preventDefault();
      this.columns[clamp(place + step, 0, this.columns.length - 1)].button.focus();
    });
    this.layers.addEventListener("scroll", () => this.measure());
  }

  dispose() {
    this.halt();
  }

  /** @param {Data} data */
  update(data) {
    const sizes = (/** @type {Data} */ { layers }) => layers.map(({ title, block }) => `${block} ${title}`).join();
    const same = this.data && sizes(this.data) === sizes(data);
    if (!same || this.data.alt !== data.alt) {
      this.halt(); // of the same picture what is on its way goes on: the page's last run may end after it began
      this.stepped = undefined;
    }
    this.data = data;
    this.wired = null;
    if (same) return;
    this.columns = [];
    /** @type {HTMLElement[]} */
    const blocks = [];
    /** @type {HTMLElement} */
    let inner;
    data.layers.slice(1).forEach((layer) => {
      const [canvas, title] = [make("canvas", { "aria-hidden": "true" }), make("b")];
      const button = make("button", { type: "button", class: "layer" }, title, make("span", {}, canvas));
      if (layer.block) {
        inner = make("div", { class: "columns" });
        blocks.push(make("div", { class: "block" }, inner, make("span", { class: "bracket" }, layer.block)));
      }
      inner.append(button);
      const number = this.columns.length + 1;
      button.addEventListener("pointermove", (event) => event.pointerType === "mouse" && this.magnify(number, event));
      button.addEventListener("pointerleave", () => (this.loupe.hidden = true));
      const box = { x: 0, y: 0, width: 0, height: 0 };
      const grid = { columns: 1, rows: 1, wide: 1, high: 1, gap: 0, count: 1 };
      this.columns.push({ button, canvas, title, grid, box, places: [] });
    });
    this.layers.replaceChildren(...blocks);
  }

  /** Return the width of each layer: the chosen one and the one that feeds it are open, the others share the rest. */
  widths() {
    const { layers, selected } = this.data;
    const isOpen = layers.slice(1).map((_, i) => i + 1 === selected || i + 2 === selected);
    const isList = layers.slice(1).map(({ flat }, i) => flat && !isOpen[i]);
    const style = getComputedStyle(this.layers);
    const between = parseFloat(style.columnGap) || 0;
    const blocks = this.layers.children.length;
    const [open, lists, count] = [isOpen.filter(Boolean).length, isList.filter(Boolean).length, isOpen.length];
    const around = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
    const room = this.layers.clientWidth - around - between * (blocks - 1) - BESIDE * (count - blocks);
    const wide = room < count * 48 ? OPEN[0] : OPEN[1];
    const least = matchMedia("(pointer: coarse)").matches ? FINGER : NARROW;
    const list = Math.max(LIST, least);
    const narrow = clamp(
      Math.floor((room - open * wide - lists * list) / Math.max(1, count - open - lists)),
      least,
      BROAD,
    );
    return isOpen.map((is, i) => (is ? wide : isList[i] ? Math.min(list, narrow) : narrow));
  }

  /**
   * Draw everything.
   * @param {Theme} theme
   * @param {number} ratio
   */
  arrange(theme, ratio) {
    [this.theme, this.ratio] = [theme, ratio];
    const { layers, selected, picture, alt } = this.data;
    this.field.show(picture, alt, PICTURE, ratio, theme);
    this.field.frame(layers[this.sending === undefined ? selected : Math.floor(this.sending)].box);
    const high = parseFloat(getComputedStyle(this.root).getPropertyValue("--cells")) || 200;
    const colors = new Uint8ClampedArray(
      Array.from({ length: 255 }, (_, i) => shade((i - 127) / 127, { kind: "signed", limit: 1 }, theme)).flat(),
    );
    const widths = this.widths();
    this.columns.forEach((column, i) => this.drawLayer(column, i + 1, widths[i], high, colors));
    const { button } = this.columns[selected - 1];
    const [room, chosen] = [this.layers.getBoundingClientRect(), button.getBoundingClientRect()];
    if (chosen.left < room.left || chosen.right > room.right)
      this.layers.scrollLeft += (chosen.left + chosen.right - room.left - room.right) / 2;
    this.measure();
  }

  /**
   * @param {Column} column
   * @param {number} number of the layer
   * @param {number} room CSS pixels
   * @param {number} high CSS pixels
   * @param {Uint8ClampedArray} colors of -127 to 127
   */
  drawLayer(column, number, room, high, colors) {
    const { ratio, theme } = this;
    const { layers, selected, plane } = this.data;
    const layer = layers[number];
    const { button, canvas, title } = column;
    const [cells, height, width] = layer.shape;
    const isOpen = number === selected || number + 1 === selected;
    const count = isOpen || layer.flat ? cells : Math.min(mostCells(width, height, room, high), cells);
    const places = Array.from({ length: count }, (_, i) => i); // of the strongest, in the planes' order
    column.places = layer.flat ? places : places.sort((a, b) => layer.numbers[a] - layer.numbers[b]);
    const grid = (column.grid =
      layer.flat && (width > 1 || !isOpen || count <= SHORT)
        ? barOf(count, width, high)
        : fitCells(count, width, height, room, high));
    title.textContent = layer.title.replaceAll(" × ", "\u00a0×\u00a0"); // a line holds the whole of a size
    button.setAttribute("aria-label", layer.aria_label);
    button.setAttribute("aria-pressed", String(number === selected));
    const part = layer.flat || count === layer.total ? "" : `; the strongest ${count} of ${layer.total} planes`;
    button.title = `${layer.title}: ${layer.size}${part}${layer.meaning && `\n${layer.meaning}`}`;
    button.style.width = `${room}px`;
    button.onclick = (event) => this.choose(number, event);
    const bytes = Uint8Array.from(atob(layer.base64), (c) => c.charCodeAt(0));
    const pixels = new ImageData(width, height * count);
    for (let i = 0; i < width * height * count; i++) {
      const at = 3 * (((bytes[i] + 128) & 255) - 1); // bytes are two's complement: -127 is 129
      pixels.data.set([colors[at], colors[at + 1], colors[at + 2], 255], 4 * i);
    }
    const small = (column.small = make("canvas", { width, height: height * count }));
    penOf(small).putImageData(pixels, 0, 0);
    const { gap } = grid;
    const wide = grid.columns * (grid.wide + gap) - gap;
    const tall = grid.rows * (grid.high + gap) - gap;
    const context = prepareCanvas(canvas, Math.ceil((wide + 2) * ratio), Math.ceil((tall + 2) * ratio), ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.imageSmoothingEnabled = grid.wide < width;
    context.strokeStyle = css(mix(theme.background, theme.text, 0.35));
    context.lineWidth = 1;
    for (let cell = 0; cell < count; cell++) {
      const [x, y] = corner(grid, cell);
      context.drawImage(small, 0, column.places[cell] * height, width, height, x, y, grid.wide, grid.high);
      if (grid.gap && grid.wide > 5) context.strokeRect(x, y, grid.wide, grid.high);
    }
    if (!grid.gap) context.strokeRect(0.5, 0.5, wide + 1, tall + 1);
    const chosen = number === selected && !layer.flat ? column.places.indexOf(layer.numbers.indexOf(plane)) : -1;
    if (chosen >= 0 && chosen < count) {
      const [x, y] = corner(grid, chosen);
      context.strokeStyle = css(theme.accent);
      context.lineWidth = 2;
      context.strokeRect(x, y, grid.wide, grid.high);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
  }

  /** Find where everything stands, then draw what joins it. */
  measure() {
    if (!this.theme) return;
    const around = this.root.getBoundingClientRect();
    /** @type {(element: Element) => Box} */
    const within = (element) => {
      const box = element.getBoundingClientRect();
      return { x: box.left - around.left, y: box.top - around.top, width: box.width, height: box.height };
    };
    for (const column of this.columns) column.box = within(column.canvas);
    this.pictureBox = within(this.field.canvas);
    this.window = within(this.layers);
    this.answerBoxes = [...this.answers.querySelectorAll("[data-row]")].map(within);
    this.stacked = this.answerBoxes.length > 0 && this.answerBoxes[0].x < this.window.x + this.window.width / 2;
    this.size = [around.width, around.height];
    this.join(this.sending ?? Infinity);
    this.wire(this.wired);
  }

  /**
   * Return the middle of a plane, or of a unit of a list, in the row; null if it is not drawn or scrolled away.
   * @param {number} layer
   * @param {number} plane
   */
  spot(layer, plane) {
    if (layer === 0) {
      const { x, y, width, height } = this.pictureBox ?? { x: 0, y: 0, width: 0, height: 0 };
      return { left: x, right: x + width, y: y + height / 2 };
    }
    const { grid, box, places } = this.columns[layer - 1];
    const { flat, numbers, total, shape } = this.data.layers[layer];
    const cell = flat ? cellOf(plane, total, shape[0]) : places.indexOf(numbers.indexOf(plane));
    if (cell < 0 || cell >= grid.count) return null;
    const [x, y] = corner(grid, cell);
    const left = box.x + x;
    if (this.window && (left < this.window.x - 2 || left > this.window.x + this.window.width)) return null;
    return { left, right: left + grid.wide, y: box.y + y + grid.high / 2 };
  }

  /**
   * Draw wires from a plane's unit back to what fed it: as thick as each counts, in the colors of signed numbers.
   * @param {{layer: number, plane: number, feeds: Feed[]} | null} wired
   */
  wire(wired) {
    this.wired = wired;
    const context = this.pen(this.wires);
    if (!context || !wired || this.sending !== undefined || (this.stacked && wired.layer === 1)) return;
    const { theme } = this;
    const end = this.spot(wired.layer, wired.plane);
    if (!end) return;
    const shown = wired.feeds.slice(0, WIRES);
    const largest = Math.abs(shown[0]?.value ?? 0) || 1;
    for (const { plane, value } of shown.reverse()) {
      const from = this.spot(wired.layer - 1, wired.layer === 1 ? 0 : plane);
      if (!from) continue;
      const share = Math.abs(value) / largest;
      context.strokeStyle = css(mix(theme.background, value < 0 ? theme.below : theme.above, 0.35 + 0.65 * share));
      context.lineWidth = 0.75 + 4.25 * share;
      const middle = (from.right + end.left) / 2;
      context.beginPath();
      context.moveTo(from.right, from.y);
      context.bezierCurveTo(middle, from.y, middle, end.y, end.left, end.y);
      context.stroke();
    }
    context.fillStyle = css(theme.text);
    context.beginPath();
    context.arc(end.left, end.y, 3, 0, 2 * Math.PI);
    context.fill();
  }

  /**
   * Return what draws on one of the canvases over the whole flow, in CSS pixels; null before there is room.
   * @param {HTMLCanvasElement} canvas
   */
  pen(canvas) {
    if (!this.size?.[0]) return null;
    const [width, height] = this.size.map((side) => Math.round(side * this.ratio));
    penOf(canvas).resetTransform();
    const context = prepareCanvas(canvas, width, height, this.ratio);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    return context;
  }

  /**
   * Draw the ribbons between the picture, the blocks and the answers, lit as far as the picture has come.
   * @param {number} progress in layers
   */
  join(progress) {
    const context = this.pen(this.ribbons);
    if (!context || !this.pictureBox) return;
    const { theme, columns } = this;
    const [quiet, lit] = [css(mix(theme.background, theme.text, 0.09)), css(mix(theme.background, theme.accent, 0.4))];
    const pictured = this.pictureBox;
    const window_ = this.window ?? pictured;
    this.data.layers.slice(1).forEach(({ block }, i) => {
      if (!block || (i === 0 && this.stacked)) return;
      const from = i ? columns[i - 1].box : pictured;
      const to = columns[i].box;
      if (to.x > window_.x + window_.width || from.x + from.width < window_.x - pictured.width - 40) return;
      context.fillStyle = Number.isFinite(progress) && progress >= i && progress < i + 2 ? lit : quiet;
      ribbon(context, [from.x + from.width, from.y, from.height], [to.x, to.y, to.height]);
    });
    const last = columns.at(-1)?.box;
    const number = columns.length;
    if (last && !this.stacked && last.x + last.width <= window_.x + window_.width + 40)
      this.answerBoxes?.forEach((row, i) => {
        const unit = this.spot(number, Number(this.order[i] ?? i));
        if (!unit) return;
        const share = this.shares[this.order[i] ?? i] ?? 0;
        const thick = 1 + (row.height - 3) * share;
        context.fillStyle = Number.isFinite(progress) && progress >= number ? lit : quiet;
        ribbon(context, [unit.right + 2, unit.y - 1, 2], [row.x, row.y + (row.height - thick) / 2, thick]);
      });
  }

  /**
   * Choose a layer, and with the pointer also the plane under it.
   * @param {number} number
   * @param {MouseEvent} event
   */
  choose(number, event) {
    this.stop();
    for (const { button } of this.columns) button.setAttribute("aria-pressed", "false");
    this.columns[number - 1].button.setAttribute("aria-pressed", "true"); // at once: the page follows
    const { flat, numbers } = this.data.layers[number];
    const cell = event.detail > 0 ? this.cellAt(number, event) : null;
    this.onChoose(number, cell !== null && !flat ? numbers[this.columns[number - 1].places[cell]] : null);
  }

  /**
   * Return the cell of a layer under the pointer; null beside them.
   * @param {number} number of the layer
   * @param {MouseEvent} event
   */
  cellAt(number, event) {
    const { canvas, grid } = this.columns[number - 1];
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const cell = Math.floor((y / box.height) * grid.rows) * grid.columns + Math.floor((x / box.width) * grid.columns);
    return x >= 0 && y >= 0 && x < box.width && y < box.height && cell < grid.count ? cell : null;
  }

  /**
   * Enlarge the plane under the pointer beside its layer; nothing of a list.
   * @param {number} number of the layer
   * @param {MouseEvent} event
   */
  magnify(number, event) {
    const { flat, numbers, shape, title } = this.data.layers[number];
    const { button, small, places } = this.columns[number - 1];
    const place = flat || !small ? null : this.cellAt(number, event);
    this.loupe.hidden = place === null;
    if (place === null || !small) return;
    const cell = places[place];
    const [, height, width] = shape;
    const canvas = make("canvas", { width, height });
    penOf(canvas).drawImage(small, 0, -cell * height);
    this.loupe.replaceChildren(canvas, make("small", {}, `${title}, plane ${numbers[cell] + 1}`));
    const [around, box] = [this.root.getBoundingClientRect(), button.getBoundingClientRect()];
    const left = box.right - around.left + 4;
    const room = around.width - LOUPE;
    this.loupe.style.left = `${left < room ? left : box.left - around.left - LOUPE - 4}px`;
    this.loupe.style.top = `${clamp(event.clientY - around.top - 60, 0, Math.max(0, around.height - 140))}px`;
  }

  /** Send the picture through: its layers light up one by one, and the frame of what their units see grows. */
  start() {
    const { layers } = this.data;
    this.stop();
    this.stepped = undefined;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.onArrive(layers.length);
      return;
    }
    this.root.classList.add("sending");
    let [first, reached] = [0, -1];
    const end = layers.length - 1;
    const wide = this.layers.scrollWidth;
    this.sending = 0;
    this.wire(this.wired);
    const frame = (/** @type {number} */ now) => {
      first ||= now;
      const at = Math.min(end, (now - first) / STEP_MS);
      this.sending = at;
      if (Math.floor(at) !== reached) {
        reached = Math.floor(at);
        this.light(reached);
        if (wide > this.layers.clientWidth) this.layers.scrollLeft = (wide * at) / end - this.layers.clientWidth / 2;
      }
      const [from, to] = [layers[Math.floor(at)].box, layers[Math.min(end, Math.floor(at) + 1)].box];
      this.field.frame(from.map((side, i) => side + (to[i] - side) * (at % 1)));
      this.join(at);
      if (at < end) this.frameRequest = requestAnimationFrame(frame);
      else {
        this.root.classList.add("arrived");
        this.onArrive(layers.length);
        this.ending = window.setTimeout(() => this.stop(), ANSWER_MS);
      }
    };
    this.frameRequest = requestAnimationFrame(frame);
  }

  /** Show the picture at a layer, and what its units see. @param {number} layer */
  light(layer) {
    this.columns.forEach(({ button }, i) => {
      button.classList.toggle("lit", i < layer);
      button.classList.toggle("now", i === layer - 1);
    });
    this.onArrive(layer);
  }

  /** Send the picture on by one layer, or take it back; after the last one all are lit again. @param {number} by */
  step(by) {
    const { layers } = this.data;
    const at = Math.floor(this.sending ?? this.stepped ?? (by > 0 ? 0 : layers.length)) + by;
    this.halt();
    this.stepped = at < 1 || at >= layers.length ? undefined : at;
    if (this.stepped === undefined) {
      this.onArrive(layers.length);
      this.stop();
      return;
    }
    this.root.classList.add("sending");
    this.sending = at;
    this.wire(this.wired);
    this.light(at);
    this.field.frame(layers[at].box);
    this.join(at);
    this.ending = window.setTimeout(() => this.stop(), STEPPED_MS);
  }

  /** End what is moving: all layers are lit. */
  halt() {
    cancelAnimationFrame(this.frameRequest);
    clearTimeout(this.ending);
    this.sending = undefined;
    this.root.classList.remove("sending", "arrived");
    for (const { button } of this.columns) button.classList.remove("lit", "now");
  }

  /** End what is moving, and draw what stands still. */
  stop() {
    this.halt();
    if (!this.theme) return;
    this.field.frame(this.seen ?? this.data.layers[this.data.selected].box);
    this.join(Infinity);
    this.wire(this.wired);
  }

  /**
   * Frame what the unit pointed at sees.
   * @param {number[]} field
   */
  frame(field) {
    this.seen = field;
    if (this.sending === undefined) this.field.frame(field);
  }
}

/**
 * Return a list's bar: cells one below the other.
 * @param {number} count
 * @param {number} width numbers of each
 * @param {number} high
 * @returns {Grid}
 */
const barOf = (count, width, high) => ({
  columns: 1,
  rows: count,
  wide: clamp(3 * width, BAR[0], BAR[1]),
  high: Math.min(24, high / count),
  gap: 0,
  count,
});

/**
 * Return left and top of a cell on its canvas, in CSS pixels.
 * @param {Grid} grid
 * @param {number} cell
 */
const corner = ({ columns, wide, high, gap }, cell) => [
  1 + (cell % columns) * (wide + gap),
  1 + Math.floor(cell / columns) * (high + gap),
];

/**
 * Fill a band from one upright edge to another; an edge is x, top and height.
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} from
 * @param {number[]} to
 */
function ribbon(context, [x, y, height], [toX, toY, toHeight]) {
  const middle = (x + toX) / 2;
  context.beginPath();
  context.moveTo(x, y);
  context.bezierCurveTo(middle, y, middle, toY, toX, toY);
  context.lineTo(toX, toY + toHeight);
  context.bezierCurveTo(middle, toY + toHeight, middle, y + height, x, y + height);
  context.fill();
}
