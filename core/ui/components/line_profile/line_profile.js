// The brightness along a line that is moved over a picture, before and after a filter.

import { mountPart } from "../kit/component.js";
import { chooseScales, paintGrid, readTheme } from "../kit/drawing.js";
import { arrowStep, clamp, make, makeSvg, scrollBeside } from "../kit/elements.js";
import { decodePixels, formatNumber, gridFormat } from "../kit/math.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {import("../kit/component.js").Parent} Parent */
/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/drawing.js").Scale} Scale */
/** @typedef {import("../kit/math.js").Planes} Planes */
/** @typedef {import("../kit/math.js").Encoded} Encoded */
/** @typedef {{length: number, values: number[]}} Along */

const STACKED_BELOW = 720; // CSS pixels
const FINGER = 22; // CSS pixels: a fingertip
const CHART = { height: 150, left: 46, right: 12, top: 10, bottom: 26 };

/**
 * Return brightness at about one place a pixel from start to end, both [row, column], interpolated linearly between pixels.
 * @param {Planes} plane
 * @param {number[]} start
 * @param {number[]} end
 * @returns {Along}
 */
export function alongLine({ height, width, values }, start, end) {
  const length = Math.hypot(end[0] - start[0], end[1] - start[1]);
  const n = Math.max(2, Math.ceil(length) + 1);
  const at = (/** @type {number} */ y, /** @type {number} */ x) =>
    values[clamp(y, 0, height - 1) * width + clamp(x, 0, width - 1)];
  const along = Array.from({ length: n }, (_, i) => {
    const [y, x] = start.map((from, axis) => from + ((end[axis] - from) * i) / (n - 1));
    const [y0, x0] = [Math.floor(y), Math.floor(x)];
    const [fy, fx] = [y - y0, x - x0];
    return (
      (at(y0, x0) * (1 - fx) + at(y0, x0 + 1) * fx) * (1 - fy) +
      (at(y0 + 1, x0) * (1 - fx) + at(y0 + 1, x0 + 1) * fx) * fy
    );
  });
  return { length, values: along };
}

/**
 * Return the index before the largest change between neighbors: the strongest edge.
 * @param {number[]} values
 */
export function steepest(values) {
  let best = 0;
  for (let i = 0; i + 1 < values.length; i++)
    if (Math.abs(values[i + 1] - values[i]) > Math.abs(values[best + 1] - values[best])) best = i;
  return best;
}

/** One of the two pictures, with its line and its chart. */
class Side {
  /** @type {Planes} */
  image;
  /** @type {Scale} */
  scale;

  /** @param {"before" | "after"} name */
  constructor(name) {
    this.name = name;
    this.canvas = make("canvas");
    this.chart = makeSvg("svg", { class: "chart", role: "img" });
    this.caption = make("figcaption");
    this.line = makeSvg("svg", { class: "line" });
    this.handles = ["start", "end"].map((end, i) =>
      make("button", {
        type: "button",
        class: "handle",
        "aria-label": `${end} of the line, arrow keys move it`,
        tabindex: name === "before" ? 0 : -1,
        "data-end": i,
      }),
    );
    this.picture = make("div", { class: "picture" }, this.canvas, this.line, ...this.handles);
  }
}

class Profile {
  /** @type {{before: Encoded, after: Encoded, gain: number, signed: boolean}} */
  data;
  /** @type {number[][]} the line's start and end, each [row, column] */
  ends;
  /** @type {number} */
  width;
  /** @type {number} */
  ratio;
  /** @type {number} */
  unit;
  /** @type {Theme} */
  theme;

  /** @param {Parent} parent */
  constructor(parent) {
    this.sides = [new Side("before"), new Side("after")];
    this.sentence = make("p", { class: "sentence", "aria-live": "polite" });
    const [before, after] = this.sides;
    const side = (/** @type {Side} */ s) => make("figure", { class: s.name }, s.caption, s.picture);
    this.charts = make("div", { class: "charts" }, before.chart, after.chart);
    this.root = make("div", { class: "profile" }, side(before), side(after), this.charts, this.sentence);
    parent.append(this.root);
    for (const s of this.sides) {
      s.picture.addEventListener("pointerdown", (event) => this.grab(s, event));
      scrollBeside(s.picture, (x, y) => this.isOnLine(x, y));
      s.handles.forEach((handle, i) => handle.addEventListener("keydown", (event) => this.key(i, event)));
    }
    this.resizes = new ResizeObserver(() => this.root.clientWidth !== this.width && this.data && this.arrange());
    this.resizes.observe(this.root);
  }

