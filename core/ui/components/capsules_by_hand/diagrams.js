// Beside the stage: routing from parts to wholes, squash as a curve with its points, and max pooling. All SVG.

import { makeSvg, setAll } from "../kit/elements.js";
import { capital, path, text } from "../kit/panel.js";
import { squashed } from "./routing.js";
import { EVIDENCE } from "./scenes.js";

/** @typedef {import("./scenes.js").Family} Family */
/** @typedef {import("./scenes.js").Look} Look */

const BAR = { width: 64, height: 9 };
const THICKEST = 15; // of a coupling coefficient of 1
const ROW = 42; // of four parts; two have as much room
const NAMES = 60; // px left of the parts' bars

export const two = (/** @type {number} */ value) => value.toFixed(2);

/**
 * Return a bar for a share of 1 at [x, y], its number beside it, and what sets it.
 * @param {number} x
 * @param {number} y
 * @param {string} look
 */
function bar(x, y, look) {
  const filled = makeSvg("rect", { x, y, height: BAR.height, class: look });
  const number = text(x + BAR.width + 5, y + BAR.height, "", { class: "number" });
  const group = makeSvg(
    "g",
    {},
    makeSvg("rect", { x, y, width: BAR.width, height: BAR.height, class: "rail" }),
    filled,
    number,
  );
  const show = (/** @type {number} */ value) => {
    filled.setAttribute("width", (BAR.width * value).toFixed(2));
    number.textContent = two(value);
  };
  return { group, show };
}

/** Parts with their lengths, coupling coefficients as lines, and wholes with their lengths and max pooling's answer. */
export class Routing {
  /** @type {Family | null} */
  family = null;
  /** @type {SVGElement[][]} */
  lines = [];
  /** @type {number[][][]} of each line its ends, x and y */
  ends = [];
  /** @type {SVGElement[]} of each part, on its thicker line */
  numbers = [];
  /** @type {ReturnType<typeof bar>[]} */
  parts = [];
  /** @type {ReturnType<typeof bar>[]} */
  wholes = [];
  /** @type {ReturnType<typeof bar>[]} */
  answers = [];

  constructor() {
    this.svg = makeSvg("svg", { class: "routing", "aria-hidden": "true" });
    this.width = 0;
  }

  /**
   * @param {Family} family
   * @param {number} width
   */
  build(family, width) {
    this.family = family;
    this.width = width;
    const [count, tall] = [family.parts.length, 14 + ROW * 4];
    const left = NAMES + BAR.width + 34;
    const right = width - BAR.width - 36;
    const y = (/** @type {number} */ i, /** @type {number} */ of) => 14 + ((tall - 14) * (i + 0.5)) / of;
    this.parts = family.parts.map((_, i) => bar(NAMES, y(i, count) - BAR.height / 2, "fill"));
    this.wholes = family.wholes.map((_, j) => bar(right, y(j, 2), `fill whole${j}`));
    this.answers = family.wholes.map((_, j) => bar(right, y(j, 2) + 14, "fill pooled"));
    const ends = family.parts.map((_, i) =>
      family.wholes.map((_, j) => [y(i, count) + 7 * j - 3.5, y(j, 2) + BAR.height / 2]),
    );
    this.lines = ends.map((row) =>
      row.map(([from, to], j) =>
        makeSvg("path", {
          class: `coupling whole${j}`,
          d: path([
            [left, from],
            [right - 6, to],
          ]),
        }),
      ),
    );
    this.ends = ends.map((row) => row.map(([from, to]) => [left, from, right - 6, to]));
    this.numbers = family.parts.map(() => text(0, 0, "", { class: "number on", "text-anchor": "middle" }));
    const quiet = (/** @type {number} */ x, /** @type {string} */ words) => text(x, 10, words, { class: "quiet" });
    this.svg.replaceChildren(
      quiet(0, "parts"),
      quiet(NAMES, "length"),
      quiet(left, "share"),
      quiet(right, "length"),
      ...family.parts.map(({ name }, i) => text(0, y(i, count) + 4, capital(name), { class: "name" })),
      ...family.wholes.map(({ name }, j) => text(right, y(j, 2) - 5, capital(name), { class: "name whole" })),
      ...this.lines.flat(),
      ...this.numbers,
      ...family.wholes.map((_, j) => text(right, y(j, 2) + 36, "max pooling", {})),
      ...[...this.parts, ...this.wholes, ...this.answers].map(({ group }) => group),
    );
    setAll(this.svg, { width, height: tall, viewBox: `0 0 ${width} ${tall}` });
  }

