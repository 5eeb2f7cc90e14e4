// The picture as its own handle: dragged it shifts, at a corner it scales, at the knob above it turns.

import { clamp, make, makeSvg, scrollBeside, setAll } from "../kit/elements.js";
import { forward } from "./transform.js";
import { HANDLES, withUnit } from "./what_to_notice.js";

/** @typedef {import("./transform.js").Values} Values */
/** @typedef {keyof Values} Name */
/** @typedef {(changed: Partial<Values>) => void} Change */

const INK = 25; // of 255: what a digit's frame holds
const ALL = 0.36; // of the side either way: the frame of a picture that has no black ground
const KNOB = 26; // px from the frame
const FINGER = 16; // px around the frame that belong to it under a finger
const INSET = 10; // px: no handle leaves the picture
const CORNERS = [
  [-1, -1],
  [1, -1],
  [1, 1],
  [-1, 1],
];
const KEYS = /** @type {const} */ ({
  ArrowLeft: ["dx", -1],
  ArrowRight: ["dx", 1],
  ArrowUp: ["dy", -1],
  ArrowDown: ["dy", 1],
});

/** @param {number} value */
const rounded = (value) => Math.round(value * 100) / 100 + 0;

/**
 * Return what a drag from one place to another makes of a shift: whole pixels, or tenths.
 * @param {Values} from
 * @param {[number, number]} moved in pixels of the picture
 * @param {boolean} fine
 */
export function shifted(from, [x, y], fine) {
  const parts = fine ? 10 : 1;
  const snap = (/** @type {number} */ value) => rounded(Math.round(value * parts) / parts);
  return { dx: snap(from.dx + x), dy: snap(from.dy + y) };
}

/**
 * Return the turn for a pointer at a place: whole degrees from -180 to 180, or with `fine` tenths.
 * @param {Values} from
 * @param {[number, number]} start where the pointer went down, from the picture's middle
 * @param {[number, number]} now
 */
export function turned(from, start, now) {
  const angle = (/** @type {[number, number]} */ [x, y]) => (Math.atan2(y - from.dy, x - from.dx) * 180) / Math.PI;
  const turn = from.rotate + angle(now) - angle(start);
  return { rotate: Math.round(((((turn + 180) % 360) + 360) % 360) - 180) + 0 };
}

/**
 * Return the scale for a pointer at a place: so many times farther from the middle, so many times larger.
 * @param {Values} from
 * @param {[number, number]} start
 * @param {[number, number]} now
 */
export function scaled(from, start, now) {
  const far = (/** @type {[number, number]} */ [x, y]) => Math.max(Math.hypot(x - from.dx, y - from.dy), 0.5);
  return { scale: rounded(Math.round(((from.scale * far(now)) / far(start)) * 50) / 50) };
}

/**
 * Return what a key changes, as [name, steps]; null of other keys.
 * @param {string} key
 * @returns {[Name, number] | null}
 */
export function keyed(key) {
  if (key in KEYS) return [...KEYS[/** @type {keyof typeof KEYS} */ (key)]];
  if (key === "+" || key === "=") return ["scale", 1];
  if (key === "-" || key === "_" || key === "−") return ["scale", -1];
  if (key === "[" || key === "{") return ["rotate", -1];
  if (key === "]" || key === "}") return ["rotate", 1];
  return null;
}

/**
 * Return the frame of what a picture shows, from its middle: left, top, right, bottom.
 * @param {ArrayLike<number>} pixels
 * @param {number[]} shape
 * @returns {[number, number, number, number]}
 */
export function frameOf(pixels, [channels, height, width]) {
  const inked = Array.from({ length: height * width }, (_, i) => i).filter((i) => channels === 1 && pixels[i] > INK);
  if (!inked.length || inked.length > (height * width) / 2) {
    const [x, y] = [ALL * width, ALL * height];
    return [-x, -y, x, y];
  }
  const [rows, columns] = [inked.map((i) => Math.floor(i / width)), inked.map((i) => i % width)];
  return [
    Math.min(...columns) - width / 2,
    Math.min(...rows) - height / 2,
    Math.max(...columns) + 1 - width / 2,
    Math.max(...rows) + 1 - height / 2,
  ];
}

