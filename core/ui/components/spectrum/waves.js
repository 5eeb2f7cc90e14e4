// Waves the person drives: the picture they make, brightness along a row of it, and its spectrum, whose dots can be dragged.

import { mountPart } from "../kit/component.js";
import { clamp, make, makeSvg, setAll } from "../kit/elements.js";
import { Fourier, centered, gratings } from "../kit/fourier.js";
import { Notes } from "../kit/notes.js";
import { Notice } from "../kit/notice.js";
import { arrows, followDrag, path, percent, say, segments, slider, text } from "../kit/panel.js";
import { ColorPanel, at, makeScreen, paint, pixels, spectrumAxes } from "./widgets.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/fourier.js").Wave} Wave */

const SIZE = 128; // px of the picture
const HALF = SIZE / 2; // the finest wave it can carry, in cycles an image
const MOST_WAVES = 4;
const PROFILE = 108; // CSS px high, with
const LABEL = 16; // for a word above and one below
const LOW_WINDOW = 800; // CSS px: in a lower one the controls stand beside the pictures, which are smaller
const GLIDE_MS = 45; // in which two thirds of a wave's way to its new place are done
const DOT = 12; // CSS px from a dot's middle, at which a note's arrow ends
const FINGER = 30; // CSS px from a dot within which a finger takes hold of it
const HALO = 28; // CSS px around the dot that is driven

/** @type {Record<string, [string, string, string]>} of each example its label, its help and its waves */
const EXAMPLES = {
  one: ["One wave", "A single wave of brightness", "10-36.87-90-0"],
  slow: ["Slow", "Three cycles across the picture", "3-0-90-0"],
  finest: ["Finest wave", "64 cycles in 128 pixels: one bright, one dark", "64-0-90-0"],
  plaid: ["Two waves", "Two waves of different directions add up to a pattern of spots", "8-0-50-0_8-90-50-0"],
  beat: [
    "Beat",
    "Two waves of nearly the same frequency, which alternately reinforce and cancel each other",
    "20-0-50-0_23-0-50-0",
  ],
  // The first terms of a square wave: cos x - cos 3x / 3 + cos 5x / 5 - ...
  edge: [
    "Toward a sharp edge",
    "A wave, its third harmonic at a third of the contrast, and so on: each one makes the edges steeper",
    "4-0-60-0_12-0-20-50_20-0-12-0_28-0-9-50",
  ],
};

const decode = (/** @type {string} */ code) =>
  code.split("_").map((wave) => {
    const [cycles, degrees, contrast, phase] = wave.split("-").map(Number);
    return { cycles, degrees, contrast: contrast / 100, phase: phase / 100 };
  });

const encode = (/** @type {Wave[]} */ waves) =>
  waves
    .map((w) =>
      [+w.cycles.toFixed(3), +w.degrees.toFixed(2), Math.round(100 * w.contrast), Math.round(100 * w.phase) % 100].join(
        "-",
      ),
    )
    .join("_");

/**
 * Return the frequency across (to the right) and upward, in cycles an image.
 * @param {Wave} wave
 */
const components = ({ cycles, degrees }) => [
  cycles * Math.cos((degrees * Math.PI) / 180),
  cycles * Math.sin((degrees * Math.PI) / 180),
];

const isWhole = (/** @type {number} */ value) => Math.abs(value - Math.round(value)) < 0.02;

/** @typedef {ReturnType<typeof slider>} Control */

class Waves extends ColorPanel {
  /** @type {Wave[]} */
  waves;
  /** @type {number} the wave that the sliders drive */
  chosen;
  /** @type {Float64Array} the picture */
  values;
  /** @type {Float64Array} the picture as it is drawn */
  shown;
  /** @type {number[][]} of each wave as it is drawn: frequency across and up, contrast and shift */
  drawn = [];
  drawnAt = 0; // ms
  /** @type {number} */
  gliding;
  /** @type {number} */
  unit;
  /** @type {number} CSS pixels of a pixel */
  cell;
  /** @type {number} */
  side;

