// What pooling keeps and what it throws away: input, output, and the input minus what came back, with one window in all.

import { AtRest } from "../kit/at_rest.js";
import { mountPart, partOf } from "../kit/component.js";
import { chooseScales, hatchUnread, paintGrid, paintSmall, pixelGrid } from "../kit/drawing.js";
import { arrowStep, clamp, focused, make } from "../kit/elements.js";
import { stepByKeys } from "../kit/keys.js";
import { compute, decodePixels, formatNumber, fullSize, gridFormat } from "../kit/math.js";
import { nextToShow, readPlaces, terms } from "../kit/math.js";
import { Notes } from "../kit/notes.js";
import { Panel, capital, say, slider } from "../kit/panel.js";
import { lostDetail } from "./lost.js";
import { fitting, sizeNumbers } from "./sizes.js";
import { inWords } from "./output_in_words.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/drawing.js").Scale} Scale */
/** @typedef {import("../kit/math.js").Encoded} Encoded */
/** @typedef {import("../kit/math.js").Planes} Planes */
/** @typedef {import("../kit/math.js").Result} Result */
/** @typedef {import("../kit/math.js").Settings} Settings */
/** @typedef {ReturnType<typeof makeSide>} Side */
/** @typedef {import("./sizes.js").Sizes} Sizes */
/** @typedef {import("./sizes.js").Limits} Limits */
/** @typedef {{image: Encoded, settings: Settings, limits: Limits, alt: string}} Data What Python sends. */

const LARGEST_SIDE = 320; // CSS px of a picture
const GAP = 40; // CSS px between two pictures; on a phone:
const NARROW_GAP = 16;
const CLOSE = 96; // CSS px of the window from near
const LARGEST_CELL = 40; // CSS px of one of its cells
const QUIET_MS = 400; // pause before a screen reader gets an update
const PASS_SECONDS = 12; // of a whole pass at the first speed
const REST_MS = 250; // a number rests before the rest of the page follows
const CHANGED = 1e-6; // a pixel that differs by less came back

/**
 * Return one of the three pictures, with the window from near and its words below.
 * @param {string} name
 */
function makeSide(name) {
  const { base, grid, overlay } = pixelGrid();
  const caption = make("figcaption");
  const planes = make("div", { class: "planes" });
  const words = make("p", { class: name === "output" ? "sentence" : "words" });
  const close = make("div", { class: "close" }, planes, words);
  const figure = make("figure", { class: name }, caption, grid, close);
  return { base, grid, caption, planes, words, overlay, figure, unit: 1 };
}

class PoolingStage extends Panel {
  /** @type {Planes} */
  image;
  /** @type {Planes} */
  lost;
  /** @type {Result} */
  result;
  /** @type {Settings} with the sizes as they are here */
  settings;
  /** @type {Sizes} */
  sizes;
  /** @type {string[]} sizes that Python was told and has not yet answered */
  sent = [];
  /** @type {(sizes: Sizes) => void} */
  onSizes = () => {};
  /** @type {ReturnType<typeof sizeNumbers> | undefined} */
  numbers;
  /** @type {{input: Scale, output: Scale, lost: Scale}} */
  scales;
  /** @type {HTMLButtonElement} */
  playButton;
  /** @type {ReturnType<typeof slider>} */
  speed;
  hint = "";
  /** @type {number} CSS pixels of a picture */
  side;
  /** @type {number[]} row and column of the output cell under the window */
  cell = [];
  isPinned = false;
  isPlaying = false;
  isUntouched = true; // nobody has moved the window yet: it slides by itself
  perSecond = 16; // windows
  clock = 0;
  owed = 0; // the part of a window that time has not yet paid for
  /** @type {number} */
  speaking;

