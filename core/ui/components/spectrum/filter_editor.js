// A filter drawn on a picture's spectrum: drag its radius and see what passes, what is stopped, and what an edge becomes.

import { mountPart } from "../kit/component.js";
import { clamp, make, makeSvg, setAll } from "../kit/elements.js";
import {
  Fourier,
  analyze,
  brightness,
  centered,
  edgeResponse,
  filter,
  frequencies,
  gain,
  radialProfile,
  radii,
  strengths,
} from "../kit/fourier.js";
import { decodePixels, formatNumber } from "../kit/math.js";
import { CHART, corner, cyclesAt, edgeChart, powerChart } from "./charts.js";
import { Notice } from "../kit/notice.js";
import { arrows, followDrag, percent, say, segments, slider } from "../kit/panel.js";
import { edgeSentence, extent, wavesSentence } from "./what_to_notice.js";
import { ColorPanel, at, makeScreen, paint, pixels, spectrumAxes } from "./widgets.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/math.js").Planes} Planes */
/** @typedef {import("../kit/fourier.js").Filter & {view: string}} Settings */
/** @typedef {import("../kit/fourier.js").Analysis} Analysis */

const WAVE_SIDE = 96; // CSS px of the little picture of one wave
const LEAST_RIGHT = 330; // CSS px that the words beside the result need
const SMALLEST_RADIUS = 0.5;
const FINGER = 24; // CSS px from a ring within which a finger takes hold of it
const BESIDE = 130; // CSS px that the words on one wave need beside the spectrum

const PASSES = {
  low: ["Low pass", "Keeps low frequencies, inside the ring"],
  high: ["High pass", "Keeps high frequencies, outside the ring"],
  band: ["Band pass", "Keeps frequencies between two rings"],
};
const KINDS = {
  ideal: ["Ideal", "Ideal cutoff: causes ringing"],
  gaussian: ["Gaussian", "Smooth cutoff: no ringing"],
  butterworth: ["Butterworth", "Between the two: a higher order is steeper and causes more ringing"],
};
/** @type {Record<string, string[]>} */
const VIEWS = {
  kept: ["Kept", "The picture from the waves that the filter keeps"],
  removed: ["Removed", "The picture from the waves that the filter removes; both parts add up to the picture"],
  picture: ["Original", "The original picture"],
};

const counted = (/** @type {number} */ cycles) => `${say(cycles, 1)} ${cycles === 1 ? "cycle" : "cycles"} per image`;

const halves = (/** @type {number} */ value) => Math.round(2 * value) / 2;

class Filtering extends ColorPanel {
  /** @type {Settings} */
  settings;
  /** @type {Planes} */
  image;
  /** @type {number} */
  size;
  /** @type {Fourier} */
  fourier;
  /** @type {Float64Array} */
  radii;
  /** @type {Int32Array} */
  rings;
  /** @type {Analysis} */
  analysis;
  /** @type {Float64Array} */
  strengths;
  /** @type {number} */
  strongest;
  /** @type {Float64Array} */
  profile;
  /** @type {number[] | null} the wave under the pointer, as [across, up] */
  pointed;
  /** @type {Float64Array} */
  gains;
  /** @type {Float64Array} the picture from the waves that pass */
  kept;
  /** @type {Float64Array} */
  edge;
  /** @type {number} */
  unit;
  /** @type {number} */
  spectrumUnit;
  /** @type {number} CSS pixels of a cell of the spectrum */
  cell;
  /** @type {number} */
  side;
  /** @type {number} */
  chartWidth;