  /** @param {Parent} parent */
  constructor(parent) {
    super(parent, "waves");
    this.fourier = new Fourier(SIZE);
    this.row = HALF;
    this.examples = segments({
      label: "Examples",
      options: EXAMPLES,
      set: (key) => this.take(EXAMPLES[key][2]),
    });
    this.examples.field.classList.add("loose");
    this.picture = makeScreen("picture");
    this.spectrum = makeScreen("spectrum");
    this.profile = makeSvg("svg", { class: "profile", height: PROFILE, role: "img" });
    this.profileWords = make("p", { class: "caption" });
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.facts = make("div", { class: "facts", "aria-hidden": "true" }); // on the picture; a screen reader has the label
    this.picture.screen.append(this.facts);
    this.chips = make("div", { class: "chips", role: "group", "aria-label": "Waves" });
    this.notice = new Notice();
    const chosen = () => this.waves[this.chosen];
    const set = (/** @type {Partial<Wave>} */ patch) => {
      Object.assign(chosen(), patch);
      this.changed();
    };
    const help = {
      cycles: "Number of cycles across the picture",
      degrees: "The direction in which brightness changes: 0° across, 90° upward",
      contrast: "Difference of the highest and lowest brightness, divided by their sum",
      phase: "Shift of the wave along its direction, in percent of a wavelength",
    };
    /** @type {(name: keyof Wave, label: string, high: number, step: number, words: (v: number) => string) => Control} */
    const drive = (name, label, high, step, words) =>
      slider({ label, low: 0, high, step, help: help[name], words, set: (value) => set({ [name]: value }) });
    this.sliders = {
      cycles: drive("cycles", "Frequency", HALF, 0.5, (v) => `${say(v, 1)} cycles per image`),
      degrees: drive("degrees", "Direction", 179, 1, (v) => `${say(v)}°`),
      contrast: drive("contrast", "Contrast", 1, 0.01, (v) => percent(v, 0)),
      phase: drive("phase", "Shift", 0.99, 0.01, (v) => `${say(v, 2)} of a wave`),
    };
    /** @type {(name: string, caption: string, screen: Node) => Node} */
    const figure = (name, caption, screen) => make("figure", { class: name }, make("figcaption", {}, caption), screen);
    this.root.append(
      make("div", { class: "bar" }, this.examples.field),
      make(
        "div",
        { class: "stage" },
        figure("grating", `Picture, ${SIZE} × ${SIZE} px`, this.picture.screen),
        figure("spectrum", "Spectrum: drag a dot", this.spectrum.screen),
        make("div", { class: "along" }, this.profile, this.profileWords),
        make(
          "div",
          { class: "drive" },
          this.chips,
          make("div", { class: "sliders" }, ...Object.values(this.sliders).map((s) => s.field)),
        ),
      ),
      this.notice.root,
    );
    this.notes = new Notes(
      "frequency",
      this.root,
      this.hints(),
      ".segments, .screen, figcaption, .chips > *, .sliders, .profile, .caption, .notice",
    );
    const nothing = () => {};
    const isDot = (/** @type {number} */ x, /** @type {number} */ y) => this.isDot(x, y);
    followDrag(this.spectrum.screen, (x, y, begins) => this.dragDot(x, y, begins), nothing, nothing, isDot);
    followDrag(
      this.picture.screen,
      (x, y) => this.moveRow(y),
      (x, y) => this.moveRow(y),
    );
    this.spectrum.screen.addEventListener("keydown", (event) => {
      const step = arrows(event);
      if (!step) return;
      const [across, up] = components(chosen()).map(Math.round);
      this.place(across + step[0], up - step[1]);
    });
    this.picture.screen.addEventListener("keydown", (event) => {
      const step = arrows(event);
      if (step) this.moveRow((this.row + step[1] + 0.5) * this.cell);
    });
  }

  /**
   * Return what to do with the waves, until it was done once.
   * @returns {import("../kit/notes.js").Note[]}
   */
  hints() {
    const at = (/** @type {string} */ selector) => () => this.root.querySelector(selector);
    return [
      {
        at: () => this.dot(),
        beside: () => this.spectrum.screen,
        text: "Drag a dot: farther out, a finer wave",
        side: "right",
        fixed: true,
      },
      { at: at(".sliders > :nth-child(2)"), text: "The same wave in numbers", side: "above", along: 0.7 },
      { at: () => this.examples.field, text: "Or begin with one of these", side: "right" },
    ];
  }

  /** @param {{f_waves: string}} settings */
  adopt({ f_waves }) {
    this.waves = decode(f_waves);
    this.chosen = Math.min(this.chosen ?? 0, this.waves.length - 1);
  }