  /**
   * @param {Family} family
   * @param {Look} seen
   * @param {number} width
   */
  draw(family, seen, width) {
    if (family !== this.family || width !== this.width) this.build(family, width);
    seen.chances.forEach((chance, i) => this.parts[i].show(chance));
    seen.lengths.forEach((length, j) => this.wholes[j].show(length));
    this.answers.forEach((answer) => answer.show(seen.poolingAnswer));
    seen.coefficients.forEach((row, i) => {
      row.forEach((coefficient, j) => {
        this.lines[i][j].setAttribute("stroke-width", (THICKEST * coefficient).toFixed(2));
      });
      const thicker = row.indexOf(Math.max(...row));
      const [x1, y1, x2, y2] = this.ends[i][thicker];
      setAll(this.numbers[i], { x: (x1 + 0.3 * (x2 - x1)).toFixed(1), y: (y1 + 0.3 * (y2 - y1) + 4).toFixed(1) });
      this.numbers[i].textContent = two(row[thicker]);
    });
  }
}

const CURVE = { width: 172, height: 118, left: 26, bottom: 30, top: 8, right: 8 };

/** Squash, with a point for each part and each whole. */
export class Squash {
  constructor() {
    const { width, height, left, bottom, top, right } = CURVE;
    this.x = (/** @type {number} */ length) => left + ((width - left - right) * Math.min(length, EVIDENCE)) / EVIDENCE;
    this.y = (/** @type {number} */ length) => top + (height - top - bottom) * (1 - length);
    const line = Array.from({ length: 51 }, (_, i) => [this.x(i / 10), this.y(squashed(i / 10))]);
    this.points = makeSvg("g");
    this.svg = makeSvg(
      "svg",
      { class: "squash", width, height, viewBox: `0 0 ${width} ${height}`, role: "img" },
      ...[0, 0.5, 1].map((v) => makeSvg("path", { d: `M${left} ${this.y(v)}H${width - right}`, class: "grid" })),
      ...[0, 0.5, 1].map((v) => text(left - 4, this.y(v) + 4, String(v), { "text-anchor": "end" })),
      ...[0, 1, 2, 3, 4, 5].map((v) => text(this.x(v), height - bottom + 13, String(v), { "text-anchor": "middle" })),
      text((left + width) / 2, height - 3, "length before squash", { "text-anchor": "middle" }),
      makeSvg("path", { d: path(line), class: "curve" }),
      this.points,
    );
    /** @type {SVGElement[]} */
    this.marks = [];
  }

  /**
   * @param {Look} seen
   * @param {number | null} chosen the part that is marked most
   */
  draw(seen, chosen) {
    const places = [...seen.evidence, ...seen.sums];
    if (this.marks.length !== places.length) {
      this.marks = places.map(() => makeSvg("circle"));
      this.points.replaceChildren(...this.marks);
    }
    places.forEach((length, i) => {
      const whole = i - seen.evidence.length;
      const look = whole >= 0 ? `point whole${whole}` : i === chosen ? "point chosen" : "point";
      setAll(this.marks[i], {
        cx: this.x(length).toFixed(2),
        cy: this.y(squashed(length)).toFixed(2),
        r: whole >= 0 ? 5 : i === chosen ? 5.5 : 3.5,
        class: look,
      });
    });
  }
}

/** Max pooling's detectors: the highest answer of each anywhere on the stage. */
export class MaxPooling {
  /** @type {Family | null} */
  family = null;
  /** @type {Map<string, ReturnType<typeof bar>>} */
  detectors = new Map();

  constructor() {
    this.svg = makeSvg("svg", { class: "pooling", "aria-hidden": "true" });
  }

  /** @param {Family} family */
  build(family) {
    this.family = family;
    const names = [...new Set(family.parts.map(({ detector }) => detector))];
    const row = 19;
    const [width, height] = [NAMES + BAR.width + 32, 4 + row * names.length];
    this.detectors = new Map(names.map((name, i) => [name, bar(NAMES, 4 + row * i, "fill pooled")]));
    this.svg.replaceChildren(
      ...names.map((name, i) => text(0, 13 + row * i, capital(name), { class: "name" })),
      ...[...this.detectors.values()].map(({ group }) => group),
    );
    setAll(this.svg, { width, height, viewBox: `0 0 ${width} ${height}` });
  }

  /**
   * @param {Family} family
   * @param {Look} seen
   */
  draw(family, seen) {
    if (family !== this.family) this.build(family);
    this.detectors.forEach((detector, name) => detector.show(seen.pooled[name]));
  }
}
