// The component: builds the page's elements, follows pointer, keyboard and clock, and tells Python what was changed.

import { mountPart } from "../kit/component.js";
import { Comparison, THUMBNAIL, isChanged } from "./comparison.js";
import { buildSettings } from "./settings.js";
import { OPERATIONS, PLANES, inParts, inWords } from "./words.js";
import {
  chooseScales,
  css,
  fittingFormat,
  hatchUnread,
  ink,
  paintGrid,
  paintSmall,
  pixelGrid,
  readTheme,
  shade,
  typeSize,
} from "../kit/drawing.js";
import { clamp, find, focused, make, makeSvg } from "../kit/elements.js";
import { Notes } from "../kit/notes.js";
import {
  LARGEST_WEIGHT,
  compute,
  decodePixels,
  formatNumber,
  fullSize,
  gridFormat,
  readPlaces,
  terms,
} from "../kit/math.js";
import { number } from "../kit/number.js";

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
/** @typedef {ReturnType<typeof makeSide>} Side */
/** @typedef {{canvas: HTMLCanvasElement, lift: HTMLElement, root: HTMLElement}} Small A grid between input and output. */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Edges In CSS pixels, from the stage's corner. */

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
const FLIGHT_MS = 200; // of an output value from its sum to its place
const SHOWING = 4; // cells a second while the window slides by itself
const SHOWN_BEFORE = 6; // cells before the strongest one, where that begins
const SLOW = 5; // cells a second: as fast as values can fly one by one
const [LEAST_STAGE, MOST_STAGE, MOST_PICTURE] = [320, 640, 560]; // CSS pixels a stage and a picture may be high
const BELOW_STAGE = 56; // CSS pixels for the sentence
const WORDS_OF_MIDDLE = 160; // CSS pixels of labels, signs and the sum, above and below its grids
const CAPTION = 28; // CSS pixels above a picture
const COMPARED = THUMBNAIL + 31; // CSS pixels of the three outputs below it
const NUMBERS_FROM = 34; // CSS pixels a pixel must be wide for its number to be written in it
const LARGE = 5; // rows or columns of a window, beyond which its cells hold no numbers
const FINGER = 44; // CSS pixels that a finger needs
const SIGNS_BESIDE = 60; // CSS pixels of signs and gaps between three grids in a row
const LEAST_CELL = 9; // CSS pixels a small cell is high
const EDITABLE = [20, 16]; // CSS pixels a weight must be wide and high to be written in

const signs = {
  play: "M4 2.5v11l9-5.5z",
  pause: "M4 2.5h3v11H4zM9 2.5h3v11H9z",
  step: "M3 2.5v11l7-5.5zM11 2.5h2v11h-2z",
  restart: "M8 3V.5L4 4l4 3.5V5a4 4 0 1 1-4 4H2.5A5.5 5.5 0 1 0 8 3z",
};
const icon = (/** @type {keyof typeof signs} */ name) => {
  const span = make("span", { "aria-hidden": "true" });
  span.innerHTML = `<svg viewBox="0 0 16 16" width="14" height="14" fill="currentColor"><path d="${signs[name]}"/></svg>`;
  return span;
};

/**
 * Return one of the two grids: a base canvas drawn once a change, and an overlay drawn each frame.
 * @param {string} name
 */