  /** @param {Parent} parent */
  constructor(parent) {
    super(parent, "filtering");
    this.ring = "radius"; // which of the two a person drags
    const set = (/** @type {Partial<Settings>} */ patch) => this.set(patch);
    const help = {
      order: "Steepness of the Butterworth filter",
      radius: "Cutoff frequency; also the ring on the spectrum",
      inner: "Lower end of the band; also the inner ring",
    };
    const log = {
      low: SMALLEST_RADIUS,
      high: 181,
      step: 0.01,
      toPosition: Math.log2,
      fromPosition: (/** @type {number} */ p) => halves(2 ** p),
    };
    this.controls = {
      pass: segments({ label: "Pass band", options: PASSES, set: (pass) => set({ pass }) }),
      kind: segments({ label: "Filter type", options: KINDS, set: (kind) => set({ kind }) }),
      view: segments({ label: "View", options: VIEWS, set: (view) => set({ view }) }),
      order: slider({
        label: "Order",
        low: 1,
        high: 8,
        step: 1,
        help: help.order,
        words: String,
        set: (order) => set({ order }),
      }),
      radius: slider({ ...log, label: "Radius", help: help.radius, words: counted, set: (radius) => set({ radius }) }),
      inner: slider({
        ...log,
        label: "Inner radius",
        help: help.inner,
        words: counted,
        set: (inner) => set({ inner }),
      }),
    };
    this.spectrum = makeScreen("spectrum");
    this.result = {
      canvas: make("canvas", { role: "img" }),
      words: make("span"),
      legend: make("span", { class: "scale" }),
    };
    this.wave = { canvas: make("canvas", { "aria-hidden": "true" }), words: make("div", { class: "words" }) };
    this.charts = { power: makeSvg("svg", { role: "img" }), edge: makeSvg("svg", { role: "img" }) };
    this.notice = new Notice();
    const { pass, kind, order, radius, inner, view } = this.controls;
    /** @type {(name: "power" | "edge", words: string) => Node} */
    const chart = (name, words) =>
      make("div", { class: `chart ${name}` }, make("p", { class: "caption" }, words), this.charts[name]);
    const wave = make("div", { class: "wave" }, this.wave.canvas, this.wave.words);
    const left = make(
      "div",
      { class: "column" },
      make(
        "figure",
        { class: "spectrum" },
        make("figcaption", {}, "The picture's spectrum: drag the ring"),
        make("div", { class: "pair" }, this.spectrum.screen, wave),
      ),
      chart("power", "Mean power by frequency: picture (thin), filtered picture (thick), filter (shaded)"),
      chart("edge", "A sharp edge (thin) and its filtered version (thick)"),
    );
    const caption = make("figcaption", {}, this.result.words, this.result.legend);
    const right = make(
      "div",
      { class: "column" },
      make("figure", { class: "result" }, make("div", { class: "bar" }, view.field), this.result.canvas, caption),
      this.notice.root,
    );
    const bar = make("div", { class: "bar" }, pass.field, kind.field, order.field, radius.field, inner.field);
    this.root.append(bar, make("div", { class: "stage" }, left, right));
    followDrag(
      this.spectrum.screen,
      (x, y, begins) => this.dragRing(x, y, begins),
      (x, y) => this.point(x, y),
      () => this.point(),
      (x, y) => this.isRing(x, y),
    );
    this.spectrum.screen.addEventListener("keydown", (event) => {
      const step = arrows(event);
      if (step) this.move("radius", this.settings.radius + (step[0] - step[1]) / 2);
    });
    followDrag(this.charts.power, (x) => this.move(this.ring, cyclesAt(x, this.chartWidth, this.half)));
  }

  /** @param {any} settings as the URL names them */
  adopt(settings) {
    const { f_pass, f_kind, f_order, f_radius, f_inner, f_view } = settings;
    this.settings = { pass: f_pass, kind: f_kind, order: f_order, radius: f_radius, inner: f_inner, view: f_view };
  }

  report() {
    return Object.fromEntries(Object.entries(this.settings).map(([name, value]) => [`f_${name}`, value]));
  }

