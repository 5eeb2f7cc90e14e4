// The component: builds the page's elements, follows pointer, keyboard and clock, and tells Python what was changed.

import { AtRest } from "../kit/at_rest.js";
import { mountPart } from "../kit/component.js";
import { Comparison, THUMBNAIL, isChanged } from "./comparison.js";
import { fly, isFlying, trioLinks, windowLinks } from "./tie_lines.js";
import { Middle } from "./arithmetic.js";
import { Player } from "./player.js";
import { buildSettings } from "./settings.js";
import { describeSide, followSide, makeSide } from "./pixel_grids.js";
import { inParts, inWords } from "./output_in_words.js";
import { chooseScales, hatchUnread, paintGrid, readTheme, shade } from "../kit/drawing.js";
import { clamp, focused, make, makeSvg } from "../kit/elements.js";
import { stepByKeys } from "../kit/keys.js";
import { Notes } from "../kit/notes.js";
import { LARGEST_WEIGHT, compute, decodePixels, formatNumber, fullSize, gridFormat } from "../kit/math.js";
import { nextToShow, readPlaces, terms } from "../kit/math.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/component.js").Tell} Tell */
/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/drawing.js").Scale} Scale */
/** @typedef {import("../kit/math.js").Planes} Planes */
/** @typedef {import("../kit/math.js").Encoded} Encoded */
/** @typedef {import("../kit/drawing.js").Box} Box */
/** @typedef {import("../kit/math.js").Settings} Settings */
/** @typedef {import("../kit/math.js").Result} Result */
/** @typedef {import("../kit/math.js").Terms} Terms */
/** @typedef {import("../kit/math.js").Axis} Axis */
/** @typedef {import("./pixel_grids.js").Side} Side */

/**
 * @typedef {object} Data What Python sends.
 * @property {Encoded} image
 * @property {Settings & {pinned: number[] | null}} settings
 * @property {number} serial new settings have another one
 * @property {string[]} controls
 * @property {string} alt
 * @property {boolean} autoplay
 * @property {boolean} watchPin
 * @property {import("./comparison.js").Reference | null} reference
 * @property {string} notes of the page whose notes are pinned to it; empty for none
 */

const STACKED_BELOW = 640; // CSS pixels: narrower than this, input and output stand one above the other
const QUIET_MS = 400; // pause before Python or a screen reader gets an update
const FAINT = 0.1; // of the strongest output: where it is less, it slides by itself on to the next that is not
const [LEAST_STAGE, MOST_STAGE, MOST_PICTURE] = [320, 640, 560]; // CSS pixels a stage and a picture may be high
const BELOW_STAGE = 56; // CSS pixels for the sentence
const CAPTION = 28; // CSS pixels above a picture
const COMPARED = THUMBNAIL + 31; // CSS pixels of the three outputs below it
const NUMBERS_FROM = 34; // CSS pixels a pixel must be wide for its number to be written in it

/**
 * Return the element around an element, also around the shadow that it stands in.
 * @param {Element} element
 */
const hostOf = (element) => {
  const parent = element.parentNode;
  return parent instanceof ShadowRoot ? parent.host : element.parentElement;
};

class Inspector {
  /** @type {Data} */
  data;
  /** @type {Tell} */
  tell;
  /** @type {string} */
  given;
  /** @type {Planes} */
  image;
  /** @type {Settings & {pinned?: number[] | null}} */
  settings;
  /** @type {Result} the last that was possible */
  result;
  /** @type {number} */
  width;
  /** @type {number} device pixels in a CSS pixel */
  ratio;
  /** @type {number} device pixels in a cell */
  unit;
  /** @type {Theme} */
  theme;
  /** @type {{input: Scale, output: Scale}} */
  scales;
  /** @type {boolean} */
  stacked;
  /** @type {import("./tie_lines.js").Places} */
  places;
  /** @type {number | null} */
  frame;
  /** @type {number} */
  waiting;
  /** @type {number} */
  waited;
  /** @type {number} */
  speaking;
  /** @type {string} the sentence's parts as they stand there */
  written;
  /** @type {HTMLElement} */
  state;
  /** @type {Notes | undefined} */
  notes;