  /** @param {Parent} parent */
  constructor(parent) {
    super(parent, "pooling");
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.input = makeSide("input");
    this.output = makeSide("output");
    this.back = makeSide("lost");
    this.spoken = make("p", { class: "spoken", "aria-live": "polite" });
    const figures = this.sides.map(({ figure }) => figure);
    this.bar = this.buildPlayer();
    this.root.append(this.bar, make("div", { class: "sides" }, ...figures), this.spoken);
    const toWindow = (/** @type {number} */ x, /** @type {number} */ y) => {
      const { g } = this.result; // the window whose middle is nearest to that pixel
      return [Math.round((y - (g.y.span - 1) / 2) / g.y.stride), Math.round((x - (g.x.span - 1) / 2) / g.x.stride)];
    };
    this.follow(this.input, toWindow);
    this.follow(this.output, (x, y) => [y, x]);
    this.follow(this.back, toWindow);
    this.notes = new Notes("pooling", this.root, this.hints(), ".planes, .words, .sentence, .bar button, .bar .slider");
    this.sizesAtRest = new AtRest(this.root, REST_MS, () => {
      this.sent.push(JSON.stringify(this.sizes));
      this.onSizes(this.sizes);
    });
    this.leave = new AbortController();
    stepByKeys(this.root, (by) => this.step(by), this.leave.signal);
  }

  /**
   * Return what to do with the pictures, until it was done once.
   * @returns {import("../kit/notes.js").Note[]}
   */
  hints() {
    const [input, output] = this.sides.map(({ base }) => base);
    return [
      { at: () => input, text: "Point at a window", side: "above", along: 0.78, fixed: true },
      { at: () => output, text: "It becomes one pixel", side: "above", along: 0.78, fixed: true },
      { at: () => this.speed.field, text: "Or step with [ and ]", side: "right", fixed: true },
    ];
  }

  get sides() {
    return [this.input, this.output, this.back];
  }

  buildPlayer() {
    /** @type {(label: string, title: string, act: () => void) => HTMLButtonElement} */
    const button = (label, title, act) => {
      const element = make("button", { type: "button", title }, label);
      element.addEventListener("click", () => {
        this.isUntouched = false;
        act();
      });
      return element;
    };
    this.playButton = button("Play", "Slides the window over the picture", () => this.play(!this.isPlaying));
    const step = button("Step", "Moves the window on by one; the keys [ and ] move it back and on", () => this.step(1));
    const start = button("Start", "Moves the window to the first place", () => {
      this.isPinned = false;
      this.moveTo([0, 0]);
    });
    const speed = slider({
      label: "Speed",
      low: 2,
      high: 2000,
      step: 0.05,
      help: "How fast the window slides",
      words: (value) => `${say(value)} windows/s`,
      set: (value) => speed.show((this.perSecond = value)),
      toPosition: Math.log10,
      fromPosition: (position) => 10 ** position,
    });
    this.speed = speed;
    const attributes = { class: "bar", role: "group", "aria-label": "Slide the window" };
    return make("div", attributes, this.playButton, step, start, this.speed.field);
  }

