// A square to draw a digit on, with a pointer, a finger, or the arrow keys. Its strokes are points of a sheet of SHEET px.

import { arrowStep, clamp } from "../kit/elements.js";
import { SHEET } from "./digit.js";

/** @typedef {import("./digit.js").Point} Point */

const MAX_POINTS = 4000;
const NEAR = 1; // px of the sheet: a point nearer to the last one adds nothing
const STEP = 14; // px of the sheet an arrow key moves the pen

export class Pad {
  /** @type {Point[][]} */
  strokes = [];
  /** @type {Point | null} where the keyboard's pen is; null while it is not in use */
  pen = null;
  isDown = false; // the keyboard's pen
  /** @type {number | null} */
  pointer = null;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(begins: boolean) => void} changed called with each new point, and whether a stroke begins with it
   */
  constructor(canvas, changed) {
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button || this.pointer !== null) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      this.pointer = event.pointerId;
      this.pen = null;
      this.#begin(place(event), changed);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== this.pointer) return;
      const together = event.getCoalescedEvents?.() ?? [];
      if ((together.length ? together : [event]).map((one) => this.#add(place(one))).includes(true)) changed(false);
    });
    for (const name of ["pointerup", "pointercancel"])
      canvas.addEventListener(name, (event) => {
        if (/** @type {PointerEvent} */ (event).pointerId === this.pointer) this.pointer = null;
      });
    canvas.addEventListener("keydown", (event) => {
      if (event.key === " ") {
        event.preventDefault();
        this.pen ??= [SHEET / 2, SHEET / 4];
        this.isDown = !this.isDown;
        if (this.isDown) this.#begin(this.pen, changed);
        else changed(false);
        return;
      }
      const step = arrowStep(event);
      if (!step) return;
      const [x, y] = this.pen ?? [SHEET / 2, SHEET / 4];
      this.pen = [clamp(x + STEP * step[1], 0, SHEET), clamp(y + STEP * step[0], 0, SHEET)];
      if (this.isDown) this.#add(this.pen);
      changed(false);
    });
    canvas.addEventListener("blur", () => ([this.pen, this.isDown] = [null, false]));

    /**
     * @param {PointerEvent} event
     * @returns {Point}
     */
    function place(event) {
      const box = canvas.getBoundingClientRect();
      const at = (/** @type {number} */ offset, /** @type {number} */ size) => clamp((offset / size) * SHEET, 0, SHEET);
      return [at(event.clientX - box.left, box.width), at(event.clientY - box.top, box.height)];
    }
  }

  /** Whether a stroke is being drawn. */
  get isBusy() {
    return this.pointer !== null || this.isDown;
  }

  clear() {
    this.strokes = [];
    this.isDown = false;
  }

  /**
   * @param {Point} point
   * @param {(begins: boolean) => void} changed
   */
  #begin(point, changed) {
    changed(true);
    this.strokes.push([point]);
    changed(false);
  }

  /**
   * @param {Point} point
   * @returns {boolean} whether it is new
   */
  #add([x, y]) {
    const stroke = this.strokes[this.strokes.length - 1];
    const [lastX, lastY] = stroke[stroke.length - 1];
    const count = this.strokes.reduce((sum, points) => sum + points.length, 0);
    if (count >= MAX_POINTS || Math.hypot(x - lastX, y - lastY) < NEAR) return false;
    stroke.push([x, y]);
    return true;
  }
}