  report() {
    return { f_waves: encode(this.waves) };
  }

  /** @param {string} code */
  take(code) {
    this.waves = decode(code);
    this.chosen = 0;
    this.row = HALF;
    this.changed();
  }

  buildChips() {
    const chips = this.waves.map((wave, i) => {
      const [across, up] = components(wave);
      const title = `${say(across, 1)} cycles across, ${say(up, 1)} up: select this wave for the sliders`;
      const button = make(
        "button",
        { type: "button", "aria-pressed": String(i === this.chosen), title },
        `Wave ${i + 1}`,
      );
      button.addEventListener("click", () => {
        this.chosen = i;
        this.changed();
      });
      return button;
    });
    /** @type {(words: string, help: string, action: () => void, possible: boolean) => Node} */
    const act = (words, help, action, possible) => {
      const button = make("button", { type: "button", class: "quiet", title: help }, words);
      button.disabled = !possible;
      button.addEventListener("click", () => {
        action();
        this.changed();
      });
      return button;
    };
    const add = () => {
      const { cycles, degrees } = this.waves[this.waves.length - 1];
      this.waves.push({
        cycles: Math.min(HALF, Math.max(2, cycles)),
        degrees: (degrees + 60) % 180,
        contrast: 0.5,
        phase: 0,
      });
      this.chosen = this.waves.length - 1;
    };
    const remove = () => {
      this.waves.splice(this.chosen, 1);
      this.chosen = Math.max(0, this.chosen - 1);
    };
    this.chips.replaceChildren(
      ...chips,
      act("+ Add a wave", `Add another wave, up to ${MOST_WAVES}`, add, this.waves.length < MOST_WAVES),
      act(`− Remove wave ${this.chosen + 1}`, "Remove the selected wave", remove, this.waves.length > 1),
    );
  }

  // ---- pointer and keyboard ---------------------------------------------------------------------------------------------

  /** @param {number} y */
  moveRow(y) {
    this.row = clamp(Math.floor(y / this.cell), 0, SIZE - 1);
    this.drawProfile();
  }

  /** Return where the chosen wave's dot is on the screen. */
  dot() {
    if (!this.waves) return null;
    const { left, top } = this.spectrum.screen.getBoundingClientRect();
    const [across, up] = components(this.waves[this.chosen]);
    const [x, y] = [(HALF + 0.5 + across) * this.cell, (HALF + 0.5 - up) * this.cell];
    return new DOMRect(left + x - DOT, top + y - DOT, 2 * DOT, 2 * DOT);
  }