function makeSide(name) {
  const { base, grid, overlay } = pixelGrid();
  const caption = make("figcaption");
  return {
    name,
    base,
    grid,
    caption,
    overlay,
    figure: make("figure", { class: name }, caption, grid),
  };
}

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
  /** @type {number[]} width and height of a weight's cell, in CSS pixels */
  weightSize;
  /** @type {boolean} */
  isLarge;
  /** @type {number[]} of a cell of the window and of the products */
  smallSize;
  /** @type {string} */
  middleShape;
  /** @type {Small[]} */
  windows;
  /** @type {Small[]} */
  products;
  /** @type {HTMLElement[]} */
  kernels;
  /** @type {ReturnType<typeof number>[][]} a plane's weights, where they can be written */
  numbers;
  /** @type {HTMLElement} */
  answer;
  /** @type {{input: Edges, output: Edges, window: Edges, products: Edges | null, answer: Edges}} */
  places;
  /** @type {number} */
  speedFor;
  /** @type {number} */
  cellsPerSecond;
  /** @type {number} */
  clock;
  /** @type {number} the part of a cell that time has not yet paid for */
  owed;
  /** @type {number | null} */
  frame;
  /** @type {number} */
  waiting;
  /** @type {number} */
  waited;
  /** @type {number} */
  reporting;
  /** @type {number} */
  speaking;
  /** @type {HTMLButtonElement} */
  playButton;
  /** @type {HTMLInputElement} */
  speed;
  /** @type {HTMLOutputElement} */
  speedText;
  /** @type {HTMLElement} */
  speedLabel;
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
    this.playing = false;
    this.showing = false; // playing by itself until something is touched
    this.stepped = false; // the next drawing lets the output value fly to its place
    this.landing = false; // it is on its way
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.touch = matchMedia("(pointer: coarse)");
    this.input = makeSide("input");
    this.output = makeSide("output");
    this.middle = make("div", { class: "middle" });
    this.links = makeSvg("svg", { class: "links", "aria-hidden": "true" });
    this.stage = make("div", { class: "stage" }, this.input.figure, this.middle, this.output.figure, this.links);
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
    this.player = this.buildPlayer();
    this.settingsBar = make("div", { class: "bar settings", role: "group", "aria-label": "Settings of the window" });
    this.root = make(
      "div",
      { class: "inspector" },
      this.problem,
      make("div", { class: "top" }, this.player, this.heading),
      this.stage,
      this.notice,
      this.settingsBar,
    );
    this.input.figure.append(this.state);
    parent.append(this.root);
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
      this.root.addEventListener(kind, () => this.showing && this.play(false), { capture: true });
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

  dispose() {
    this.resizes.disconnect();
    this.leave.abort();
    cancelAnimationFrame(this.frame ?? 0);
    cancelAnimationFrame(this.waiting);
    clearTimeout(this.waited);
    clearTimeout(this.reporting);
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
      { at: () => this.kernels?.[0], text: "Drag a weight up or down", side: "left", over: true },
      { at: products, text: "Each pixel times its weight", side: "left", along: 0.9, gap: 20 },
      { at: () => this.answer, text: "The sum is one pixel of the output", side: "left" },
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
      this.player.hidden = !data.controls.includes("play");
    }
    this.recompute();
    if (data.notes) this.notes ??= this.pinNotes();
    if (isFirst && data.autoplay && !this.pinned && !this.calm.matches) this.demonstrate();
  }

  /** @param {Partial<Settings>} patch */
  change(patch) {
    const { window } = this.settings;
    Object.assign(this.settings, patch);
    const sameSizes = Object.keys(patch).join() === "kernel" && `${window}` === `${this.settings.window}`;
    this.recompute(sameSizes);
    this.report();
  }

  report() {
    clearTimeout(this.reporting);
    this.reporting = window.setTimeout(() => {
      const pinned = this.pinned && this.data.watchPin ? this.cell : null;
      this.tell("view", { serial: this.data.serial, settings: { ...this.settings, pinned } });
    }, QUIET_MS);
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
      this.play(false);
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
    this.paintKernel();
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
    const bar = this.stacked && !this.settingsBar.hidden ? this.settingsBar : this.player; // a phone has room there
    if (this.speedLabel.parentNode !== bar) bar.append(this.speedLabel);
    const high = this.heightOfStage();
    this.buildMiddle(high);
    const { padded, output } = this.result;
    const gaps = parseFloat(getComputedStyle(this.stage).columnGap) * 2;
    const room = this.stacked ? this.width : (this.width - this.middle.offsetWidth - gaps) / 2;
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
    this.places = {
      input: place(this.input.base),
      output: place(this.output.base),
      window: place(find(this.middle, ".window .planes")),
      products: this.products.length ? place(this.products[0].root) : null,
      answer: place(this.answer),
    };
    this.speedLimits();
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
      this.describe(part, grid, scale);
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
    this.title.textContent = changed ? `${reference.title}, changed:` : reference.title;
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
   * @param {Side} part
   * @param {Planes} grid
   * @param {Scale} scale
   */
  describe(part, grid, scale) {
    const { g } = this.result;
    const size = (/** @type {Planes} */ { height, width, depth }) =>
      `${height} × ${width}` + (depth === 3 ? ", 3 channels" : "");
    let text = part === this.input ? `Input, ${size(this.image)}` : `Output, ${size(grid)}`;
    if (part === this.input && (g.y.padded > this.image.height || g.x.padded > this.image.width))
      text += `; padded to ${g.y.padded} × ${g.x.padded}`;
    const unused = [
      { n: g.y.unused, name: "row" },
      { n: g.x.unused, name: "column" },
    ]
      .filter(({ n }) => n > 0)
      .map(({ n, name }) => `${n} ${name}${n > 1 ? "s" : ""}`);
    if (part === this.input && unused.length) text += `; ${unused.join(" and ")} never read`;
    const limit = formatNumber(scale.limit);
    /** @type {Record<string, string[]>} */
    const bars = { signed: [`−${limit}`, limit], grey: ["0", limit], sizes: ["0", `size ${limit}`] };
    const legend =
      scale.kind in bars
        ? [make("span", { class: `scale ${scale.kind}` }, bars[scale.kind][0], make("i"), bars[scale.kind][1])]
        : [];
    part.caption.replaceChildren(make("span", {}, text), ...legend);
    part.grid.setAttribute(
      "aria-label",
      `${part === this.input ? `${this.data.alt}. ` : ""}${text}. Arrow keys move the window, Enter pins it.`,
    );
  }

  // ---- between the grids: window, kernel, products, answer ------------------------------------------------------------

  /** @param {number} high CSS pixels that all of it may be high */
  buildMiddle(high) {
    const {
      operation,
      kernel,
      window: [rows, columns],
    } = this.settings;
    const depth = this.image.depth;
    const deep = kernel !== null && kernel.length > 1;
    const largest = Math.max(rows, columns);
    this.sizeCells(high, rows, columns, depth, deep);
    const shape = JSON.stringify([
      [operation, rows, columns, deep, depth, this.stacked, this.data.controls, this.data.reference?.kernel],
      [this.weightSize, this.smallSize],
    ]);
    if (shape !== this.middleShape) {
      this.middleShape = shape;
      /** @type {(name: string, label: string, parts: Node[]) => Node} */
      const block = (name, label, parts) =>
        make(
          "div",
          { class: `block ${name}` },
          make("div", { class: "label" }, label),
          make("div", { class: "planes" }, ...parts),
        );
      this.windows = Array.from({ length: depth }, () => this.buildSmall());
      this.products = operation === "convolve" ? this.windows.map(() => this.buildSmall()) : [];
      this.answer = make("div", { class: "answer" });
      const grids = (/** @type {Small[]} */ smalls) => smalls.map(({ root }) => root);
      const blocks = [block("window", depth === 3 ? "window: red, green, blue" : "window", grids(this.windows))];
      if (operation === "convolve" && kernel) {
        this.numbers = [];
        this.kernels = kernel.map((plane, p) => this.buildKernel(plane, p));
        blocks.push(
          make("div", { class: "operator" }, "×"),
          block("kernel", "kernel", this.kernels),
          make("div", { class: "operator" }, "="),
          block("products", "products", grids(this.products)),
        );
      }
      const side = this.stacked && depth === 1 && largest <= 4 ? "row" : this.isLarge ? "large" : "";
      this.middle.replaceChildren(make("div", { class: `blocks ${side}` }, ...blocks), this.answer);
    }
    const [width, height] = this.smallSize.map((side) => Math.floor(side * this.ratio) / this.ratio);
    for (const { canvas } of [...this.windows, ...this.products]) {
      canvas.style.width = `${columns * width}px`; // its place is known before the first frame is drawn
      canvas.style.height = `${rows * height}px`;
    }
    if (operation === "convolve") this.paintKernel();
  }

  /**
   * Choose the cells' sizes: as wide as their numbers want, as high as there is room for all three grids.
   * @param {number} high
   * @param {number} rows
   * @param {number} columns
   * @param {number} depth
   * @param {boolean} deep
   */
  sizeCells(high, rows, columns, depth, deep) {
    const largest = Math.max(rows, columns);
    const single = this.stacked
      ? Math.min(44, Math.floor((this.width - 76) / (largest > 4 ? 1 : 3) / columns))
      : [0, 44, 44, 44, 36, 30, 30, 30, 26, 26, 23, 23][largest];
    const three = Math.min(single, Math.floor(Math.min(290, this.width - 40) / (3 * columns)));
    const finger = this.stacked && depth === 1 && columns <= 3; // its weights are large enough for one
    const weight = deep ? three : finger ? FINGER : single;
    const small = finger
      ? Math.min(single, Math.floor((this.width - SIGNS_BESIDE - FINGER * columns) / (2 * columns)))
      : depth === 3
        ? Math.min(three, 34)
        : largest > 5
          ? Math.floor(single / 2)
          : largest > 3
            ? Math.min(single, 27)
            : single;
    this.isLarge = !this.stacked && depth === 1 && largest > LARGE; // window and products stand side by side
    const smalls = this.isLarge ? 1 : 2;
    const grids = this.settings.operation === "convolve" ? weight + smalls * small : small;
    const scale = this.stacked ? 1 : Math.min(1, (high - WORDS_OF_MIDDLE) / (rows * grids));
    const least = Math.min(EDITABLE[1], weight);
    const ofWeight = Math.max(least, Math.floor(weight * scale)); // to be written in, if need be at the others' cost
    const rest = grids === small ? small * scale : (grids * scale - ofWeight) / smalls;
    this.weightSize = [weight, ofWeight];
    this.smallSize = [small, clamp(Math.floor(rest), Math.min(small, LEAST_CELL), small)];
  }

  /** Return a grid of the window's values or of the products; pointing at one of its cells points at its weight. */
  buildSmall() {
    const [canvas, lift] = [make("canvas"), make("span", { class: "lift", hidden: "" })];
    const root = make("span", { class: "small" }, canvas, lift);
    const point = (/** @type {PointerEvent} */ event) => {
      const box = canvas.getBoundingClientRect();
      const [rows, columns] = this.settings.window;
      const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
      const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
      this.point(clamp(row, 0, rows - 1) * columns + clamp(column, 0, columns - 1));
    };
    root.addEventListener("pointermove", point);
    root.addEventListener("pointerdown", point);
    root.addEventListener("pointerleave", (event) => event.pointerType === "touch" || this.point(-1));
    return { canvas, lift, root };
  }

  /**
   * @param {number[][]} plane
   * @param {number} p
   */
  buildKernel(plane, p) {
    const [width, height] = this.weightSize;
    const editable = this.data.controls.includes("weights") && width >= EDITABLE[0] && height >= EDITABLE[1];
    const grid = make("div", {
      class: `weights type-${typeSize(width)}`,
      style: `--width: ${width}px; --height: ${height}px; --columns: ${plane[0].length}`,
    });
    this.numbers[p] = [];
    plane.forEach((row, i) =>
      row.forEach((_, j) => {
        const label = `weight, row ${i + 1}, column ${j + 1}${this.kernel.length > 1 ? `, ${PLANES[p]}` : ""}`;
        const cell = editable ? this.buildWeight(label, p, i, j) : make("span", { title: label });
        const place = i * row.length + j;
        cell.addEventListener("pointerenter", () => this.point(place, true));
        cell.addEventListener("pointerleave", () => this.point(-1));
        grid.append(cell);
      }),
    );
    return grid;
  }

  /**
   * Return a weight of the kernel to drag or to write in.
   * @param {string} label
   * @param {number} p
   * @param {number} i
   * @param {number} j
   */
  buildWeight(label, p, i, j) {
    const weight = number({
      label,
      help: "Every pixel that the window reaches is multiplied by it once.",
      low: -LARGEST_WEIGHT,
      high: LARGEST_WEIGHT,
      ends: false,
      step: 0.1,
      digits: 2,
      value: this.kernel[p][i][j],
      initial: this.data.reference?.kernel[p]?.[i]?.[j] ?? 0,
      bare: true,
      set: (value) => {
        const kernel = structuredClone(this.kernel);
        kernel[p][i][j] = value;
        this.change({ kernel });
      },
      refuse: (text) => {
        this.problem.hidden = text === null;
        const most = LARGEST_WEIGHT.toLocaleString("en-US");
        this.problem.textContent = `“${text}” is not a weight: enter a number or a fraction between −${most} and ${most}. The last one is still in use.`;
      },
    });
    const columns = this.kernel[p][i].length;
    const place = i * columns + j;
    this.numbers[p].push(weight);
    weight.field.addEventListener("focusin", () => this.point(place, true));
    weight.field.addEventListener("focusout", () => this.point(-1));
    weight.field.addEventListener("keydown", (event) => {
      const below = event.key === "Enter" && this.kernels[p].children[place + columns];
      if (below) find(below, "input").focus();
    });
    return weight.field;
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

  paintKernel() {
    const { kernel } = this;
    const [width, height] = this.weightSize;
    const scale = { kind: "signed", limit: fullSize(kernel.flat(2)) };
    const format = fittingFormat(kernel.flat(2), width, this.theme, width >= 40 ? 3 : 2);
    this.kernels.forEach((grid, p) =>
      kernel[p].flat().forEach((weight, i) => {
        const cell = /** @type {HTMLElement} */ (grid.children[i]);
        const rgb = shade(weight, scale, this.theme);
        cell.style.background = css(rgb);
        cell.style.color = ink(rgb);
        const written = this.numbers[p][i];
        if (written) written.show(weight, format(weight));
        else if (width >= EDITABLE[0] && height >= EDITABLE[1]) cell.textContent = format(weight);
      }),
    );
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
    side.grid.addEventListener("pointermove", (event) => {
      if (!this.pinned && !this.playing && event.pointerType !== "touch") this.moveTo(cellAt(event));
    });
    side.grid.addEventListener("click", (event) => {
      const before = `${this.cell}`;
      this.play(false);
      this.moveTo(cellAt(event));
      this.pin(!(this.pinned && `${this.cell}` === before));
    });
    side.grid.addEventListener("keydown", (event) => {
      const [row, column] = this.cell;
      const far = event.shiftKey ? 8 : 1;
      /** @type {Record<string, number[]>} */
      const targets = {
        ArrowUp: [row - far, column],
        ArrowDown: [row + far, column],
        ArrowLeft: [row, column - far],
        ArrowRight: [row, column + far],
        Home: [row, 0],
        End: [row, Infinity],
      };
      const target = targets[event.key];
      if (target) {
        this.play(false);
        this.moveTo(target);
        if (this.pinned && this.data.watchPin) this.report();
      } else if (event.key === "Enter" || event.key === " ") this.pin(!this.pinned);
      else if (event.key === "Escape") this.pin(false);
      else return;
      event.preventDefault(); // or the page scrolls under the window
      event.stopPropagation();
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
    if (this.data.watchPin && (on || was)) this.report();
  }

  buildPlayer() {
    /** @type {(name: keyof typeof signs, label: string, act: () => void) => HTMLButtonElement} */
    const button = (name, label, act) => {
      const element = make("button", { type: "button" }, icon(name), make("span", {}, label));
      element.addEventListener("click", act);
      return element;
    };
    this.playButton = button("play", "Play", () => this.play(!this.playing));
    const step = button("step", "Step", () => {
      this.play(false);
      this.advance(1);
      this.stepped = true;
    });
    const restart = button("restart", "Start", () => {
      this.pin(false);
      this.moveTo([0, 0]);
    });
    this.speed = make("input", { type: "range", min: "0", max: "3.5", step: "0.1" });
    this.speedText = make("output");
    this.speed.addEventListener("input", () => this.speedLimits());
    this.speedLabel = make("label", { class: "speed" }, "speed ", this.speed, this.speedText);
    return make(
      "div",
      { class: "bar player", role: "group", "aria-label": "Slide the window" },
      this.playButton,
      step,
      restart,
      this.speedLabel,
    );
  }

  /** Cells a second. At first such that a whole pass takes about twelve seconds; slow where the system asks for less motion. */
  speedLimits() {
    const { height, width } = this.result.output;
    if (this.speedFor !== height * width) this.speed.value = String(Math.log10(clamp((height * width) / 12, 2, 2000)));
    this.speedFor = height * width;
    this.cellsPerSecond = Math.min(10 ** this.speed.valueAsNumber, this.calm.matches ? 2 : Infinity);
    this.speedText.textContent = `${formatNumber(this.cellsPerSecond, this.cellsPerSecond < 10 ? 1 : 0)} cells/s${this.calm.matches ? " (less motion)" : ""}`;
  }

  /** @param {boolean} on */
  play(on) {
    this.showing = false;
    this.playButton.replaceChildren(icon(on ? "pause" : "play"), make("span", {}, on ? "Pause" : "Play"));
    if (on && !this.playing) {
      const { y, x } = this.result.g;
      if (this.pinned) this.pin(false);
      if (this.cell[0] === y.count - 1 && this.cell[1] === x.count - 1) this.cell = [0, 0];
      this.clock = performance.now();
      this.owed = 0; // the part of a cell that time has not yet paid for
    }
    this.playing = on;
    this.redraw();
  }

  /** Slide slowly over where the output is strongest, until something is touched. */
  demonstrate() {
    this.play(true);
    this.showing = true;
    this.moveTo([this.cell[0], this.cell[1] - SHOWN_BEFORE]);
  }

  /** @param {number} cells */
  advance(cells) {
    const { height, width } = this.result.output;
    const next = this.cell[0] * width + this.cell[1] + cells;
    const ends = this.playing && !this.showing;
    if (next >= height * width && ends) this.play(false);
    const last = ends || cells > 1 ? Math.min(next, height * width - 1) : next % (height * width);
    this.moveTo([Math.floor(last / width), last % width]);
  }

  // ---- the frame ------------------------------------------------------------------------------------------------------

  redraw() {
    this.frame ??= requestAnimationFrame((now) => {
      this.frame = null;
      if (this.playing) {
        const pace = this.showing ? SHOWING : this.cellsPerSecond;
        this.owed += (Math.max(0, now - this.clock) / 1000) * pace;
        this.clock = now;
        const whole = Math.floor(this.owed);
        this.owed -= whole;
        if (whole > 0) this.advance(whole);
        this.stepped ||= whole === 1 && pace <= SLOW;
      }
      if (this.result && this.places) this.draw();
      if (this.playing) this.redraw();
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
    if (this.playing && !this.showing) {
      // While it plays, what has not been computed yet is veiled.
      const [right, bottom] = [output.width * unit, output.height * unit];
      /** @type {Box[]} */
      const rest = [
        [(column + 1) * unit, row * unit, right - (column + 1) * unit, unit],
        [0, (row + 1) * unit, right, bottom - (row + 1) * unit],
      ];
      under.tint(rest, [0, row * unit, right, bottom - row * unit], theme.background, 0.88);
    }
    if (this.stepped) this.fly(t);
    const place = /** @type {Box} */ ([column * unit, row * unit, unit, unit]);
    if (this.landing) under.tint([place], place, theme.background, 1); // the value has not arrived yet
    under.frame(...place, ratio, theme);
    this.drawMiddle(t);
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
    this.stepped = false;
    const value = this.answer.querySelector("b");
    if (this.calm.matches || !value || t.outputs.length > 1) return;
    const { output, answer } = this.places;
    const side = this.unit / this.ratio;
    const to = [output.left + (this.cell[1] + 0.5) * side, output.top + (this.cell[0] + 0.5) * side];
    const from = [(answer.left + answer.right) / 2, answer.bottom - 16];
    const flyer = make("span", { class: "flyer", "aria-hidden": "true" }, formatNumber(t.outputs[0], 3));
    const rgb = shade(t.outputs[0], this.scales.output, this.theme);
    flyer.style.cssText = `background: ${css(rgb)}; color: ${ink(rgb)}`;
    this.stage.append(flyer);
    this.landing = true;
    const at = (/** @type {number[]} */ [x, y], /** @type {number} */ scale) => ({
      transform: `translate(${x}px, ${y}px) translate(-50%, -50%) scale(${scale})`,
    });
    const flight = flyer.animate([at(from, 1), at(to, Math.min(1, side / 24))], {
      duration: FLIGHT_MS,
      easing: "ease-in-out",
    });
    const land = () => {
      flyer.remove();
      this.landing = this.stage.querySelector(".flyer") !== null;
      this.redraw();
    };
    flight.finished.then(land, land);
  }

  /** @param {Terms} t */
  drawMiddle(t) {
    const { ratio, theme, settings: s } = this;
    const cell = this.smallSize.map((side) => Math.floor(side * ratio));
    const [rows, columns] = s.window;
    const pointed = this.weight < rows * columns ? this.weight : -1;
    // The planes' grids stand side by side: all are written with the same decimals.
    /** @type {(small: Small, values: number[], scale: Scale, marked: number, format: (v: number) => string) => void} */
    const small = ({ canvas, lift }, values, scale, marked, format) => {
      paintSmall(canvas, values, rows, columns, cell, ratio, scale, theme, format, marked);
      lift.hidden = pointed < 0;
      const [width, height] = cell.map((side) => side / ratio);
      lift.style.cssText = `left: ${(pointed % columns) * width}px; top: ${Math.floor(pointed / columns) * height}px; width: ${width}px; height: ${height}px`;
    };
    const plain = { kind: this.scales.input.kind === "signed" ? "signed" : "grey", limit: this.scales.input.limit };
    const products = t.planes.flatMap((p) => p.products ?? []);
    const limit = fullSize(products);
    const fitting = (/** @type {number[]} */ values) => fittingFormat(values, this.smallSize[0], theme);
    const [ofValues, ofProducts] = [fitting(t.planes.flatMap((p) => p.values)), fitting(products)];
    t.planes.forEach((plane, c) => {
      small(this.windows[c], plane.values, plain, plane.winner, ofValues);
      if (plane.products) small(this.products[c], plane.products, { kind: "signed", limit }, -1, ofProducts);
    });
    for (const grid of this.kernels ?? [])
      Array.from(grid.children).forEach((weight, i) => weight.classList.toggle("lifted", i === pointed));
    const numbers = t.outputs.map((v) => formatNumber(v, 3));
    const sums = s.operation === "convolve" ? t.planes.map((p) => formatNumber(p.sum, 3)) : [];
    const steps = [];
    const isWhole = sums.length === 1 && s.bias === 0 && !s.relu; // the output is the sum, and says it
    if (isWhole) steps.push("sum");
    else if (t.outputs.length === 1 && sums.length) steps.push(`sum ${sums.join(" + ").replaceAll("+ −", "− ")}`);
    if (s.bias !== 0) steps.push(`bias ${formatNumber(s.bias, 3)}`);
    if (s.relu) steps.push("ReLU");
    if (t.outputs.length > 1) steps.unshift("red, green, blue");
    const how = s.operation === "convolve" ? steps.join(", ") : OPERATIONS[s.operation];
    const bold = numbers.map((n) => make("b", {}, n));
    this.answer.replaceChildren(make("span", { class: "label" }, how), ...bold);
    if (this.scales.output.kind !== "color" && t.outputs.length === 1) {
      const rgb = shade(t.outputs[0], this.scales.output, theme);
      bold[0].style.cssText = `background: ${css(rgb)}; color: ${ink(rgb)}`;
    }
  }

  /**
   * Draw the lines that tie the window to its numbers, and the answer to its pixel.
   * @param {number} top
   * @param {number} left
   * @param {number} height
   * @param {number} width
   * @param {number[] | null} pointed the pixel of the window that is pointed at, from the window's corner
   */
  drawLinks(top, left, height, width, pointed) {
    const { input, output, window: numbers, answer } = this.places;
    const scale = (/** @type {number} */ v) => v / this.ratio;
    const [x0, x1] = [input.left + scale(left), input.left + scale(left + width)];
    const [y0, y1] = [input.top + scale(top), input.top + scale(top + height)];
    const [cx, cy] = [
      output.left + scale((this.cell[1] + (this.stacked ? 0.5 : 0)) * this.unit),
      output.top + scale((this.cell[0] + 0.5) * this.unit),
    ];
    const path = this.stacked
      ? `M${x0} ${y1}L${numbers.left} ${numbers.top}M${x1} ${y1}L${numbers.right} ${numbers.top}M${(answer.left + answer.right) / 2} ${answer.bottom}L${cx} ${cy}`
      : `M${x1} ${y0}L${numbers.left} ${numbers.top}M${x1} ${y1}L${numbers.left} ${numbers.bottom}M${answer.right} ${(answer.top + answer.bottom) / 2}C${answer.right + 40} ${(answer.top + answer.bottom) / 2} ${cx - 60} ${cy} ${cx} ${cy}`;
    this.links.innerHTML = `<path d="${path}"/>${pointed ? this.linkOfTrio(top + pointed[0], left + pointed[1]) : ""}`;
  }

  /**
   * Return the lines from a pixel to its value, and from its product to the sum.
   * @param {number} top of the pixel, in device pixels
   * @param {number} left
   */
  linkOfTrio(top, left) {
    if (this.stacked || this.windows.length > 1) return "";
    const { input, answer, window, products } = this.places;
    const [width, height] = this.smallSize.map((side) => Math.floor(side * this.ratio) / this.ratio);
    const columns = this.settings.window[1];
    const [x, y] = [(this.weight % columns) * width, (Math.floor(this.weight / columns) + 0.5) * height];
    const half = this.unit / 2;
    const pixel = [input.left + (left + 2 * half) / this.ratio, input.top + (top + half) / this.ratio];
    const lines = [`M${pixel}L${window.left + x} ${window.top + y}`];
    if (products)
      lines.push(
        `M${products.left + x + width / 2} ${products.top + y + height / 2}L${(answer.left + answer.right) / 2} ${answer.top}`,
      );
    return `<path class="trio" d="${lines.join("")}"/>`;
  }

  /** @param {Terms} t */
  speak(t) {
    clearTimeout(this.speaking);
    const say = () => (this.spoken.textContent = inWords(t, this.settings, this.cell, true));
    if (!this.spoken.textContent) say(); // to be read; what comes later is told to who is working in it
    if (this.playing || !this.root.contains(focused(this.root))) return;
    this.speaking = window.setTimeout(say, QUIET_MS);
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(Inspector, component);
}