export class Handles {
  /** @type {Values} */
  values;
  side = 28;
  /** @type {number[][]} the frame's corners, in CSS pixels */
  framed = [];

  /**
   * @param {HTMLElement} parent what the canvas stands in
   * @param {Record<Name, [number, number]>} limits
   * @param {Change} change
   */
  constructor(parent, limits, change) {
    this.limits = limits;
    this.change = change;
    this.frame = makeSvg("polygon", { class: "frame" });
    this.stalk = makeSvg("line", { class: "frame" });
    this.lines = makeSvg("svg", { class: "lines", "aria-hidden": "true" }, this.frame, this.stalk);
    this.pad = this.slider("pad", "dx");
    this.pad.setAttribute("aria-label", "Shift: arrow keys; plus and minus scale, square brackets turn");
    this.corners = CORNERS.map((_, i) => {
      const corner = i === 2 ? this.slider("corner", "scale") : make("span", { class: "corner" });
      corner.title = "Drag: scale";
      return corner;
    });
    this.knob = this.slider("knob", "rotate");
    this.knob.title = "Drag: turn";
    this.pad.title = "Drag: shift. With Shift, tenths of a pixel";
    parent.append(this.lines, this.pad, ...this.corners, this.knob);
    this.follow(this.pad, (from, start, now, event) =>
      shifted(from, [now[0] - start[0], now[1] - start[1]], event.shiftKey),
    );
    for (const corner of this.corners) this.follow(corner, scaled);
    this.follow(this.knob, turned);
    scrollBeside(this.pad, (x, y) => this.isOnDigit(x, y));
    this.pad.addEventListener("keydown", (event) => this.key(event, null));
    this.corners[2].addEventListener("keydown", (event) => this.key(event, "scale"));
    this.knob.addEventListener("keydown", (event) => this.key(event, "rotate"));
  }

  /**
   * @param {string} kind
   * @param {Name} name
   */
  slider(kind, name) {
    const [low, high] = this.limits[name];
    const label = HANDLES[name].title;
    return make("span", {
      class: kind,
      role: "slider",
      tabindex: 0,
      "aria-label": label,
      "aria-valuemin": low,
      "aria-valuemax": high,
    });
  }