  /**
   * Return whether a dot, or its mirror image, is within a finger's reach of a place in the spectrum.
   * @param {number} x CSS pixels
   * @param {number} y
   */
  isDot(x, y) {
    const [across, up] = [x / this.cell - HALF - 0.5, HALF + 0.5 - y / this.cell];
    return this.waves.some((wave) => {
      const [a, b] = components(wave);
      return Math.min(Math.hypot(a - across, b - up), Math.hypot(a + across, b + up)) * this.cell < FINGER;
    });
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {boolean} begins
   */
  dragDot(x, y, begins) {
    const [across, up] = [x / this.cell - HALF - 0.5, HALF + 0.5 - y / this.cell].map(Math.round);
    if (begins) {
      const distance = (/** @type {Wave} */ wave) => {
        const [a, b] = components(wave);
        return Math.min(Math.hypot(a - across, b - up), Math.hypot(a + across, b + up));
      };
      this.chosen = this.waves.reduce((best, wave, i) => (distance(wave) < distance(this.waves[best]) ? i : best), 0);
    }
    this.place(across, up);
  }

  /**
   * Move the chosen wave's dot. Every cell of the spectrum is a wave that fits a whole number of times.
   * @param {number} across
   * @param {number} up
   */
  place(across, up) {
    const wave = this.waves[this.chosen];
    wave.cycles = Math.min(HALF, Math.hypot(across, up));
    const degrees = (Math.atan2(up, across) * 180) / Math.PI;
    wave.degrees = wave.cycles === 0 ? 0 : (degrees + 180) % 180; // a dot and its mirror image are the same wave
    this.changed();
  }

  // ---- drawing ----------------------------------------------------------------------------------------------------------

  arrange() {
    this.measure();
    if (this.width === 0) return;
    const narrow = this.width < 640;
    const low = !narrow && window.innerHeight < LOW_WINDOW;
    this.root.classList.toggle("low", low);
    const room = narrow ? (this.width - 16) / 2 : Math.min((this.width - 96) / 2, low ? 256 : 400);
    this.unit = this.unitFor(room, SIZE);
    this.cell = this.unit / this.ratio;
    this.side = SIZE * this.cell;
    this.root.style.setProperty("--side", `${this.side}px`);
    const box = { width: this.side, height: this.side, viewBox: `0 0 ${this.side} ${this.side}` };
    for (const { over } of [this.picture, this.spectrum]) setAll(over, box);
    this.redraw();
  }

  redraw() {
    this.values = gratings(SIZE, this.waves);
    const waves = { re: Float64Array.from(this.values), im: new Float64Array(SIZE * SIZE) };
    this.fourier.transform(waves, -1);
    const full = (SIZE * SIZE) / 4; // |F| of a wave of full contrast
    paint(this.spectrum.canvas, SIZE, this.unit, this.ratio, (i) => {
      const k = centered(Math.floor(i / SIZE), i % SIZE, SIZE);
      return at(this.colors.viridis, Math.sqrt(Math.hypot(waves.re[k], waves.im[k]) / full));
    });
    this.drawDots();
    this.drawnAt = performance.now();
    this.glide(this.drawnAt);
    this.describe();
  }

  /**
   * Draw the picture and its profile: the waves on their way to where they were moved, at once where the system asks for
   * less motion.
   * @param {number} now
   */
  glide(now) {
    cancelAnimationFrame(this.gliding);
    const targets = this.waves.map((wave) => [...components(wave), wave.contrast, wave.phase]);
    const part = 1 - Math.exp(-Math.max(0, now - this.drawnAt) / GLIDE_MS);
    this.drawnAt = now;
    if (this.calm.matches || this.drawn.length !== targets.length) this.drawn = targets;
    this.drawn = this.drawn.map(([across, up, contrast, phase], i) => {
      const [toAcross, toUp] = targets[i];
      const from = across * toAcross + up * toUp < 0 ? [-across, -up, contrast, -phase] : [across, up, contrast, phase];
      return from.map((value, k) => value + part * (targets[i][k] - value)); // of a pair of dots the nearer one
    });
    const isThere = this.drawn.every((wave, i) => wave.every((value, k) => Math.abs(value - targets[i][k]) < 0.01));
    if (isThere) this.drawn = targets;
    this.shown = isThere
      ? this.values
      : gratings(
          SIZE,
          this.drawn.map(([across, up, contrast, phase]) => ({
            cycles: Math.hypot(across, up),
            degrees: (Math.atan2(up, across) * 180) / Math.PI,
            contrast,
            phase,
          })),
        );
    paint(this.picture.canvas, SIZE, this.unit, this.ratio, (i) => at(this.colors.gray, this.shown[i]));
    this.drawProfile();
    if (!isThere) this.gliding = requestAnimationFrame((later) => this.glide(later));
  }

  dispose() {
    cancelAnimationFrame(this.gliding);
    super.dispose();
  }

  drawDots() {
    const middle = (HALF + 0.5) * this.cell;
    const halo = makeSvg(
      "radialGradient",
      { id: "halo" },
      makeSvg("stop", { offset: 0.25, "stop-color": "var(--mark)", "stop-opacity": 0.75 }),
      makeSvg("stop", { offset: 1, "stop-color": "var(--mark)", "stop-opacity": 0 }),
    );
    const marks = this.waves.flatMap((wave, i) => {
      const [x, y] = components(wave).map((v) => v * this.cell);
      const chosen = i === this.chosen;
      const look = chosen ? { r: 8, class: "dot chosen" } : { r: 6, class: "dot" };
      const circles = (/** @type {import("../kit/elements.js").Attributes} */ attributes) =>
        [1, -1].map((sign) => makeSvg("circle", { cx: middle + sign * x, cy: middle - sign * y, ...attributes }));
      const dots = [...(chosen ? circles({ r: HALO, fill: "url(#halo)" }) : []), ...circles(look)];
      const name =
        this.waves.length > 1 ? [text(middle + x + 11, middle - y - 7, String(i + 1), { class: "name" })] : [];
      return [
        ...(chosen
          ? [makeSvg("path", { d: `M${middle - x} ${middle + y}L${middle + x} ${middle - y}`, class: "arm" })]
          : []),
        ...dots,
        ...name,
      ];
    });
    const axes = this.width < 640 ? [] : [spectrumAxes(this.side, HALF, "cycles per image, across")];
    const outward = text(this.side - 8, this.side - 9, "higher outward", { "text-anchor": "end", class: "inside" });
    this.spectrum.over.replaceChildren(makeSvg("defs", {}, halo), ...axes, outward, ...marks);
  }

  drawProfile() {
    const y = (this.row + 0.5) * this.cell;
    this.picture.over.replaceChildren(makeSvg("path", { d: `M0 ${y}H${this.side}`, class: "row" }));
    const height = PROFILE - 2 * LABEL;
    const line = Array.from({ length: SIZE }, (_, x) => [
      (x + 0.5) * this.cell,
      LABEL + height * (1 - this.shown[this.row * SIZE + x]),
    ]);
    setAll(this.profile, { width: this.side, viewBox: `0 0 ${this.side} ${PROFILE}` });
    this.profile.replaceChildren(
      ...[0, 0.5, 1].map((v) => makeSvg("path", { d: `M0 ${LABEL + height * v}H${this.side}`, class: "grid" })),
      makeSvg("path", { d: path(line), class: "curve" }),
      text(0, LABEL - 5, "bright"),
      text(0, PROFILE - 4, "dark"),
    );
    const words = `Brightness along row ${this.row + 1} of ${SIZE}`;
    this.profileWords.textContent = `${words}, marked in the picture`;
    const [across] = components(this.waves[0]);
    const ups =
      this.waves.length === 1 ? `it goes up and down ${say(Math.abs(across), 1)} times` : "the sum of the waves";
    this.profile.setAttribute("aria-label", `${words}: ${ups}`);
  }

  describe() {
    const wave = this.waves[this.chosen];
    const [across, up] = components(wave);
    this.sliders.cycles.show(wave.cycles);
    this.sliders.degrees.show(wave.degrees);
    this.sliders.contrast.show(wave.contrast);
    this.sliders.phase.show(wave.phase);
    const code = encode(this.waves);
    const example = Object.keys(EXAMPLES).find((key) => EXAMPLES[key][2] === code) ?? null;
    this.examples.show(example);
    this.buildChips();
    const several = this.waves.length > 1;
    const length = wave.cycles > 0 ? `one every ${pixels(SIZE / wave.cycles)}` : "the same everywhere";
    this.facts.replaceChildren(
      make("b", {}, `${say(wave.cycles, 1)} cycles per image`),
      make("span", {}, `${say(wave.cycles / SIZE, 3)} per pixel`),
      make("span", {}, `${say(across, 1)} across, ${say(up, 1)} up`),
    );
    const count = this.waves.length;
    const sum = several ? `The picture is ${count} waves added up. ` : "";
    const which = several ? `Wave ${this.chosen + 1} has ` : "";
    const lines = [
      `${sum}${which}${say(wave.cycles, 1)} cycles per image, ${length}: its dot lies so far from the center, in the ` +
        `direction in which brightness changes, ${say(wave.degrees)}°.`,
      `Each wave is a pair of dots, mirrored at the center. Less contrast makes them fainter; a shift does not change them.`,
      isWhole(across) && isWhole(up)
        ? several && example
          ? `${EXAMPLES[example][1]}.`
          : `${HALF} cycles are the finest ${SIZE} pixels can carry: one bright, one dark. The center of the spectrum is the mean brightness.`
        : "This wave does not fit a whole number of times into the picture, so its dots smear into a star. Drag a dot: those waves fit.",
    ];
    this.notice.show(lines);
    const named = (/** @type {Wave} */ w) =>
      `${say(w.cycles, 1)} cycles per image at ${say(w.degrees)} degrees, contrast ${percent(w.contrast, 0)}`;
    const names = this.waves.map(named).join("; ");
    this.picture.screen.setAttribute("aria-label", `Stripes of brightness: ${names}. Up and down move the marked row.`);
    const keys = `Arrow keys move the dots of wave ${this.chosen + 1}.`;
    this.spectrum.screen.setAttribute("aria-label", `The spectrum: a pair of dots for ${names}. ${keys}`);
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(Waves, component);
}