  dispose() {
    this.resizes.disconnect();
    this.root.remove();
  }

  /** @param {Profile["data"]} data */
  update(data) {
    this.data = data;
    this.sides.forEach((s) => (s.image = decodePixels(data[s.name])));
    const { height, width } = this.sides[0].image;
    this.ends ??= [
      [0.62, 0.08],
      [0.62, 0.92],
    ].map(([y, x]) => [Math.round(y * height), Math.round(x * width)]);
    this.ends = this.ends.map(([y, x]) => [clamp(y, 0, height - 1), clamp(x, 0, width - 1)]);
    this.arrange();
  }

  arrange() {
    this.width = this.root.clientWidth;
    if (this.width === 0) return;
    this.ratio = window.devicePixelRatio || 1;
    this.theme = readTheme(this.root);
    this.root.dataset.scheme = this.theme.dark ? "dark" : "light";
    const stacked = this.width < STACKED_BELOW;
    this.root.classList.toggle("stacked", stacked);
    const [before, after] = this.sides;
    const room = stacked ? (this.width - 12) / 2 : Math.min(270, (this.width - 420) / 2);
    this.unit = Math.max(1, Math.floor((room * this.ratio) / before.image.width));
    const scales = chooseScales(before.image, after.image, {
      scale: this.data.gain >= 0.5 ? "picture" : "own",
      operation: "none",
      signed: this.data.signed,
    });
    [before.scale, after.scale] = [scales.input, scales.output];
    before.caption.textContent = "Before";
    after.caption.textContent = "After the kernel";
    for (const s of this.sides)
      paintGrid(s.canvas, s.image, s.scale, this.unit, this.ratio, this.theme, gridFormat(s.image.values));
    this.draw();
  }

  /**
   * Return whether a place is within a fingertip of the line: beside it a finger scrolls the page.
   * @param {number} x CSS pixels
   * @param {number} y
   */
  isOnLine(x, y) {
    const [[top, left], [bottom, right]] = this.ends.map((end) => end.map((v) => ((v + 0.5) * this.unit) / this.ratio));
    const [across, down] = [right - left, bottom - top];
    const along = clamp(((x - left) * across + (y - top) * down) / (across ** 2 + down ** 2 || 1), 0, 1);
    return Math.hypot(x - left - along * across, y - top - along * down) < FINGER;
  }

  /**
   * Take hold of the nearer end of the line, or of the whole line between its ends, until the pointer is let go.
   * @param {Side} s
   * @param {PointerEvent} event
   */
  grab(s, event) {
    const { left, top } = s.canvas.getBoundingClientRect();
    if (event.pointerType === "touch" && !this.isOnLine(event.clientX - left, event.clientY - top)) return;
    event.preventDefault();
    const place = (/** @type {PointerEvent} */ e) => {
      const box = s.canvas.getBoundingClientRect();
      return [e.clientY - box.top, e.clientX - box.left].map((v) => (v * this.ratio) / this.unit - 0.5);
    };
    const from = place(event);
    const before = this.ends.map((end) => [...end]);
    const far = before.map((end) => Math.hypot(end[0] - from[0], end[1] - from[1]));
    const reach = (FINGER * this.ratio) / this.unit;
    const held = Math.min(...far) <= reach ? [far.indexOf(Math.min(...far))] : [0, 1];
    const move = (/** @type {PointerEvent} */ e) => {
      const now = place(e);
      held.forEach((i) => (this.ends[i] = before[i].map((v, axis) => v + now[axis] - from[axis])));
      this.hold();
    };
    s.picture.setPointerCapture(event.pointerId);
    s.picture.onpointermove = move;
    s.picture.onpointerup = s.picture.onpointercancel = () => (s.picture.onpointermove = null);
    if (held.length === 1) s.handles[held[0]].focus({ preventScroll: true });
  }

  /**
   * Move an end by an arrow key.
   * @param {number} i
   * @param {KeyboardEvent} event
   */
  key(i, event) {
    const step = arrowStep(event);
    if (!step) return;
    const far = event.shiftKey ? 8 : 1;
    this.ends[i] = this.ends[i].map((v, axis) => v + far * step[axis]);
    this.hold();
  }