  /**
   * Follow the pointer and the keyboard on one of the pictures.
   * @param {Side} side
   * @param {(x: number, y: number) => number[]} toCell
   */
  follow(side, toCell) {
    const cellAt = (/** @type {MouseEvent} */ event) => {
      const box = side.base.getBoundingClientRect();
      const cell = (/** @type {number} */ offset) => Math.floor((offset * this.ratio) / side.unit);
      return toCell(cell(event.clientX - box.left), cell(event.clientY - box.top));
    };
    side.grid.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch") return;
      this.touch();
      if (!this.isPinned && !this.isPlaying) this.moveTo(cellAt(event));
    });
    side.grid.addEventListener("click", (event) => {
      const before = `${this.cell}`;
      this.touch();
      this.play(false);
      this.moveTo(cellAt(event));
      this.isPinned = !(this.isPinned && `${this.cell}` === before);
    });
    side.grid.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.isPinned = false;
      const [row, column] = this.cell;
      const step = arrowStep(event)?.map((by) => by * (event.shiftKey ? 8 : 1));
      const end = event.key === "Home" ? 0 : event.key === "End" ? Infinity : null;
      const isPin = event.key === "Enter" || event.key === " ";
      if (!step && end === null && !isPin && event.key !== "Escape") return;
      event.preventDefault(); // or the page scrolls under the window
      event.stopPropagation();
      this.touch();
      this.play(false);
      if (isPin) this.isPinned = !this.isPinned;
      this.moveTo(step ? [row + step[0], column + step[1]] : end === null ? this.cell : [row, end]);
    });
  }

  /** Stop what slides by itself: somebody has taken over. */
  touch() {
    if (this.isUntouched && this.isPlaying) this.play(false);
    this.isUntouched = false;
  }

  /**
   * @param {Data} data
   * @param {Data | undefined} before
   */
  receive(data, before) {
    const isNew = data.image.base64 !== before?.image.base64;
    this.image = decodePixels(data.image);
    if (!this.numbers || JSON.stringify(before?.limits) !== JSON.stringify(data.limits)) {
      this.numbers?.fields.forEach((field) => field.remove());
      this.numbers = sizeNumbers(data.limits, (change) => this.resize({ ...this.sizes, ...change }));
      this.bar.prepend(...this.numbers.fields);
    }
    const given = sizesOf(data.settings);
    const answered = this.sent.indexOf(JSON.stringify(given));
    if (answered >= 0)
      this.sent.splice(0, answered + 1); // of here, and here they may have changed again
    else if (!before || JSON.stringify(sizesOf(before.settings)) !== JSON.stringify(given)) this.sizes = given;
    this.sizes = fitting(this.sizes, data.limits, this.shorter);
    this.numbers.show(this.sizes);
    this.compute();
    const { output } = this.result;
    if (isNew && !this.isPinned) this.cell = this.mostLost();
    if (isNew || !this.perSecond) this.perSecond = clamp((output.height * output.width) / PASS_SECONDS, 2, 2000);
    this.speed.show(this.perSecond);
    if (before === undefined && !this.calm.matches) this.play(true);
  }

  get shorter() {
    return Math.min(this.image.height, this.image.width);
  }

  /** Pool the picture with the sizes as they are. */
  compute() {
    const { window, stride, padding } = this.sizes;
    const pair = (/** @type {number} */ n) => [n, n];
    this.settings = { ...this.data.settings, window: pair(window), stride: pair(stride), amount: pair(padding) };
    this.result = compute(this.image, this.settings);
    this.lost = lostDetail(this.image, this.result, this.settings);
    const { y, x } = this.result.g;
    this.cell = [clamp(this.cell[0] ?? 0, 0, y.count - 1), clamp(this.cell[1] ?? 0, 0, x.count - 1)];
  }

  /**
   * Take over other sizes at once, and tell Python once they rest.
   * @param {Sizes} wanted
   */
  resize(wanted) {
    this.sizes = fitting(wanted, this.data.limits, this.shorter);
    this.touch();
    this.compute();
    this.arrange();
    this.sizesAtRest.wait();
    return this.sizes;
  }

  /** Where to begin: the window that loses most, as there is something to see. */
  mostLost() {
    const { output } = this.result;
    let [best, most] = [0, -1];
    for (let i = 0; i < output.height * output.width; i++) {
      const loss = this.lossAt(i);
      if (loss > most) [best, most] = [i, loss];
    }
    return [Math.floor(best / output.width), best % output.width];
  }

  /**
   * Return how much the window of an output cell loses.
   * @param {number} i of the output's cells, row by row
   */
  lossAt(i) {
    const { width } = this.result.output;
    const lost = this.lostIn([Math.floor(i / width), i % width]);
    return lost.reduce((sum, v) => sum + (Number.isNaN(v) ? 0 : Math.abs(v)), 0);
  }

  /**
   * Return what is lost of each pixel under the window of an output cell; NaN beyond the picture.
   * @param {number[]} cell
   */
  lostIn([row, column]) {
    const { g } = this.result;
    return Array.from({ length: g.y.span * g.x.span }, (_, i) => {
      const y = row * g.y.stride - g.y.before + Math.floor(i / g.x.span);
      const x = column * g.x.stride - g.x.before + (i % g.x.span);
      const isInside = y >= 0 && x >= 0 && y < this.lost.height && x < this.lost.width;
      return isInside ? this.lost.values[y * this.lost.width + x] : NaN;
    });
  }

  // ---- drawing ----------------------------------------------------------------------------------------------------------

  /** Size everything to the width there is, in whole device pixels a cell, and draw what stays until the next change. */
  arrange() {
    this.measure();
    if (this.width === 0) return;
    const { ratio, theme, lost } = this;
    const { padded, output, g } = this.result;
    const isNarrow = this.root.classList.contains("narrow");
    const room = isNarrow ? (this.width - NARROW_GAP) / 2 : (this.width - 2 * GAP) / 3;
    this.side = Math.floor(Math.min(room, LARGEST_SIDE));
    const longest = Math.max(padded.height, padded.width);
    const unit = this.unitFor(this.side, longest);
    const outputUnit = Math.max(1, Math.floor((unit * longest) / Math.max(output.height, output.width)));
    const lostUp = { depth: 1, height: padded.height, width: padded.width, values: this.bordered(padded.width) };
    this.scales = {
      ...chooseScales(this.image, output, this.settings),
      lost: { kind: "signed", limit: fullSize(lost.values) },
    };
    const inner = { x: g.x.before, y: g.y.before, width: this.image.width, height: this.image.height };
    /** @type {[Side, Planes, Scale, number, typeof inner | null][]} */
    const drawn = [
      [this.input, padded, this.scales.input, unit, inner],
      [this.output, output, this.scales.output, outputUnit, null],
      [this.back, lostUp, this.scales.lost, unit, inner],
    ];
    for (const [side, grid, scale, cell, frame] of drawn) {
      side.unit = cell;
      paintGrid(side.base, grid, scale, cell, ratio, theme, gridFormat(grid.values), frame);
      side.overlay.resize(grid.width * cell, grid.height * cell, ratio);
    }
    const written = gridFormat(padded.values);
    hatchUnread(this.input.base, padded, readPlaces(g.y), readPlaces(g.x), unit, ratio, theme, written);
    this.describe();
    this.redraw();
  }

  /**
   * Return what is lost, at the place of the picture in its padding.
   * @param {number} width
   */
  bordered(width) {
    const { g, padded } = this.result;
    const values = new Float64Array(padded.height * width).fill(NaN);
    for (let y = 0; y < this.lost.height; y++)
      for (let x = 0; x < this.lost.width; x++)
        values[(y + g.y.before) * width + x + g.x.before] = this.lost.values[y * this.lost.width + x];
    return values;
  }

  /** Write the captions, also for screen readers. */
  describe() {
    const { output, g } = this.result;
    const { operation } = this.settings;
    const { height, width } = this.image;
    const unread = [g.y.unused && `${g.y.unused} of the rows`, g.x.unused && `${g.x.unused} of the columns`];
    const never = unread.filter(Boolean).join(", ");
    const name = `${operation === "l2" ? "L2" : capital(operation)} pooling`;
    const limit = formatNumber(this.scales.lost.limit);
    const texts = [
      `Input, ${height} × ${width}${never ? `; unread: ${never}` : ""}`,
      `${name}, ${output.height} × ${output.width}`,
      "Input − what came back",
    ];
    this.sides.forEach((side, i) => {
      side.caption.replaceChildren(make("span", {}, texts[i]));
      const alt = side === this.input ? `${this.data.alt}. ` : "";
      side.grid.setAttribute("aria-label", `${alt}${texts[i]}. Arrow keys move the window, Enter pins it.`);
    });
    this.back.caption.append(make("span", { class: "scale" }, `−${limit}`, make("i"), limit));
    const touches = matchMedia("(pointer: coarse)").matches;
    this.hint = touches
      ? "The window, close up: tap a pixel."
      : "The window, close up: hover to move it, click to pin it.";
  }

  redraw() {
    if (!this.scales) return;
    const { ratio, theme, settings } = this;
    const { g } = this.result;
    const [row, column] = this.cell;
    const t = terms(this.result, settings, this.cell);
    for (const { overlay } of this.sides) overlay.clear();
    for (const side of [this.input, this.back]) {
      const [left, top] = [column * g.x.stride * side.unit, row * g.y.stride * side.unit];
      side.overlay.frame(left, top, g.x.span * side.unit, g.y.span * side.unit, ratio, theme);
    }
    this.output.overlay.frame(
      column * this.output.unit,
      row * this.output.unit,
      this.output.unit,
      this.output.unit,
      ratio,
      theme,
    );
    const [rows, columns] = settings.window;
    const { input, output, lost } = this.scales;
    const plain = { kind: input.kind === "signed" ? "signed" : "gray", limit: input.limit };
    const result = { kind: output.kind === "signed" ? "signed" : "gray", limit: output.limit };
    const values = t.planes.map((plane) => plane.values);
    const winners = t.planes.map((plane) => plane.winner);
    const changes = this.lostIn(this.cell);
    this.paintClose(this.input, values, rows, columns, plain, winners);
    this.paintClose(
      this.output,
      t.outputs.map((value) => [value]),
      1,
      1,
      result,
      [],
    );
    this.paintClose(this.back, [changes], rows, columns, lost, []);
    this.input.words.textContent = values.length > 1 ? "" : this.hint;
    const sentence = inWords(t, settings.operation, this.cell, false);
    const there = changes.filter((v) => !Number.isNaN(v));
    const changed = there.filter((v) => Math.abs(v) > CHANGED).length;
    this.output.words.textContent = sentence;
    this.back.words.textContent = changed
      ? `${changed} of its ${there.length} pixels do not come back as they were.`
      : "All its pixels come back as they were.";
    clearTimeout(this.speaking);
    if (this.isPlaying || !this.root.contains(focused(this.root))) return; // only for who is working in it
    const spoken = `${inWords(t, settings.operation, this.cell, true)} ${this.back.words.textContent}`;
    this.speaking = window.setTimeout(() => (this.spoken.textContent = spoken), QUIET_MS);
  }

  /**
   * Draw the window from near, plane by plane.
   * @param {Side} side
   * @param {number[][]} planes
   * @param {number} rows
   * @param {number} columns
   * @param {Scale} scale
   * @param {number[]} marked
   */
  paintClose(side, planes, rows, columns, scale, marked) {
    const room = Math.min(CLOSE, (this.side - 8 * (planes.length - 1)) / planes.length);
    const cell = Math.floor(Math.min(LARGEST_CELL, room / Math.max(rows, columns)) * this.ratio);
    while (side.planes.children.length > planes.length) side.planes.lastElementChild?.remove();
    while (side.planes.children.length < planes.length) side.planes.append(make("canvas"));
    const format = gridFormat(planes.flat());
    planes.forEach((values, i) => {
      const canvas = /** @type {HTMLCanvasElement} */ (side.planes.children[i]);
      const ring = marked[i] ?? -1;
      paintSmall(canvas, values, rows, columns, cell, this.ratio, scale, this.theme, format, ring);
    });
  }

  // ---- the clock --------------------------------------------------------------------------------------------------------

  /** @param {number[]} cell */
  moveTo([row, column]) {
    const { y, x } = this.result.g;
    this.cell = [clamp(row, 0, y.count - 1), clamp(column, 0, x.count - 1)];
    if (!this.isPlaying) this.frame = requestAnimationFrame(() => this.redraw());
  }

  /** @param {boolean} on */
  play(on) {
    this.playButton.textContent = on ? "Pause" : "Play";
    if (on && !this.isPlaying) {
      [this.clock, this.owed, this.isPinned] = [performance.now(), 0, false];
      this.frame = requestAnimationFrame((now) => this.tick(now));
    }
    this.isPlaying = on;
  }

  /** @param {number} now */
  tick(now) {
    if (!this.isPlaying) return;
    const perSecond = this.calm.matches ? Math.min(this.perSecond, 2) : this.perSecond;
    this.owed += (Math.max(0, now - this.clock) / 1000) * perSecond;
    this.clock = now;
    const whole = Math.floor(this.owed);
    this.owed -= whole;
    if (whole > 0) this.advance(whole);
    if (whole > 0) this.redraw();
    this.frame = requestAnimationFrame((later) => this.tick(later));
  }

  /** @param {number} by */
  step(by) {
    if (!this.ready) return;
    this.isUntouched = false;
    this.play(false);
    this.advance(by);
  }

  /** While the window slides by itself, it goes where something is lost. @param {number} cells */
  advance(cells) {
    const { height, width } = this.result.output;
    const count = height * width;
    const on = (this.cell[0] * width + this.cell[1] + cells + count) % count;
    const next = this.isUntouched ? nextToShow(on, count, (i) => this.lossAt(i) > CHANGED) : on;
    this.moveTo([Math.floor(next / width), next % width]);
  }

  dispose() {
    this.isPlaying = false;
    this.leave.abort();
    clearTimeout(this.speaking);
    this.sizesAtRest.stop();
    super.dispose();
  }
}

/**
 * @param {Settings} settings
 * @returns {Sizes}
 */
const sizesOf = ({ window, stride, amount }) => ({ window: window[0], stride: stride[0], padding: amount?.[0] ?? 0 });

/** @param {Component} component */
export default function mount(component) {
  const end = mountPart(PoolingStage, component);
  /** @type {PoolingStage} */ (partOf(component.parentElement)).onSizes = (sizes) =>
    component.setTriggerValue("sizes", sizes);
  return end;
}
