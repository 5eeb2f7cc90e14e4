// What is known of the networks' answers: for single transforms, and over the range of one number.

import { ORDER, UNCHANGED } from "./transform.js";

/** @typedef {import("./transform.js").Values} Values */
/** @typedef {keyof Values} Name */
/** @typedef {{about: string, transform: number[], along: Name, values: number[], unchanged: string[], moved: string[], strip: string[]}} Sent */
/** @typedef {{values: number[], outputs: Float32Array[][]}} Strip the outputs of each network at each value */

const MOST = 3000; // kept; a picture's shifts by whole pixels are 625

/**
 * Return a transform's name.
 * @param {Values} values
 */
export const nameOf = (values) => ORDER.map((name) => String(Math.round(values[name] * 1e4) / 1e4 + 0)).join(" ");

/**
 * Return the name of a strip: it does not depend on the number that varies.
 * @param {Values} values
 * @param {Name} along
 */
const stripName = (values, along) => `${along} ${nameOf({ ...values, [along]: 0 })}`;

/** @param {string} text */
function decode(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

/** All that has been answered about one picture by the same networks. */
export class Answers {
  about = "";
  /** @type {Map<string, Float32Array[]>} by a transform's name, each network's outputs */
  single = new Map();
  /** @type {Map<string, Strip>} */
  strips = new Map();
  /** @type {Float32Array[]} */
  unchanged = [];

  /** @param {Sent} sent */
  add({ about, transform, along, values, unchanged, moved, strip }) {
    if (about !== this.about || this.single.size > MOST) {
      this.about = about;
      this.single.clear();
      this.strips.clear();
    }
    const at = /** @type {Values} */ (Object.fromEntries(ORDER.map((name, i) => [name, transform[i]])));
    this.unchanged = unchanged.map(decode);
    this.single.set(nameOf(UNCHANGED), this.unchanged);
    this.single.set(nameOf(at), moved.map(decode));
    const blocks = strip.map(decode);
    const outputs = blocks.map((block) => {
      const classes = block.length / values.length;
      return values.map((_, i) => block.subarray(i * classes, (i + 1) * classes));
    });
    this.strips.set(stripName(at, along), { values, outputs });
    values.forEach((value, i) =>
      this.single.set(
        nameOf({ ...at, [along]: value }),
        outputs.map((one) => one[i]),
      ),
    );
  }

  /**
   * Return each network's outputs for a transform; undefined where they are not known.
   * @param {Values} values
   */
  at(values) {
    return this.single.get(nameOf(values));
  }

  /**
   * Return each network's outputs over the range of one number; undefined where they are not known.
   * @param {Values} values
   * @param {Name} along
   */
  over(values, along) {
    return this.strips.get(stripName(values, along));
  }
}

/**
 * Return the index of the largest number.
 * @param {ArrayLike<number>} numbers
 */
export function largest(numbers) {
  let best = 0;
  for (let i = 1; i < numbers.length; i++) if (numbers[i] > numbers[best]) best = i;
  return best;
}

/**
 * Return the index of the value nearest to another.
 * @param {number[]} values
 * @param {number} to
 */
export const nearest = (values, to) => largest(values.map((value) => -Math.abs(value - to)));

/**
 * Return the nearest indices below and above `start` at which a prediction differs from that there.
 * @param {number[]} predictions
 * @param {number} start
 */
export function turningPoints(predictions, start) {
  const differs = (/** @type {number} */ i) => predictions[i] !== predictions[start];
  const all = predictions.map((_, i) => i);
  const below = all.slice(0, start).filter(differs).at(-1);
  const above = all.slice(start + 1).find(differs);
  return [below, above].filter((i) => i !== undefined);
}