  /**
   * @param {any} data
   * @param {any} before
   */
  receive(data, before) {
    if (before && before.image.base64 === data.image.base64) return;
    this.image = decodePixels(data.image);
    this.size = this.image.width;
    if (this.fourier?.size !== this.size) {
      this.fourier = new Fourier(this.size);
      this.radii = radii(this.size);
      this.rings = Int32Array.from(this.radii, Math.round);
    }
    this.analysis = analyze(this.image, this.fourier);
    this.strengths = strengths(this.analysis);
    this.strongest = this.strengths.reduce((a, b) => Math.max(a, b), 1e-9);
    this.profile = radialProfile(this.analysis.power, this.rings);
    this.pointed = null; // the wave under the pointer, as [across, up]
  }

  get half() {
    return this.size / 2;
  }

  // ---- pointer and keyboard ---------------------------------------------------------------------------------------------

  /** @param {Partial<Settings>} patch */
  set(patch) {
    Object.assign(this.settings, patch);
    this.settings.inner = Math.min(this.settings.inner, this.settings.radius);
    this.changed();
  }

  /**
   * @param {string} ring
   * @param {number} cycles
   */
  move(ring, cycles) {
    const { radius, inner } = this.settings;
    const value = clamp(halves(cycles), SMALLEST_RADIUS, corner(this.half));
    this.set(
      ring === "radius"
        ? { radius: this.settings.pass === "band" ? Math.max(value, inner) : value }
        : { inner: Math.min(value, radius) },
    );
  }