  /**
   * @param {HTMLElement} handle
   * @param {(from: Values, start: [number, number], now: [number, number], event: PointerEvent) => Partial<Values>} act
   */
  follow(handle, act) {
    /** @type {{from: Values, start: [number, number]} | null} */
    let drag = null;
    /** @type {(event: PointerEvent) => [number, number]} */
    const place = (event) => {
      const box = this.pad.getBoundingClientRect();
      const zoom = box.width / this.side;
      return [(event.clientX - box.left) / zoom - this.side / 2, (event.clientY - box.top) / zoom - this.side / 2];
    };
    handle.addEventListener("pointerdown", (event) => {
      if (event.button || (event.pointerType === "touch" && handle === this.pad && !this.isTouched(event))) return;
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      if (handle.tabIndex === 0) handle.focus({ preventScroll: true });
      drag = { from: { ...this.values }, start: place(event) };
      handle.classList.add("held");
    });
    handle.addEventListener("pointermove", (event) => {
      if (drag) this.set(act(drag.from, drag.start, place(event), event));
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
      handle.addEventListener(end, () => {
        drag = null;
        handle.classList.remove("held");
      });
  }

  /** @param {PointerEvent} event */
  isTouched(event) {
    const { left, top } = this.pad.getBoundingClientRect();
    return this.isOnDigit(event.clientX - left, event.clientY - top);
  }

  /**
   * Return whether a place on the pad is within a finger's reach of the frame: beside it a finger scrolls the page.
   * @param {number} x CSS pixels
   * @param {number} y
   */
  isOnDigit(x, y) {
    const [across, down] = [0, 1].map((axis) => this.framed.map((corner) => corner[axis]));
    return [across, down].every((places, axis) => {
      const at = axis ? y : x;
      return at > Math.min(...places) - FINGER && at < Math.max(...places) + FINGER;
    });
  }

  /** @param {Partial<Values>} changed */
  set(changed) {
    const within = Object.entries(changed).map(([name, value]) => {
      const [low, high] = this.limits[/** @type {Name} */ (name)];
      return [name, rounded(clamp(value, low, high))];
    });
    this.change(Object.fromEntries(within));
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Name | null} own what arrow keys change; null for the shift
   */
  key(event, own) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const found = keyed(event.key);
    if (!found) return;
    event.preventDefault();
    event.stopPropagation();
    const isArrow = event.key.startsWith("Arrow");
    const name = own && isArrow ? own : found[0];
    const steps = own && isArrow && found[0] === "dy" ? -found[1] : found[1]; // up is more
    const { step } = HANDLES[name];
    const size = event.shiftKey && (isArrow || name === "rotate") ? (name === "rotate" ? 1 : step / 10) : step;
    this.set({ [name]: this.values[name] + steps * size });
  }

  /**
   * Draw the handles where the picture is now.
   * @param {Values} values
   * @param {[number, number, number, number]} frame of what it shows, before the transform
   * @param {number} side pixels of the picture
   * @param {number} zoom CSS pixels of a pixel
   */
  draw(values, [left, over, right, under], side, zoom) {
    [this.values, this.side] = [values, side];
    const whole = side * zoom;
    /** @type {(point: [number, number]) => [number, number]} */
    const onScreen = (point) => {
      const [x, y] = forward(values, point);
      return [(x + side / 2) * zoom, (y + side / 2) * zoom];
    };
    const inside = (/** @type {[number, number]} */ [x, y]) => [
      clamp(x, INSET, whole - INSET),
      clamp(y, INSET, whole - INSET),
    ];
    const corners = CORNERS.map(([x, y]) => onScreen([x < 0 ? left : right, y < 0 ? over : under]));
    this.framed = corners;
    const top = onScreen([(left + right) / 2, over]);
    const middle = onScreen([(left + right) / 2, over + 1]);
    const far = Math.hypot(top[0] - middle[0], top[1] - middle[1]) || 1;
    /** @type {[number, number]} */
    const tip = [top[0] + ((top[0] - middle[0]) / far) * KNOB, top[1] + ((top[1] - middle[1]) / far) * KNOB];
    setAll(this.lines, { viewBox: `0 0 ${whole} ${whole}`, width: whole, height: whole });
    this.frame.setAttribute("points", corners.map((corner) => corner.map((n) => n.toFixed(1)).join(",")).join(" "));
    const knob = inside(tip);
    setAll(this.stalk, { x1: top[0], y1: top[1], x2: knob[0], y2: knob[1] });
    const put = (/** @type {HTMLElement} */ handle, /** @type {number[]} */ [x, y]) =>
      (handle.style.translate = `${x.toFixed(1)}px ${y.toFixed(1)}px`);
    corners.forEach((corner, i) => put(this.corners[i], inside(corner)));
    put(this.knob, knob);
    const say = (/** @type {HTMLElement} */ handle, /** @type {Name} */ name, /** @type {string} */ text) =>
      setAll(handle, { "aria-valuenow": values[name], "aria-valuetext": text });
    say(
      this.pad,
      "dx",
      `right ${withUnit("dx", values.dx)}, down ${withUnit("dy", values.dy)}`.replaceAll("−", "minus "),
    );
    say(this.corners[2], "scale", withUnit("scale", values.scale));
    say(this.knob, "rotate", withUnit("rotate", values.rotate).replace("−", "minus "));
  }
}
