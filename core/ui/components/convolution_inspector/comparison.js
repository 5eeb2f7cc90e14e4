// The output of a changed kernel beside that of the kernel it was: both, and their difference, as three thumbnails.

import { chooseScales, paintGrid, range } from "../kit/drawing.js";
import { make } from "../kit/elements.js";
import { compute } from "../kit/math.js";

/** @typedef {import("../kit/drawing.js").Scale} Scale */
/** @typedef {import("../kit/drawing.js").Theme} Theme */
/** @typedef {import("../kit/math.js").Planes} Planes */
/** @typedef {import("../kit/math.js").Settings} Settings */

/**
 * @typedef {object} Reference The kernel that a page opens with: a name, a sentence about it and its weights.
 * @property {string} title
 * @property {string} text
 * @property {number[][][]} kernel
 */

export const THUMBNAIL = 96; // CSS pixels of the longer side, nearly

/**
 * Return whether a kernel has other weights, or more or fewer of them.
 * @param {Settings["kernel"]} kernel
 * @param {Reference} reference
 */
export const isChanged = (kernel, reference) => JSON.stringify(kernel) !== JSON.stringify(reference.kernel);

/**
 * Return one output minus the other; null where they differ in size.
 * @param {Planes} a
 * @param {Planes} b
 * @returns {Planes | null}
 */
export function difference(a, b) {
  if (a.depth !== b.depth || a.height !== b.height || a.width !== b.width) return null;
  return { ...a, values: a.values.map((v, i) => v - b.values[i]) };
}

export class Comparison {
  constructor() {
    const canvas = () => make("canvas", { width: THUMBNAIL, height: THUMBNAIL }); // its room before it is drawn
    this.canvases = [canvas(), canvas(), canvas()];
    this.titles = ["Yours", "", "Difference"].map((title) => make("span", {}, title));
    this.figures = this.canvases.map((canvas, i) => make("span", { class: "thumbnail" }, canvas, this.titles[i]));
    this.root = make("div", { class: "comparison", role: "img", "aria-label": "" }, ...this.figures);
    this.known = ""; // what the reference's output was computed from
    /** @type {Planes | null} */
    this.image = null;
    /** @type {Planes | null} */
    this.output = null;
  }

  /**
   * Draw the three outputs; nothing while the weights are the reference's.
   * @param {Planes} image
   * @param {Settings} settings
   * @param {Planes} output
   * @param {Scale} scale the output's
   * @param {Reference} reference
   * @param {Theme} theme
   * @param {number} ratio
   */
  show(image, settings, output, scale, reference, theme, ratio) {
    const changed = isChanged(settings.kernel, reference);
    this.root.classList.toggle("unused", !changed);
    if (!changed) return;
    const before = this.#before(image, settings, reference);
    const change = before && difference(output, before.output);
    this.titles[1].textContent = reference.title;
    this.root.setAttribute(
      "aria-label",
      `Output of your kernel, of ${reference.title}${change ? ", and their difference" : ""}`,
    );
    const scales = [
      scale,
      before?.scale,
      change && { kind: change.depth === 3 ? "sizes" : "signed", limit: range(change.values).size || 1 },
    ];
    [output, before?.output, change].forEach((grid, i) => {
      const own = scales[i];
      this.figures[i].hidden = !grid;
      if (!grid || !own) return;
      const unit = Math.max(1, Math.round((THUMBNAIL * ratio) / Math.max(grid.width, grid.height)));
      paintGrid(this.canvases[i], grid, own, unit, ratio, theme, () => "");
    });
  }

  /**
   * Return the reference's output and its scale; computed again only where something but the weights has changed.
   * @param {Planes} image
   * @param {Settings} settings
   * @param {Reference} reference
   */
  #before(image, settings, reference) {
    const { kernel } = reference;
    const used = { ...settings, kernel, window: [kernel[0].length, kernel[0][0].length] };
    const known = JSON.stringify(used);
    if (image !== this.image || known !== this.known) {
      const { output, g } = compute(image, used);
      [this.image, this.known] = [image, known];
      this.output = g.y.count > 0 && g.x.count > 0 ? output : null;
    }
    return this.output && { output: this.output, scale: chooseScales(image, this.output, used).output };
  }
}