  /** @param {Parent} parent */
  constructor(parent) {
    this.cell = /** @type {number[]} */ ([]); // row and column of the output cell under inspection, if any
    this.pinned = false;
    this.weight = -1; // index of the cell of the window that is pointed at: its pixel, its weight or its product
    this.ofKernel = false; // whether that is its weight, which every window uses
    this.landing = false; // it is on its way
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.touch = matchMedia("(pointer: coarse)");
    this.input = makeSide("input");
    this.output = makeSide("output");
    this.middle = new Middle({
      point: (place, ofKernel) => this.point(place, ofKernel),
      write: (kernel) => this.change({ kernel }),
      refuse: (text) => this.refuse(text),
    });
    this.links = makeSvg("svg", { class: "links", "aria-hidden": "true" });
    this.stage = make("div", { class: "stage" }, this.input.figure, this.middle.root, this.output.figure, this.links);
    this.sentence = make("span", { class: "sentence", "aria-hidden": "true" }); // changes with each move of the hand
    this.state = make("span", { class: "state" });
    this.spoken = make("span", { class: "spoken" });
    this.notice = make("p", { class: "notice", "aria-live": "polite" }, this.sentence, this.spoken);
    this.comparison = new Comparison();
    this.title = make("b");
    this.about = make("span");
    this.back = make("button", { type: "button", class: "back", hidden: "" }, "Put it back");
    this.back.addEventListener("click", () => this.putBack());
    this.heading = make("p", { class: "heading" }, this.title, " ", this.about, " ", this.back);
    this.problem = make("p", { class: "problem", role: "alert", hidden: "" });
    this.player = new Player({
      begin: () => this.begin(),
      advance: (cells) => this.advance(cells),
      restart: () => {
        this.pin(false);
        this.moveTo([0, 0]);
      },
      redraw: () => this.redraw(),
    });
    this.settingsBar = make("div", { class: "bar settings", role: "group", "aria-label": "Settings of the window" });
    this.root = make(
      "div",
      { class: "inspector" },
      this.problem,
      make("div", { class: "top" }, this.player.root, this.heading),
      this.stage,
      this.notice,
      this.settingsBar,
    );
    this.input.figure.append(this.state);
    parent.append(this.root);
    this.atRest = new AtRest(this.root, QUIET_MS, () => this.report());
    this.follow(this.input, (x, y) => {
      const { g } = this.result; // the window whose middle is nearest to that pixel
      return [Math.round((y - (g.y.span - 1) / 2) / g.y.stride), Math.round((x - (g.x.span - 1) / 2) / g.x.stride)];
    });
    this.follow(this.output, (x, y) => [y, x]);
    this.resizes = new ResizeObserver(() => this.root.clientWidth !== this.width && this.settings && this.arrange());
    this.resizes.observe(this.root);
    this.held = false; // a pointer is down, anywhere on the page: a slider of Streamlit's is dragged, or one of these
    this.leave = new AbortController();
    const anywhere = { capture: true, signal: this.leave.signal };
    document.addEventListener("pointerdown", () => this.hold(true), anywhere);
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => this.hold(false), anywhere);
    window.addEventListener("resize", () => this.settings && this.arrange(), { signal: this.leave.signal });
    for (const kind of ["pointermove", "pointerdown", "keydown"])
      this.root.addEventListener(kind, () => this.player.isShowing && this.player.play(false), {
        capture: true,
      });
    const byKey = (/** @type {number} */ by) => this.player.root.hidden || this.player.step(by);
    stepByKeys(this.root, byKey, this.leave.signal);
    for (const kind of ["pointerover", "pointerleave"])
      this.sentence.addEventListener(kind, (event) => {
        const part =
          event.target instanceof Element && kind === "pointerover" ? event.target.closest("[data-index]") : null;
        this.point(part instanceof HTMLElement ? Number(part.dataset.index) : -1);
      });
  }

  /** The weights; none where a window pools. */
  get kernel() {
    return this.settings.kernel ?? [];
  }

  /** @returns {import("./arithmetic.js").View} */
  get view() {
    const { settings, stacked, width, ratio, theme } = this;
    const { controls, reference } = this.data;
    const { matches: isTouched } = this.touch;
    return { settings, depth: this.image.depth, controls, reference, stacked, isTouched, width, ratio, theme };
  }

  dispose() {
    this.resizes.disconnect();
    this.leave.abort();
    cancelAnimationFrame(this.frame ?? 0);
    cancelAnimationFrame(this.waiting);
    clearTimeout(this.waited);
    this.atRest.stop();
    clearTimeout(this.speaking);
    this.notes?.dispose();
    this.root.remove();
  }

  /** What to do with the picture, until it was done once. */
  pinNotes() {
    const products = () => this.root.querySelector(".products .planes");
    /** @type {import("../kit/notes.js").Note[]} */
    const notes = [
      { at: () => this.input.base, text: "Move over the picture: the window follows", side: "below", along: 0.08 },
      { at: products, text: "Each pixel times its weight", side: "left", along: 0.9 },
      { at: () => this.middle.answer, text: "The sum is one pixel of the output", side: "left" },
    ];
    return new Notes(this.data.notes, this.root, notes, ".planes, .answer, figcaption, .notice, .top, .state");
  }

  // ---- from Python and back -------------------------------------------------------------------------------------------

  /**
   * Take over Python's settings when they are new (another serial); otherwise what the person set here stands.
   * @param {Data} data
   * @param {Tell} tell
   */
  update(data, tell) {
    this.tell = tell;
    const theme = readTheme(this.root);
    const given = JSON.stringify([data, theme]);
    if (given === this.given) return; // Streamlit gives what it gave before whenever the page runs again
    this.given = given;
    this.theme = theme; // to read it takes as long as to draw
    cancelAnimationFrame(this.waiting);
    clearTimeout(this.waited);
    if (!this.data) this.take(data);
    // Once the page's new numbers are painted: drawing takes as long as all of them, and they would wait for it.
    else this.waiting = requestAnimationFrame(() => (this.waited = window.setTimeout(() => this.take(data))));
  }

  /** @param {Data} data */
  take(data) {
    if (data.image.base64 !== this.data?.image.base64 || `${data.image.shape}` !== `${this.data.image.shape}`) {
      this.image = decodePixels(data.image);
      if (!this.pinned) this.cell = [];
    }
    const isNew = data.serial !== this.data?.serial;
    const isFirst = !this.data;
    this.data = data;
    this.root.classList.toggle("compared", Boolean(data.reference));
    if (data.reference) this.output.figure.append(this.comparison.root);
    if (isNew) {
      this.settings = structuredClone(data.settings);
      if (this.settings.pinned) this.cell = this.settings.pinned;
      this.pinned = this.settings.pinned !== null;
      this.settingsBar.replaceChildren(
        ...buildSettings(
          data.controls,
          () => this.settings,
          (patch) => this.change(patch),
        ),
      );
      this.settingsBar.hidden = !this.settingsBar.hasChildNodes();
      this.player.root.hidden = !data.controls.includes("play");
    }
    this.recompute();
    if (data.notes) this.notes ??= this.pinNotes();
    if (isFirst && data.autoplay && !this.pinned && !this.calm.matches) this.player.demonstrate();
  }

  /** @param {Partial<Settings>} patch */
  change(patch) {
    const { window } = this.settings;
    Object.assign(this.settings, patch);
    const sameSizes = Object.keys(patch).join() === "kernel" && `${window}` === `${this.settings.window}`;
    this.recompute(sameSizes);
    this.atRest.wait();
  }

  report() {
    const pinned = this.pinned && this.data.watchPin ? this.cell : null;
    this.tell("view", { serial: this.data.serial, settings: { ...this.settings, pinned } });
  }

  // ---- computing and laying out ---------------------------------------------------------------------------------------

  /** @param {boolean} sameSizes whether only weights have changed: then nothing is measured again */
  recompute(sameSizes = false) {
    const result = compute(this.image, this.settings);
    const { y, x } = result.g;
    const fits = y.count > 0 && x.count > 0;
    this.problem.hidden = fits;
    if (!fits) {
      this.problem.textContent = `The window reaches over ${y.span} × ${x.span} pixels, the picture with its padding has ${y.padded} × ${x.padded}: make F or D smaller, or choose a padding.`;
      this.player.play(false);
      this.root.classList.add("impossible");
      this.arrange();
      return; // the last picture that was possible stays on the page, faded
    }
    this.root.classList.remove("impossible");
    this.result = result;
    if (!this.cell.length) this.cell = this.strongest();
    this.cell = [clamp(this.cell[0], 0, y.count - 1), clamp(this.cell[1], 0, x.count - 1)];
    if (!sameSizes || !this.places) {
      this.arrange();
      return;
    }
    this.middle.weights.paint(this.view);
    this.paint();
    this.redraw();
  }

  /** Where to begin: the cell whose output is farthest from zero, which is where there is something to explain. What
   *  padding causes explains little, so windows that lie within the picture come first. */
  strongest() {
    const { output, g } = this.result;
    const inside = (/** @type {Axis} */ axis, /** @type {number} */ i) =>
      i * axis.stride >= axis.before && i * axis.stride + axis.span <= axis.before + axis.size;
    const score = (/** @type {number} */ i) =>
      Math.abs(output.values[i]) +
      (inside(g.y, Math.floor(i / output.width)) && inside(g.x, i % output.width) ? 1e9 : 0);
    let best = 0;
    for (let i = 0; i < output.height * output.width; i++) if (score(i) > score(best)) best = i;
    return [Math.floor(best / output.width), best % output.width];
  }

  /** Sizes everything to the width there is, in whole device pixels a cell, and draws what stays until the next change. */
  arrange() {
    this.width = this.root.clientWidth;
    if (!this.result || this.width === 0) return;
    this.ratio = window.devicePixelRatio || 1;
    this.root.dataset.scheme = this.theme.dark ? "dark" : "light";
    this.stacked = this.width < STACKED_BELOW;
    this.root.classList.toggle("stacked", this.stacked);
    const bar = this.stacked && !this.settingsBar.hidden ? this.settingsBar : this.player.root; // a phone has room there
    const { speedLabel } = this.player;
    if (speedLabel.parentNode !== bar) bar.append(speedLabel);
    const high = this.heightOfStage();
    this.middle.fit(this.view, high);
    const { padded, output } = this.result;
    const gaps = parseFloat(getComputedStyle(this.stage).columnGap) * 2;
    const room = this.stacked ? this.width : (this.width - this.middle.root.offsetWidth - gaps) / 2;
    const columns = Math.max(padded.width, output.width);
    const words = this.data.reference ? CAPTION + COMPARED : CAPTION;
    const most = this.stacked ? MOST_PICTURE : Math.min(MOST_PICTURE, high - words);
    const side = clamp(Math.min(room / columns, most / Math.max(padded.height, output.height)), 1, 64);
    this.unit = Math.max(1, Math.floor((side - 1 / columns) * this.ratio)); // rounding must never make it overflow
    this.paint();
    const origin = this.stage.getBoundingClientRect();
    const place = (/** @type {Element} */ element) => {
      const box = element.getBoundingClientRect();
      return {
        left: box.left - origin.left,
        top: box.top - origin.top,
        right: box.right - origin.left,
        bottom: box.bottom - origin.top,
      };
    };
    this.links.setAttribute("viewBox", `0 0 ${origin.width} ${origin.height}`);
    const { window: numbers, products } = this.middle.grids;
    this.places = {
      input: place(this.input.base),
      output: place(this.output.base),
      window: place(numbers),
      products: products ? place(products) : null,
      answer: place(this.middle.answer),
    };
    this.player.limit(output.height * output.width);
    this.redraw();
  }

  /** Draw what stays until the next change, in the sizes there are. */
  paint() {
    const { padded, output, g } = this.result;
    this.scales = this.rescaled(chooseScales(this.image, output, this.settings));
    const inner = { x: g.x.before, y: g.y.before, width: this.image.width, height: this.image.height };
    const writes = this.unit / this.ratio >= NUMBERS_FROM;
    for (const { part, grid, scale, frame } of [
      { part: this.input, grid: padded, scale: this.scales.input, frame: inner },
      { part: this.output, grid: output, scale: this.scales.output, frame: null },
    ]) {
      const format = writes ? gridFormat(grid.values) : String;
      paintGrid(part.base, grid, scale, this.unit, this.ratio, this.theme, format, frame);
      if (part === this.input)
        hatchUnread(part.base, grid, readPlaces(g.y), readPlaces(g.x), this.unit, this.ratio, this.theme, format);
      part.overlay.resize(grid.width * this.unit, grid.height * this.unit, this.ratio);
      describeSide(part, grid, scale, { image: this.image, g, alt: this.data.alt });
    }
    if (this.data.reference) this.compareWith(this.data.reference);
  }

  /**
   * Say which kernel it is, and compare the output of a changed one with that of the one it was.
   * @param {import("./comparison.js").Reference} reference
   */
  compareWith(reference) {
    const { output } = this.result;
    this.comparison.show(this.image, this.settings, output, this.scales.output, reference, this.theme, this.ratio);
    const changed = isChanged(this.settings.kernel, reference);
    const sum = formatNumber(this.kernel.flat(2).reduce((a, b) => a + b, 0));
    this.title.textContent = `${reference.title}${changed ? ", changed" : ""}:`;
    this.about.textContent = changed ? `its weights sum to ${sum}.` : reference.text;
    this.heading.title = changed ? "" : reference.text; // where there is room for its beginning only
    this.back.hidden = !changed;
    this.back.title = `Bring back the weights of ${reference.title}`;
  }

  /** Bring the kernel back that the page opened with. */
  putBack() {
    const kernel = structuredClone(this.data.reference?.kernel ?? this.kernel);
    this.change({ kernel, window: [kernel[0].length, kernel[0][0].length] });
    this.input.grid.focus({ preventScroll: true }); // the button is gone
  }

  /** Return the CSS pixels that the stage may be high, so that its sentence is in the first screen with it. */
  heightOfStage() {
    let top = this.stage.getBoundingClientRect().top; // from where the page begins, however far it is scrolled
    for (let element = hostOf(this.root); element; element = hostOf(element)) top += element.scrollTop;
    const begins = top < window.innerHeight / 2 ? top : 0; // further down it has a screen of its own
    return clamp(window.innerHeight - begins - BELOW_STAGE, LEAST_STAGE, MOST_STAGE);
  }

  /**
   * Return the scales to draw with: while a hand drags, the limits stay, so that colors mean the same from step to step.
   * @param {{input: Scale, output: Scale}} fresh
   */
  rescaled(fresh) {
    if (!this.held || !this.scales) return fresh;
    const keep = (/** @type {Scale} */ now, /** @type {Scale} */ before) => (now.kind === before.kind ? before : now);
    return { input: keep(fresh.input, this.scales.input), output: keep(fresh.output, this.scales.output) };
  }

  /** @param {boolean} held */
  hold(held) {
    const letGo = this.held && !held;
    this.held = held;
    if (letGo && this.settings) this.arrange();
  }

  /**
   * Point at a cell of the window, or at none (-1): its pixel, its weight and its product get one frame.
   * @param {number} weight
   * @param {boolean} ofKernel whether it is pointed at in the kernel, whose weights every window uses
   */
  point(weight, ofKernel = false) {
    if (weight === this.weight && ofKernel === this.ofKernel) return;
    [this.weight, this.ofKernel] = [weight, ofKernel];
    this.redraw();
  }

  // ---- pointer, keyboard, clock ---------------------------------------------------------------------------------------

  /**
   * Follow the pointer and the keyboard on one of the grids.
   * @param {Side} side
   * @param {(x: number, y: number) => number[]} toCell
   */
  follow(side, toCell) {
    const cellAt = (/** @type {MouseEvent} */ event) => {
      const box = side.base.getBoundingClientRect();
      const [column, row] = [event.clientX - box.left, event.clientY - box.top].map((v) =>
        Math.floor((v * this.ratio) / this.unit),
      );
      return toCell(column, row);
    };
    followSide(side, cellAt, {
      hover: (cell) => this.pinned || this.player.isPlaying || this.moveTo(cell),
      click: (cell) => {
        const before = `${this.cell}`;
        this.player.play(false);
        this.moveTo(cell);
        this.pin(!(this.pinned && `${this.cell}` === before));
      },
      move: (rows, columns) => {
        this.player.play(false);
        this.moveTo([this.cell[0] + rows, this.cell[1] + columns]);
        if (this.pinned && this.data.watchPin) this.atRest.wait();
      },
      pin: () => this.pin(!this.pinned),
      release: () => this.pin(false),
    });
  }

  /** @param {number[]} cell */
  moveTo([row, column]) {
    const { y, x } = this.result.g;
    this.cell = [clamp(row, 0, y.count - 1), clamp(column, 0, x.count - 1)];
    this.redraw();
  }

  /** @param {boolean} on */
  pin(on) {
    const was = this.pinned;
    this.pinned = on;
    this.redraw();
    if (this.data.watchPin && (on || was)) this.atRest.wait();
  }

  /** What was not weight is told, until one is. @param {string | null} text */
  refuse(text) {
    this.problem.hidden = text === null;
    const most = LARGEST_WEIGHT.toLocaleString("en-US");
    this.problem.textContent = `“${text}” is not a weight: enter a number or a fraction between −${most} and ${most}. The last one is still in use.`;
  }

  /** Before it plays: let go, and begin anew at the end. */
  begin() {
    const { y, x } = this.result.g;
    if (this.pinned) this.pin(false);
    if (this.cell[0] === y.count - 1 && this.cell[1] === x.count - 1) this.cell = [0, 0];
  }

  /** @param {number} cells */
  advance(cells) {
    const { height, width, values } = this.result.output;
    const { isShowing } = this.player;
    const on = this.cell[0] * width + this.cell[1] + cells;
    const least = FAINT * fullSize(values);
    const next = isShowing ? nextToShow(on, height * width, (i) => Math.abs(values[i]) > least) : on;
    const ends = this.player.isPlaying && !isShowing;
    if (next >= height * width && ends) this.player.play(false);
    const last = ends || cells > 1 ? Math.min(next, height * width - 1) : next % (height * width);
    this.moveTo([Math.floor(last / width), last % width]);
  }

  // ---- the frame ------------------------------------------------------------------------------------------------------

  redraw() {
    this.frame ??= requestAnimationFrame((now) => {
      this.frame = null;
      if (this.player.isPlaying) this.player.tick(now);
      if (this.result && this.places) this.draw();
      if (this.player.isPlaying) this.redraw();
    });
  }

  draw() {
    const { g, output } = this.result;
    const { unit, ratio, theme, settings: s } = this;
    const [row, column] = this.cell;
    const t = terms(this.result, s, this.cell);
    const [top, left] = [row * g.y.stride * unit, column * g.x.stride * unit];
    const [over, under] = [this.input.overlay, this.output.overlay];
    over.clear();
    under.clear();
    const spread = (/** @type {number} */ index) => [
      Math.floor(index / s.window[1]) * g.y.dilation * unit,
      (index % s.window[1]) * g.x.dilation * unit,
    ];
    const pointed = this.weight >= 0 && this.weight < s.window[0] * s.window[1];
    if (pointed && this.ofKernel) {
      // A weight is used once for each output cell: every input it touches, S pixels apart.
      const [dy, dx] = spread(this.weight);
      /** @type {Box[]} */
      const touched = [];
      if (g.y.stride === 1 && g.x.stride === 1) touched.push([dx, dy, output.width * unit, output.height * unit]);
      else
        for (let y = 0; y < output.height; y++)
          for (let x = 0; x < output.width; x++)
            touched.push([dx + x * g.x.stride * unit, dy + y * g.y.stride * unit, unit, unit]);
      over.tint(
        touched,
        [dx, dy, output.width * g.x.stride * unit, output.height * g.y.stride * unit],
        theme.accent,
        0.4,
      );
    }
    const [height, width] = [g.y.span * unit, g.x.span * unit];
    if (g.y.dilation > 1 || g.x.dilation > 1) {
      const taps = Array.from({ length: s.window[0] * s.window[1] }, (_, i) => spread(i)).map(
        ([y, x]) => /** @type {Box} */ ([left + x, top + y, unit, unit]),
      );
      over.tint(taps, [left, top, width, height], theme.accent, 0.35);
    }
    over.frame(left, top, width, height, ratio, theme);
    if (pointed) over.frame(left + spread(this.weight)[1], top + spread(this.weight)[0], unit, unit, ratio, theme);
    const winner = t.planes.length === 1 ? t.planes[0].winner : -1;
    if (winner >= 0) over.frame(left + spread(winner)[1], top + spread(winner)[0], unit, unit, ratio, theme);
    if (this.player.isPlaying && !this.player.isShowing) {
      // While it plays, what has not been computed yet is veiled.
      const [right, bottom] = [output.width * unit, output.height * unit];
      /** @type {Box[]} */
      const rest = [
        [(column + 1) * unit, row * unit, right - (column + 1) * unit, unit],
        [0, (row + 1) * unit, right, bottom - (row + 1) * unit],
      ];
      under.tint(rest, [0, row * unit, right, bottom - row * unit], theme.background, 0.88);
    }
    if (this.player.stepped) this.fly(t);
    const place = /** @type {Box} */ ([column * unit, row * unit, unit, unit]);
    if (this.landing) under.tint([place], place, theme.background, 1); // the value has not arrived yet
    under.frame(...place, ratio, theme);
    this.middle.draw(t, this.scales, this.weight);
    this.drawLinks(top, left, height, width, pointed ? spread(this.weight) : null);
    this.write(t);
    this.speak(t);
  }

  /**
   * Write how the output came to be, each product marked while it is pointed at, and what can be done.
   * @param {Terms} t
   */
  write(t) {
    const parts = inParts(t, this.settings, this.cell, false);
    const written = JSON.stringify(parts);
    if (written !== this.written) {
      this.written = written;
      const nodes = parts.map((part) =>
        typeof part === "string" ? part : make("span", { class: "term", "data-index": part.index }, part.text),
      );
      this.sentence.replaceChildren(...nodes);
    }
    for (const term of this.sentence.querySelectorAll("[data-index]"))
      term.classList.toggle("lifted", term.getAttribute("data-index") === String(this.weight));
    const touch = this.touch.matches;
    if (this.pinned)
      this.state.textContent = `Pinned: ${touch ? "tap it again" : "click it again or press Escape"} to let it go.`;
    else this.state.textContent = touch ? "Tap a pixel." : "Point at a pixel or use the arrow keys; click to pin it.";
  }

  /**
   * Let the output value fly from its sum to its place in the output.
   * @param {Terms} t
   */
  fly(t) {
    this.player.stepped = false;
    if (this.calm.matches || t.outputs.length > 1) return;
    const { output, answer } = this.places;
    const side = this.unit / this.ratio;
    const to = [output.left + (this.cell[1] + 0.5) * side, output.top + (this.cell[0] + 0.5) * side];
    const from = [(answer.left + answer.right) / 2, answer.bottom - 16];
    const rgb = shade(t.outputs[0], this.scales.output, this.theme);
    const flight = fly(this.stage, formatNumber(t.outputs[0], 3), rgb, from, to, Math.min(1, side / 24));
    this.landing = true;
    flight.then(() => {
      this.landing = isFlying(this.stage);
      this.redraw();
    });
  }

  /**
   * Draw the lines that tie the window to its numbers, and the answer to its pixel.
   * @param {number} top of the window, in device pixels
   * @param {number} left
   * @param {number} height
   * @param {number} width
   * @param {number[] | null} pointed the pixel of the window that is pointed at, from the window's corner
   */
  drawLinks(top, left, height, width, pointed) {
    const [x0, y0, x1, y1] = [left, top, left + width, top + height].map((v) => v / this.ratio);
    const side = this.unit / this.ratio;
    const at = [(this.cell[1] + (this.stacked ? 0.5 : 0)) * side, (this.cell[0] + 0.5) * side];
    const path = windowLinks(this.places, { left: x0, top: y0, right: x1, bottom: y1 }, at, this.stacked);
    let trio = "";
    if (pointed && !this.stacked && this.image.depth === 1) {
      const size = this.middle.cell.shown;
      const columns = this.settings.window[1];
      const value = [(this.weight % columns) * size[0], (Math.floor(this.weight / columns) + 0.5) * size[1]];
      const pixel = [x0 + pointed[1] / this.ratio + side, y0 + pointed[0] / this.ratio + side / 2];
      trio = `<path class="trio" d="${trioLinks(this.places, pixel, value, size)}"/>`;
    }
    this.links.innerHTML = `<path d="${path}"/>${trio}`;
  }

  /** @param {Terms} t */
  speak(t) {
    clearTimeout(this.speaking);
    const say = () => (this.spoken.textContent = inWords(t, this.settings, this.cell, true));
    if (!this.spoken.textContent) say(); // to be read; what comes later is told to who is working in it
    if (this.player.isPlaying || !this.root.contains(focused(this.root))) return;
    this.speaking = window.setTimeout(say, QUIET_MS);
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(Inspector, component);
}