  /**
   * Return whether a ring is within a finger's reach of a place in the spectrum.
   * @param {number} x CSS pixels
   * @param {number} y
   */
  isRing(x, y) {
    const middle = (this.half + 0.5) * this.cell;
    const { pass, radius, inner } = this.settings;
    const far = (/** @type {number} */ ring) => Math.abs(Math.hypot(x - middle, y - middle) - ring * this.cell);
    return Math.min(far(radius), pass === "band" ? far(inner) : Infinity) < FINGER;
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {boolean} begins
   */
  dragRing(x, y, begins) {
    const middle = (this.half + 0.5) * this.cell;
    const cycles = Math.hypot(x - middle, y - middle) / this.cell;
    const { pass, radius, inner } = this.settings;
    if (begins)
      this.ring = pass === "band" && Math.abs(cycles - inner) < Math.abs(cycles - radius) ? "inner" : "radius";
    this.move(this.ring, cycles);
  }

  /**
   * Point at a wave of the spectrum, or at none.
   * @param {number} [x]
   * @param {number} [y]
   */
  point(x, y) {
    const place =
      x === undefined || y === undefined
        ? null
        : [Math.floor(x / this.cell) - this.half, this.half - Math.floor(y / this.cell)];
    this.pointed = place && place.every((v) => Math.abs(v) <= this.half) ? place : null;
    this.drawWave();
  }

  // ---- drawing ----------------------------------------------------------------------------------------------------------

  arrange() {
    this.measure();
    if (this.width === 0) return;
    const narrow = this.width < 640;
    const gap = 28;
    const gutter = 44;
    this.unit = this.unitFor(narrow ? this.width : this.width * 0.53, this.size);
    const left = narrow ? this.width : this.width - Math.max((this.size * this.unit) / this.ratio, LEAST_RIGHT) - gap;
    this.spectrumUnit = this.unitFor(left - gutter, this.size);
    this.cell = this.spectrumUnit / this.ratio;
    this.side = this.size * this.cell;
    this.chartWidth = left;
    this.root.classList.toggle("beside", left - gutter - this.side >= BESIDE);
    this.root.style.setProperty("--left", `${left}px`);
    setAll(this.spectrum.over, { width: this.side, height: this.side, viewBox: `0 0 ${this.side} ${this.side}` });
    for (const svg of Object.values(this.charts))
      setAll(svg, { width: left, height: CHART.height, viewBox: `0 0 ${left} ${CHART.height}` });
    this.redraw();
  }

  redraw() {
    const { size, settings, analysis } = this;
    this.gains = this.radii.map((cycles) => gain(cycles, settings));
    this.kept = filter(analysis, this.gains, this.fourier);
    this.edge = edgeResponse(size, settings);
    paint(this.spectrum.canvas, size, this.spectrumUnit, this.ratio, (i) => {
      const k = centered(Math.floor(i / size), i % size, size);
      const alpha = Math.round(255 * (0.55 + 0.45 * clamp(this.gains[k], 0, 1))); // stopped waves fade into the page
      return (at(this.colors.viridis, this.strengths[k] / this.strongest) & 0xffffff) | (alpha << 24);
    });
    this.drawRings();
    this.drawResult();
    this.drawPower();
    this.drawEdge();
    this.drawWave();
    this.describe();
  }

  drawRings() {
    const { cell, half, settings, side } = this;
    const middle = (half + 0.5) * cell;
    const ring = (/** @type {number} */ cycles) => {
      const r = cycles * cell;
      const knob = middle + r * Math.SQRT1_2;
      return makeSvg(
        "g",
        { class: "ring" },
        makeSvg("circle", { cx: middle, cy: middle, r, class: "under" }),
        makeSvg("circle", { cx: middle, cy: middle, r }),
        makeSvg("circle", { cx: knob, cy: 2 * middle - knob, r: 6, class: "knob" }),
      );
    };
    const clip = makeSvg("clipPath", { id: "inside" }, makeSvg("rect", { width: side, height: side }));
    const rings = makeSvg(
      "g",
      { "clip-path": "url(#inside)" },
      ring(settings.radius),
      ...(settings.pass === "band" ? [ring(settings.inner)] : []),
    );
    this.spectrum.over.replaceChildren(clip, spectrumAxes(side, half, "cycles per image, across"), rings);
    const keys = `Left and right arrow keys change the radius, ${say(settings.radius, 1)} cycles per image.`;
    this.spectrum.screen.setAttribute(
      "aria-label",
      `${this.data.alt}: its spectrum, low frequencies at the center. ${keys}`,
    );
  }

  drawResult() {
    const { size, settings, image } = this;
    const area = size * size;
    const isMean = settings.view === "picture" || (settings.pass === "low") === (settings.view === "kept"); // it holds the mean: a picture
    const shown =
      settings.view === "picture"
        ? image.values
        : settings.view === "kept"
          ? this.kept
          : image.values.map((v, i) => v - this.kept[i]);
    const name = VIEWS[settings.view][0];
    const channels = image.depth === 3 ? ", 3 channels" : "";
    if (isMean) {
      const color = (/** @type {number} */ i, /** @type {number} */ c) =>
        Math.round(255 * clamp(shown[(image.depth === 3 ? c : 0) * area + i], 0, 1));
      paint(
        this.result.canvas,
        size,
        this.unit,
        this.ratio,
        (i) => (255 << 24) | (color(i, 2) << 16) | (color(i, 1) << 8) | color(i, 0),
      );
      this.result.words.textContent = `${name}: ${size} × ${size} px${channels}`;
      this.result.legend.replaceChildren();
    } else {
      const values = brightness(shown, area);
      const limit = mostOf(values);
      paint(this.result.canvas, size, this.unit, this.ratio, (i) =>
        at(this.colors.signed, 0.5 + values[i] / (2 * limit)),
      );
      this.result.words.textContent = `${name}: ${size} × ${size} px, brightness only`;
      this.result.legend.replaceChildren(`−${formatNumber(limit)}`, make("i"), formatNumber(limit));
    }
    this.result.canvas.setAttribute("aria-label", `${this.data.alt}, ${name.toLowerCase()}`);
  }

  drawPower() {
    const passed = radialProfile(this.analysis.power, this.rings, this.gains);
    powerChart(this.charts.power, this.chartWidth, {
      picture: this.profile,
      passed,
      half: this.half,
      settings: this.settings,
    });
  }

  drawEdge() {
    const { size, settings, gains, edge } = this;
    const filtered = { size, settings, gains, edge, power: this.analysis.power };
    edgeChart(this.charts.edge, this.chartWidth, this.edge, this.settings);
    this.charts.edge.setAttribute("aria-label", `A sharp edge through this filter. ${edgeSentence(filtered)}`);
  }

  /** Draw one wave as a picture: the one under the pointer, else the strongest of this picture. */
  drawWave() {
    if (!this.gains) return;
    const { size, analysis } = this;
    const f = frequencies(size);
    let [across, up] = this.pointed ?? [0, 0];
    if (!this.pointed) {
      let best = 1;
      for (let k = 1; k < size * size; k++) if (analysis.power[k] > analysis.power[best]) best = k;
      [across, up] = [f[best % size], -f[Math.floor(best / size)]];
      if (across < 0 || (across === 0 && up < 0)) [across, up] = [0 - across, 0 - up]; // of a pair, the one to the right
    }
    const k = (((-up % size) + size) % size) * size + (((across % size) + size) % size);
    const cycles = Math.hypot(across, up);
    const piece = cycles > 0 ? clamp(Math.ceil((4 * size) / cycles), 16, size) : size; // px of it that are drawn
    const side = Math.round(WAVE_SIDE * this.ratio);
    const turn = (2 * Math.PI * piece) / (size * side);
    paint(this.wave.canvas, side, 1, this.ratio, (i) => {
      const [x, y] = [(i % side) - side / 2, side / 2 - Math.floor(i / side)];
      return at(this.colors.gray, 0.5 + 0.5 * Math.cos(turn * (across * x + up * y)));
    });
    const amplitude = ((cycles === 0 ? 1 : 2) * Math.sqrt(analysis.power[k])) / size;
    /** @type {["b" | "span", string][]} */
    const rows = [
      ["b", this.pointed ? "At the pointer" : "Strongest wave"],
      ["span", cycles === 0 ? "the mean brightness" : counted(cycles)],
      ["span", cycles === 0 ? "not a wave" : `${say(cycles / size, 3)} per pixel`],
      ["span", cycles === 0 ? "" : `one every ${pixels(size / cycles)}`],
      ["span", `${cycles === 0 ? "" : "±"}${formatNumber(amplitude, 2)} of brightness`],
      ["span", `${percent(this.gains[k], 0)} kept`],
    ];
    this.wave.words.replaceChildren(...rows.map(([tag, words]) => make(tag, {}, words)));
  }

  describe() {
    const { settings, controls, analysis, gains } = this;
    for (const name of /** @type {const} */ (["pass", "kind", "view"])) controls[name].show(settings[name]);
    for (const name of /** @type {const} */ (["order", "radius", "inner"])) controls[name].show(settings[name]);
    controls.order.field.hidden = settings.kind !== "butterworth";
    controls.inner.field.hidden = settings.pass !== "band";
    const filtered = { size: this.size, settings, gains, power: analysis.power, edge: this.edge };
    const lines = [
      wavesSentence(filtered),
      edgeSentence(filtered),
      settings.pass === "low"
        ? "Inside the ring are low frequencies: light and shade, large shapes. Fine detail and sharp edges are outside."
        : "Without the mean, values are above and below zero: orange where the picture is brighter than its surroundings, blue where darker.",
    ];
    if (extent(gains) !== "some") lines.pop(); // nothing is left to tell apart
    this.notice.show(lines);
  }
}

/**
 * Return a limit that all but the largest 0.5 % of the sizes stay within, and at least one of 255 gray levels.
 * @param {Float64Array} values
 */
function mostOf(values) {
  let largest = 1e-12;
  for (const v of values) largest = Math.max(largest, Math.abs(v));
  const bins = new Uint32Array(1000);
  for (const v of values) bins[Math.min(999, Math.floor((1000 * Math.abs(v)) / largest))] += 1;
  let [left, bin] = [0.005 * values.length, 999];
  while (bin > 0 && (left -= bins[bin]) > 0) bin -= 1;
  return Math.max((largest * (bin + 1)) / 1000, 1 / 255);
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(Filtering, component);
}