  /** Keep both ends on the picture, and draw. */
  hold() {
    const { height, width } = this.sides[0].image;
    this.ends = this.ends.map(([y, x]) => [clamp(y, 0, height - 1), clamp(x, 0, width - 1)]);
    this.draw();
  }

  draw() {
    const size = this.unit / this.ratio;
    const found = this.sides.map((s) => alongLine(s.image, this.ends[0], this.ends[1]));
    const edge = steepest(found[0].values);
    for (const [k, s] of this.sides.entries()) {
      const [start, end] = this.ends.map((place) => place.map((v) => (v + 0.5) * size));
      const { height, width } = s.image;
      s.line.setAttribute("viewBox", `0 0 ${width * size} ${height * size}`);
      const share = (edge + 0.5) / (found[0].values.length - 1);
      const [my, mx] = start.map((v, axis) => v + (end[axis] - v) * share);
      const path = { d: `M${start[1]} ${start[0]}L${end[1]} ${end[0]}` };
      s.line.replaceChildren(
        makeSvg("path", { class: "halo", ...path }),
        makeSvg("path", path),
        makeSvg("circle", { cx: mx, cy: my, r: 5 }),
      );
      s.handles.forEach((handle, i) => (handle.style.translate = `${[start, end][i][1]}px ${[start, end][i][0]}px`));
      this.chart(s, found[k], edge);
    }
    const [before, after] = found.map(({ values }) => values);
    const step = before[edge + 1] - before[edge];
    this.sentence.textContent =
      `The steepest point is ${formatNumber(edge + 0.5, 1)} px from the start: there the brightness changes from ${formatNumber(before[edge])} to ${formatNumber(before[edge + 1])}` +
      ` (${step > 0 ? "+" : ""}${formatNumber(step)}), and the kernel's response is ${formatNumber(after[Math.min(edge + (Math.abs(after[edge + 1]) > Math.abs(after[edge]) ? 1 : 0), after.length - 1)])}.`;
  }

  /**
   * @param {Side} s
   * @param {Along} along
   * @param {number} edge
   */
  chart(s, { length, values }, edge) {
    const width = s.chart.clientWidth || 380;
    const { height, left, right, top, bottom } = CHART;
    const signed = s.scale.kind === "signed";
    const [low, high] = [signed ? -s.scale.limit : 0, s.scale.limit];
    const x = (/** @type {number} */ i) => left + ((width - left - right) * i) / (values.length - 1);
    const y = (/** @type {number} */ v) => top + (height - top - bottom) * (1 - clamp((v - low) / (high - low), 0, 1));
    s.chart.setAttribute("viewBox", `0 0 ${width} ${height}`);
    s.chart.setAttribute(
      "aria-label",
      `${s.name === "before" ? "Brightness" : "The kernel's response"} along the line, ${formatNumber(length, 0)} pixels`,
    );
    const ticks = signed ? [low, 0, high] : [low, (low + high) / 2, high];
    const rules = ticks.map((v) =>
      makeSvg("path", { class: v === 0 ? "zero" : "rule", d: `M${left} ${y(v)}H${width - right}` }),
    );
    const labels = ticks.map((v) =>
      makeSvg("text", { x: left - 6, y: y(v) + 4, "text-anchor": "end" }, formatNumber(v)),
    );
    const line = values.map((v, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(v).toFixed(1)}`).join("");
    const middle = makeSvg("path", { class: "edge", d: `M${x(edge + 0.5)} ${top}V${height - bottom}` });
    const end = [
      makeSvg("text", { x: left, y: height - 8 }, "start"),
      makeSvg("text", { x: width - right, y: height - 8, "text-anchor": "end" }, `${formatNumber(length, 0)} px`),
    ];
    const name = makeSvg(
      "text",
      { class: "name", x: (left + width) / 2, y: height - 8, "text-anchor": "middle" },
      s.name === "before" ? "brightness before" : "the kernel's response",
    );
    s.chart.replaceChildren(
      ...rules,
      middle,
      makeSvg("path", { class: `curve ${s.name}`, d: line }),
      ...labels,
      ...end,
      name,
    );
  }
}

/** @param {Component} component */
export default function mount(component) {
  return mountPart(Profile, component);
}
