// A square to draw on. What was drawn is a list of strokes, each a list of points [x, y] from 0 to `side`, whatever the
// square's size on the screen; it is sent after every stroke, undo and clear. Everything is drawn from `strokes`.

import { penOf } from "../kit/drawing.js";
import { clamp, find } from "../kit/elements.js";

/** @typedef {import("../kit/component.js").Component} Component */
/** @typedef {[number, number]} Point */
/** @typedef {{pen: number, side: number, shown: number, strokes: Point[][], most: number}} Data */
/** @typedef {(data: Data, tell: Component["setStateValue"]) => void} Update */

const SHARP = 2; // canvas pixels a screen pixel
const NEAR = 1; // px: a point nearer to the last one adds nothing

/** @type {WeakMap<Element, Update>} what takes new data of each root */
const updates = new WeakMap();

/**
 * Show the square of `data`, with the strokes of its first call.
 * @param {Component} component
 */
export default function mount({ parentElement, data, setStateValue }) {
  const root = find(parentElement, ".pad");
  const update = updates.get(root) ?? build(root, data);
  updates.set(root, update);
  update(data, setStateValue);
}

/**
 * @param {HTMLElement} root
 * @param {Data} data
 * @returns {Update}
 */
function build(root, { side, shown, strokes: known, most }) {
  /** @type {HTMLCanvasElement} */
  const canvas = find(root, "canvas");
  const context = penOf(canvas);
  /** @type {HTMLButtonElement[]} */
  const [undo, clear] = [".undo", ".clear"].map((name) => find(root, name));
  let strokes = known.map((stroke) => stroke.map(([x, y]) => /** @type {Point} */ ([x, y])));
  let pen = 1;
  /** @type {(strokes: Point[][]) => void} */
  let send = () => {};
  /** @type {number | null} */
  let drawing = null;
  canvas.width = canvas.height = side * SHARP;
  canvas.style.width = `${shown}px`;
  canvas.style.aspectRatio = "1";

  canvas.onpointerdown = (event) => {
    if (event.button || drawing !== null || points() >= most) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    drawing = event.pointerId;
    strokes.push([at(event)]);
    draw();
  };
  canvas.onpointermove = (event) => {
    if (event.pointerId !== drawing || points() >= most) return;
    const stroke = strokes[strokes.length - 1];
    const [x, y] = at(event);
    const [lastX, lastY] = stroke[stroke.length - 1];
    if (Math.hypot(x - lastX, y - lastY) < NEAR) return;
    stroke.push([x, y]);
    draw();
  };
  canvas.onpointerup = canvas.onpointercancel = (event) => {
    if (event.pointerId !== drawing) return;
    drawing = null;
    tell();
  };
  undo.onclick = () => {
    strokes.pop();
    tell();
  };
  clear.onclick = () => {
    strokes = [];
    tell();
  };

  /**
   * @param {PointerEvent} event
   * @returns {Point}
   */
  function at(event) {
    const box = canvas.getBoundingClientRect();
    const place = (/** @type {number} */ offset) => Math.round(clamp((offset / box.width) * side, 0, side) * 10) / 10;
    return [place(event.clientX - box.left), place(event.clientY - box.top)];
  }

  function points() {
    return strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  }

  function tell() {
    draw();
    send(strokes);
  }

  function draw() {
    context.setTransform(SHARP, 0, 0, SHARP, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, side, side);
    Object.assign(context, { lineWidth: pen, lineCap: "round", lineJoin: "round", strokeStyle: "#fff" });
    for (const stroke of strokes) {
      context.beginPath();
      context.moveTo(...stroke[0]);
      for (const point of stroke.length > 1 ? stroke.slice(1) : stroke) context.lineTo(...point);
      context.stroke();
    }
    undo.disabled = clear.disabled = strokes.length === 0;
  }

  return (data, tellPython) => {
    pen = data.pen;
    send = (found) => tellPython("strokes", found);
    draw();
  };
}
