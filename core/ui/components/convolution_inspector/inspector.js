// The component: builds the page's elements, follows pointer, keyboard and clock, and tells Python what was changed.

import { mountPart } from "../kit/component.js";
import { buildSettings } from "./settings.js";
import { OPERATIONS, PLANES, inWords } from "./words.js";
import {
  Overlay,
  chooseScales,
  css,
  hatchUnread,
  ink,
  paintGrid,
  paintSmall,
  readTheme,
  shade,
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
  parseWeight,
  readPlaces,
  terms,
} from "../kit/math.js";

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
 * @property {string} notes of the page whose notes are pinned to it; empty for none
 */

const STACKED_BELOW = 640; // CSS pixels: narrower than this, input and output stand one above the other
const QUIET_MS = 400; // pause before Python or a screen reader gets an update

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
  const [base, over] = [make("canvas"), make("canvas", { class: "over" })];
  const grid = make(
    "div",
    { class: "grid", role: "application", "aria-roledescription": "grid of pixels", tabindex: "0" },
    base,
    over,
  );
  const caption = make("figcaption");
  return {
    name,
    base,
    grid,
    caption,
    overlay: new Overlay(over),
    figure: make("figure", { class: name }, caption, grid),
  };
}

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
  /** @type {number} CSS pixels */
  weightUnit;
  /** @type {number} */
  smallUnit;
  /** @type {string} */
  middleShape;
  /** @type {HTMLCanvasElement[]} */
  windows;
  /** @type {HTMLCanvasElement[]} */
  products;
  /** @type {HTMLElement[]} */
  kernels;
  /** @type {HTMLElement} */
  answer;
  /** @type {{input: Edges, output: Edges, window: Edges, answer: Edges}} */
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
  state;
  /** @type {Notes | undefined} */
  notes;

  /** @param {Parent} parent */
  constructor(parent) {
    this.cell = /** @type {number[]} */ ([]); // row and column of the output cell under inspection, if any
    this.pinned = false;
    this.weight = -1; // index of the hovered weight in a kernel plane
    this.playing = false;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.input = makeSide("input");
    this.output = makeSide("output");
    this.middle = make("div", { class: "middle" });
    this.links = makeSvg("svg", { class: "links", "aria-hidden": "true" });
    this.stage = make("div", { class: "stage" }, this.input.figure, this.middle, this.output.figure, this.links);
    this.sentence = make("p", { class: "sentence" });
    this.spoken = make("p", { class: "spoken", "aria-live": "polite" });
    this.problem = make("p", { class: "problem", role: "alert", hidden: "" });
    this.player = this.buildPlayer();
    this.settingsBar = make("div", { class: "bar settings", role: "group", "aria-label": "Settings of the window" });
    this.root = make(
      "div",
      { class: "inspector" },
      this.problem,
      this.stage,
      this.sentence,
      this.player,
      this.settingsBar,
      this.spoken,
    );
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
      { at: () => this.input.base, text: "Move over the picture: the window follows", side: "below", along: 0.25 },
      { at: () => this.kernels?.[0], text: "The weights: change one", side: "left" },
      { at: products, text: "Each pixel times its weight", side: "right" },
      { at: () => this.answer, text: "The sum is one pixel of the output", side: "right" },
      { at: () => this.output.base, text: "A click keeps the window here", side: "below", along: 0.75 },
    ];
    return new Notes(this.data.notes, this.root, notes, ".planes, .answer, figcaption");
  }

  // ---- from Python and back -------------------------------------------------------------------------------------------

  /**
   * Take over Python's settings when they are new (another serial); otherwise what the person set here stands.
   * @param {Data} data
   * @param {Tell} tell
   */
  update(data, tell) {
    this.tell = tell;
    const given = JSON.stringify([data, readTheme(this.root)]);
    if (given === this.given) return; // Streamlit gives what it gave before whenever the page runs again
    this.given = given;
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
    if (isFirst && data.autoplay && !this.calm.matches) this.play(true);
  }

  /** @param {Partial<Settings>} patch */
  change(patch) {
    Object.assign(this.settings, patch);
    this.recompute();
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

  recompute() {
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
    this.arrange();
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
    this.theme = readTheme(this.root);
    this.root.dataset.scheme = this.theme.dark ? "dark" : "light";
    this.stacked = this.width < STACKED_BELOW;
    this.root.classList.toggle("stacked", this.stacked);
    this.buildMiddle();
    const { padded, output, g } = this.result;
    const gaps = parseFloat(getComputedStyle(this.stage).columnGap) * 2;
    const room = this.stacked ? this.width : (this.width - this.middle.offsetWidth - gaps) / 2;
    const columns = Math.max(padded.width, output.width);
    const side = clamp(Math.min(room / columns, 560 / Math.max(padded.height, output.height)), 1, 64);
    this.unit = Math.max(1, Math.floor((side - 1 / columns) * this.ratio)); // rounding must never make it overflow
    this.scales = this.rescaled(chooseScales(this.image, output, this.settings));
    const inner = { x: g.x.before, y: g.y.before, width: this.image.width, height: this.image.height };
    for (const { part, grid, scale, frame } of [
      { part: this.input, grid: padded, scale: this.scales.input, frame: inner },
      { part: this.output, grid: output, scale: this.scales.output, frame: null },
    ]) {
      paintGrid(part.base, grid, scale, this.unit, this.ratio, this.theme, gridFormat(grid.values), frame);
      if (part === this.input)
        hatchUnread(part.base, readPlaces(g.y), readPlaces(g.x), this.unit, this.ratio, this.theme);
      part.overlay.resize(grid.width * this.unit, grid.height * this.unit, this.ratio);
      this.describe(part, grid, scale);
    }
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
      answer: place(this.answer),
    };
    this.speedLimits();
    this.redraw();
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

  buildMiddle() {
    const {
      operation,
      kernel,
      window: [rows, columns],
    } = this.settings;
    const depth = this.image.depth;
    const deep = kernel !== null && kernel.length > 1;
    const largest = Math.max(rows, columns);
    const single = this.stacked
      ? Math.min(44, Math.floor((this.width - 76) / (largest > 4 ? 1 : 3) / columns))
      : [0, 44, 44, 44, 36, 30, 30, 30, 26, 26, 23, 23][largest];
    const three = Math.min(single, Math.floor(Math.min(290, this.width - 40) / (3 * columns)));
    this.weightUnit = deep ? three : single;
    this.smallUnit =
      depth === 3
        ? Math.min(three, 34)
        : largest > 5
          ? Math.floor(single / 2)
          : largest > 3
            ? Math.min(single, 27)
            : single;
    const shape = [
      operation,
      rows,
      columns,
      deep,
      depth,
      this.weightUnit,
      this.smallUnit,
      this.stacked,
      this.data.controls,
    ].join();
    if (shape !== this.middleShape) {
      this.middleShape = shape;
      const canvases = (/** @type {number} */ n) => Array.from({ length: n }, () => make("canvas"));
      /** @type {(name: string, label: string, parts: Node[]) => Node} */
      const block = (name, label, parts) =>
        make(
          "div",
          { class: `block ${name}` },
          make("div", { class: "label" }, label),
          make("div", { class: "planes" }, ...parts),
        );
      this.windows = canvases(depth);
      this.products = operation === "convolve" ? canvases(depth) : [];
      this.answer = make("div", { class: "answer" });
      const blocks = [block("window", depth === 3 ? "window: red, green, blue" : "window", this.windows)];
      if (operation === "convolve" && kernel) {
        this.kernels = kernel.map((plane, p) => this.buildKernel(plane, p));
        blocks.push(
          make("div", { class: "operator" }, "×"),
          block("kernel", "kernel", this.kernels),
          make("div", { class: "operator" }, "="),
          block("products", "products", this.products),
        );
      }
      this.middle.replaceChildren(
        make("div", { class: `blocks ${this.stacked && depth === 1 && largest <= 4 ? "row" : ""}` }, ...blocks),
        this.answer,
      );
    }
    const unit = Math.floor(this.smallUnit * this.ratio);
    for (const canvas of [...this.windows, ...this.products]) {
      canvas.style.width = `${(columns * unit) / this.ratio}px`; // its place is known before the first frame is drawn
      canvas.style.height = `${(rows * unit) / this.ratio}px`;
    }
    if (operation === "convolve") this.paintKernel();
  }

  /**
   * @param {number[][]} plane
   * @param {number} p
   */
  buildKernel(plane, p) {
    const editable = this.data.controls.includes("weights") && this.weightUnit >= 20;
    const grid = make("div", {
      class: "weights",
      style: `--unit: ${this.weightUnit}px; --columns: ${plane[0].length}`,
    });
    plane.forEach((row, i) =>
      row.forEach((_, j) => {
        const label = `weight, row ${i + 1}, column ${j + 1}${this.kernel.length > 1 ? `, ${PLANES[p]}` : ""}`;
        const cell = editable ? this.buildWeight(label, p, i, j) : make("span", { title: label });
        cell.addEventListener("pointerenter", () => this.point(i * row.length + j));
        cell.addEventListener("pointerleave", () => this.point(-1));
        grid.append(cell);
      }),
    );
    return grid;
  }

  /**
   * Return a weight of the kernel to write in.
   * @param {string} label
   * @param {number} p
   * @param {number} i
   * @param {number} j
   */
  buildWeight(label, p, i, j) {
    const cell = make("input", { inputmode: "text", autocomplete: "off", spellcheck: "false", "aria-label": label });
    const columns = this.kernel[p][i].length;
    const place = i * columns + j;
    cell.addEventListener("focus", () => {
      this.point(place);
      cell.value = formatNumber(this.kernel[p][i][j], 6);
      cell.select();
    });
    cell.addEventListener("blur", () => {
      this.point(-1);
      this.paintKernel();
    });
    cell.addEventListener("input", () => this.editWeight(cell, p, i, j));
    cell.addEventListener("keydown", (event) => {
      event.stopPropagation(); // Streamlit listens for single letters on the page
      const step =
        event.key === "ArrowUp" ? -columns : event.key === "ArrowDown" || event.key === "Enter" ? columns : 0;
      const next = this.kernels[p].children[place + step];
      if (step && next instanceof HTMLElement) next.focus();
    });
    return cell;
  }

  /**
   * Mark a weight of a kernel plane, or none (-1).
   * @param {number} weight
   */
  point(weight) {
    this.weight = weight;
    this.redraw();
  }

  /**
   * @param {HTMLInputElement} cell
   * @param {number} p
   * @param {number} i
   * @param {number} j
   */
  editWeight(cell, p, i, j) {
    const value = parseWeight(cell.value);
    cell.setAttribute("aria-invalid", String(value === null));
    this.problem.hidden = value !== null;
    if (value === null) {
      this.problem.textContent = `“${cell.value}” is not a weight: enter a number or a fraction between −${LARGEST_WEIGHT.toLocaleString("en-US")} and ${LARGEST_WEIGHT.toLocaleString("en-US")}. The last one is still in use.`;
      return;
    }
    const kernel = structuredClone(this.kernel);
    kernel[p][i][j] = value;
    this.change({ kernel });
  }

  paintKernel() {
    const { kernel } = this;
    const scale = { kind: "signed", limit: fullSize(kernel.flat(2)) };
    const format = gridFormat(kernel.flat(2), this.weightUnit >= 40 ? 3 : 2);
    this.kernels.forEach((grid, p) =>
      kernel[p].flat().forEach((weight, i) => {
        const cell = /** @type {HTMLElement} */ (grid.children[i]);
        const rgb = shade(weight, scale, this.theme);
        cell.style.background = css(rgb);
        cell.style.color = ink(rgb);
        if (focused(cell) === cell && this.weight === i) return; // not while it is being typed in
        cell.removeAttribute("aria-invalid");
        const text = format(weight);
        if (cell instanceof HTMLInputElement) cell.value = text;
        else if (this.weightUnit >= 20) cell.textContent = text;
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
    this.pinned = on;
    this.redraw();
    if (this.data.watchPin) this.report();
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
    });
    const restart = button("restart", "Start", () => {
      this.pin(false);
      this.moveTo([0, 0]);
    });
    this.speed = make("input", { type: "range", min: "0", max: "3.5", step: "0.1" });
    this.speedText = make("output");
    this.speed.addEventListener("input", () => this.speedLimits());
    this.state = make("span", { class: "state" });
    return make(
      "div",
      { class: "bar player", role: "group", "aria-label": "Slide the window" },
      this.playButton,
      step,
      restart,
      make("label", {}, "speed ", this.speed, this.speedText),
      this.state,
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
    this.playButton.replaceChildren(icon(on ? "pause" : "play"), make("span", {}, on ? "Pause" : "Play"));
    if (on && !this.playing) {
      const { y, x } = this.result.g;
      this.pin(false);
      if (this.cell[0] === y.count - 1 && this.cell[1] === x.count - 1) this.cell = [0, 0];
      this.clock = performance.now();
      this.owed = 0; // the part of a cell that time has not yet paid for
    }
    this.playing = on;
    this.redraw();
  }

  /** @param {number} cells */
  advance(cells) {
    const { height, width } = this.result.output;
    const next = this.cell[0] * width + this.cell[1] + cells;
    if (next >= height * width && this.playing) this.play(false);
    const last = this.playing || cells > 1 ? Math.min(next, height * width - 1) : next % (height * width);
    this.moveTo([Math.floor(last / width), last % width]);
  }

  // ---- the frame ------------------------------------------------------------------------------------------------------

  redraw() {
    this.frame ??= requestAnimationFrame((now) => {
      this.frame = null;
      if (this.playing) {
        this.owed += (Math.max(0, now - this.clock) / 1000) * this.cellsPerSecond;
        this.clock = now;
        const whole = Math.floor(this.owed);
        this.owed -= whole;
        if (whole > 0) this.advance(whole);
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
    if (this.weight >= 0) {
      // A weight is used once for each output cell: every input it touches, S pixels apart.
      const [dy, dx] = spread(this.weight);
      /** @type {Box[]} */
      const touched = [];
      for (let y = 0; y < output.height; y++)
        for (let x = 0; x < output.width; x++)
          touched.push([dx + x * g.x.stride * unit, dy + y * g.y.stride * unit, unit, unit]);
      over.tint(
        touched,
        [dx, dy, output.width * g.x.stride * unit, output.height * g.y.stride * unit],
        theme.accent,
        0.4,
      );
      over.frame(left + dx, top + dy, unit, unit, ratio, theme);
    }
    const [height, width] = [g.y.span * unit, g.x.span * unit];
    if (g.y.dilation > 1 || g.x.dilation > 1) {
      const taps = Array.from({ length: s.window[0] * s.window[1] }, (_, i) => spread(i)).map(
        ([y, x]) => /** @type {Box} */ ([left + x, top + y, unit, unit]),
      );
      over.tint(taps, [left, top, width, height], theme.accent, 0.35);
    }
    over.frame(left, top, width, height, ratio, theme);
    const winner = t.planes.length === 1 ? t.planes[0].winner : -1;
    if (winner >= 0) over.frame(left + spread(winner)[1], top + spread(winner)[0], unit, unit, ratio, theme);
    if (this.playing) {
      // While it plays, what has not been computed yet is veiled.
      const [right, bottom] = [output.width * unit, output.height * unit];
      /** @type {Box[]} */
      const rest = [
        [(column + 1) * unit, row * unit, right - (column + 1) * unit, unit],
        [0, (row + 1) * unit, right, bottom - (row + 1) * unit],
      ];
      under.tint(rest, [0, row * unit, right, bottom - row * unit], theme.background, 0.88);
    }
    under.frame(column * unit, row * unit, unit, unit, ratio, theme);
    this.drawMiddle(t);
    this.drawLinks(top, left, height, width);
    this.sentence.textContent = inWords(t, s, this.cell, false);
    this.state.textContent = this.pinned
      ? "pinned; click it again or press Escape to unpin"
      : "hover or use the arrow keys; click to pin";
    this.speak(t);
  }

  /** @param {Terms} t */
  drawMiddle(t) {
    const { ratio, theme, settings: s } = this;
    const unit = Math.floor(this.smallUnit * ratio);
    const [rows, columns] = s.window;
    // The planes' grids stand side by side: all are written with the same decimals.
    /** @type {(canvas: HTMLCanvasElement, values: number[], scale: Scale, marked: number, format: (v: number) => string) => void} */
    const small = (canvas, values, scale, marked, format) =>
      paintSmall(canvas, values, rows, columns, unit, ratio, scale, theme, format, marked);
    const plain = { kind: this.scales.input.kind === "signed" ? "signed" : "grey", limit: this.scales.input.limit };
    const products = t.planes.flatMap((p) => p.products ?? []);
    const limit = fullSize(products);
    const [ofValues, ofProducts] = [gridFormat(t.planes.flatMap((p) => p.values)), gridFormat(products)];
    t.planes.forEach((plane, c) => {
      small(this.windows[c], plane.values, plain, this.weight >= 0 ? this.weight : plane.winner, ofValues);
      if (plane.products) small(this.products[c], plane.products, { kind: "signed", limit }, this.weight, ofProducts);
    });
    const numbers = t.outputs.map((v) => formatNumber(v, 3));
    const sums = s.operation === "convolve" ? t.planes.map((p) => formatNumber(p.sum, 3)) : [];
    const steps = [];
    if (sums.length === 1 || (sums.length > 1 && t.outputs.length === 1))
      steps.push(`sum ${sums.join(" + ").replaceAll("+ −", "− ")}`);
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
   */
  drawLinks(top, left, height, width) {
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
    this.links.innerHTML = `<path d="${path}"/>`;
  }

  /** @param {Terms} t */
  speak(t) {
    clearTimeout(this.speaking);
    if (this.playing || !this.root.contains(focused(this.root))) return; // only for who is working in it
    this.speaking = window.setTimeout(
      () => (this.spoken.textContent = inWords(t, this.settings, this.cell, true)),
      QUIET_MS,
    );
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(Inspector, component);
}
